"""Mail goes to a real server: encrypted, signed in, and every refusal has its meaning."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from connectors.kit.errors import ConnectorError, Unavailable
from sync.config.alerts import MailConfig
from sync.engine.incidents import smtp
from sync.engine.incidents.errors import AlertRefused
from sync.engine.incidents.smtp import mail_of, post
from tests.journeys.mailbox import PASSWORD, USER, Mailbox, served

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
CONTENT = {"title": "[Renkei] 要対応: 再認証が必要（crm）", "lines": ["■ 再認証", "対処: renkei"]}


def config(box: Mailbox, **said: Any) -> MailConfig:
    usual = {
        "host": "127.0.0.1",
        "port": box.port,
        "security": "none",
        "from": "renkei@hub.example",
        "to": ["ops@hub.example", "boss@hub.example"],
    }
    return MailConfig.model_validate({**usual, **said})


def hand_over(box: Mailbox, **said: Any) -> int:
    given = config(box, **said)
    return post(given, mail_of(given, "al_1", CONTENT, NOW))


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with served(Mailbox()) as found:
        yield found


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of this host's own making, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    home, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail in tests")])
    day = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day - timedelta(days=1))
        .not_valid_after(day + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = home / "cert.pem", home / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


def test_a_mail_arrives_whole_in_japanese(box: Mailbox) -> None:
    assert hand_over(box) == 0
    (mail,) = box.mails
    assert mail["Subject"] == CONTENT["title"]
    assert mail.get_content() == "■ 再認証\n対処: renkei\n"
    assert (mail["From"], mail["To"]) == ("renkei@hub.example", "ops@hub.example, boss@hub.example")
    assert mail["Message-ID"] == "<al_1@hub.example>"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_starttls_and_a_sign_in(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with served(Mailbox(), certificate=certificate) as box:
        said = {"security": "starttls", "user": USER}
        assert hand_over(box, **said, password=PASSWORD) == 0
        assert box.signed_in == [True]
        with pytest.raises(AlertRefused) as refused:
            hand_over(box, **said, password="wrong-in-tests")
    assert refused.value.code == "MAIL_SIGN_IN"
    assert "wrong-in-tests" not in str(refused.value)


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    certificate: tuple[Path, Path],
) -> None:
    with served(Mailbox(), certificate=certificate) as box:
        with pytest.raises(AlertRefused) as refused:
            hand_over(box, security="starttls")
        assert refused.value.code == "MAIL_CERTIFICATE"
        assert box.mails == []


def test_a_server_without_starttls_gets_nothing(box: Mailbox) -> None:
    with pytest.raises(AlertRefused) as refused:
        hand_over(box, security="starttls", user=USER, password=PASSWORD)
    assert refused.value.code == "MAIL_NO_TLS"
    assert box.mails == []


def test_one_address_that_is_refused_does_not_keep_the_others_from_it(box: Mailbox) -> None:
    box.refused = {"boss@hub.example"}
    assert hand_over(box) == 1
    assert len(box.mails) == 1


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        ("550 no", AlertRefused, "MAIL_REFUSED"),
        ("451 later", Unavailable, "MAIL_PUT_OFF"),
    ],
)
def test_a_refusal_is_final_or_not_and_was_surely_not_sent(
    box: Mailbox, answer: str, error: type[ConnectorError], code: str
) -> None:
    box.answer = f"{answer} tanaka@secret.example"
    with pytest.raises(error) as refused:
        hand_over(box)
    assert refused.value.code == code
    assert not getattr(refused.value, "maybe_applied", False)
    assert "secret" not in str(refused.value)


def test_nobody_takes_it_where_every_address_is_refused(box: Mailbox) -> None:
    box.refused = {"boss@hub.example", "ops@hub.example"}
    with pytest.raises(AlertRefused) as refused:
        hand_over(box)
    assert refused.value.code == "MAIL_REFUSED"
    assert "hub.example" not in str(refused.value)


def test_after_a_lost_answer_it_may_have_been_sent(box: Mailbox) -> None:
    box.lost = True
    with pytest.raises(Unavailable) as lost:
        hand_over(box)
    assert lost.value.maybe_applied
    assert len(box.mails) == 1


def test_a_server_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        box = Mailbox(port=silent.getsockname()[1])
        with pytest.raises(Unavailable) as lost:
            hand_over(box)
    assert (lost.value.code, lost.value.maybe_applied) == ("MAIL_UNREACHABLE", False)


def test_a_server_that_does_not_say_goodbye_took_the_mail() -> None:
    """It answers everything up to the mail, and hangs up at QUIT."""
    said: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_rude, args=(server, said))
        thread.start()
        assert hand_over(Mailbox(port=server.getsockname()[1])) == 0
        thread.join()
    assert said[-1].startswith(b"quit")


def _rude(server: socket.socket, said: list[bytes]) -> None:
    line, _ = server.accept()
    with line, line.makefile("rb") as heard:
        line.sendall(b"220 rude\r\n")
        for one in heard:
            word = one.strip().lower()
            said.append(word)
            if word == b"quit":
                return
            if word == b"data":
                line.sendall(b"354 go on\r\n")
                while heard.readline().strip() != b".":
                    pass
            line.sendall(b"250 OK\r\n")
