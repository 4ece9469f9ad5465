"""A real mail server on this host, that keeps what it was sent and can be told to misbehave."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope

USER, PASSWORD = "renkei", "mail-password-in-tests"


@dataclass
class Mailbox:
    """What was taken. ``answer`` is what the server says to a mail instead of taking it.

    ``lost``: it takes the mail, and hangs up before it says so.
    """

    mails: list[EmailMessage] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)
    answer: str = ""
    refused: set[str] = field(default_factory=set)
    lost: bool = False
    port: int = 0
    on_mail: Callable[[], None] = lambda: None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return f"550 no such mailbox {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.answer:
            return self.answer
        mail = message_from_bytes(bytes(envelope.content or b""), policy=policy.default)
        self.mails.append(mail)  # type: ignore[arg-type]  # the default policy makes these
        self.signed_in.append(bool(session.authenticated))
        self.on_mail()
        if self.lost:
            assert server.transport is not None
            server.transport.abort()
        return "250 OK"

    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]

    def texts(self) -> list[str]:
        return [f"{mail['Subject']}\n{mail.get_content()}" for mail in self.mails]


class _Server(Controller):
    """The library's controller; its check that it is up must not talk TLS."""


@contextmanager
def served(
    box: Mailbox, *, certificate: tuple[Path, Path] | None = None, port: int = 0
) -> Iterator[Mailbox]:
    """The mail server, up while the block runs; with STARTTLS where it has a certificate."""
    given: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        given = {
            "tls_context": context,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": _authenticate,
        }
    server = _Server(box, hostname="127.0.0.1", port=port or free_port(), **given)
    server.start()
    box.port = server.port
    try:
        yield box
    finally:
        server.stop()


def _authenticate(_server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
    known = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


def free_port() -> int:
    """A port of this host that nobody listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
