"""Mail by SMTP. A mail server has no keys: a mail whose fate is unknown may come twice.

Its Message-ID is the same both times, by which many mailboxes show it once.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from connectors.kit.errors import ConnectorError, Unavailable
from sync.config.alerts import MailConfig
from sync.engine.incidents.errors import AlertRefused

TIMEOUT_SECONDS = 20.0
"""How long a mail server may take for each answer."""


def mail_of(config: MailConfig, alert_id: str, content: dict[str, Any], at: datetime) -> Any:
    """An alert as a mail."""
    mail = EmailMessage()
    mail["Subject"] = content["title"]
    mail["From"] = config.sender
    mail["To"] = ", ".join(config.to)
    mail["Date"] = at
    mail["Message-ID"] = f"<{alert_id}@{config.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n".join(content["lines"]) + "\n", cte="base64")
    return mail


def post(config: MailConfig, mail: EmailMessage) -> int:
    """Hand a mail to the server; how many of those who should get it were refused.

    Raises AlertRefused, or Unavailable, whose ``maybe_applied`` says that the mail may have been
    taken. What servers say is not repeated: they quote addresses.
    """
    with _faults("MAIL_UNREACHABLE", sent=False):
        server = _connect(config)
    try:
        with _faults("MAIL_UNREACHABLE", sent=False):
            if config.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if config.user is not None and config.password is not None:
                server.login(config.user, config.password.get_secret_value())
        with _faults("MAIL_UNSURE", sent=True):
            refused = server.send_message(mail, config.sender, config.to)
        with suppress(smtplib.SMTPException, OSError):  # the mail is taken, whatever follows
            server.quit()
    finally:
        server.close()
    return len(refused)


def _connect(config: MailConfig) -> smtplib.SMTP:
    if config.security == "tls":
        return smtplib.SMTP_SSL(
            config.host,
            config.port,
            timeout=TIMEOUT_SECONDS,
            context=ssl.create_default_context(),
        )
    return smtplib.SMTP(config.host, config.port, timeout=TIMEOUT_SECONDS)


@contextmanager
def _faults(code: str, *, sent: bool) -> Iterator[None]:
    """What smtplib raises, by what it means: our errors, with nothing of what servers say."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise AlertRefused("the mail server refused the sign-in", code="MAIL_SIGN_IN") from error
    except smtplib.SMTPNotSupportedError as error:
        raise AlertRefused("the mail server lacks STARTTLS", code="MAIL_NO_TLS") from error
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
        raise _refused(error) from error
    except ssl.SSLCertVerificationError as error:
        raise AlertRefused(
            "the mail server's certificate is not trusted", code="MAIL_CERTIFICATE"
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(
            f"the mail server did not answer ({type(error).__name__})",
            maybe_applied=sent,
            code=code,
        ) from error


def _refused(error: smtplib.SMTPException) -> ConnectorError:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        statuses = [status for status, _ in error.recipients.values()]
    else:
        statuses = [getattr(error, "smtp_code", 500)]
    status = max(statuses)
    message = f"the mail server refused the mail ({status})"
    if status < 500:
        return Unavailable(message, status=status, code="MAIL_PUT_OFF")
    return AlertRefused(message, status=status, code="MAIL_REFUSED")
