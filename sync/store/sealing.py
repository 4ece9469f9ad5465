"""Sealed at rest: what vendors sent is stored encrypted, and its digests are keyed.

AES-256-GCM with a random nonce, under a key derived from one of the hub's Fernet keys; the name of
what is sealed is authenticated with it, so that a payload put into another row does not open. The
newest key seals, each that is listed opens. A sealed value is a marker, a byte that tells the key,
the nonce, and the ciphertext with its tag: 30 bytes more than the plain one.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from connectors.kit.errors import AuthFailed, ConnectorError
from sync.store import runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from sync.store.database import Database, Tx

__all__ = ["PLAIN", "Box", "WrongKey", "check_key", "fernet_keys", "key_file", "opens"]

PLAIN = b"\x00"
"""The marker of a body that was stored before bodies were sealed; a plain payload has none."""
_SEALED = 1
_HEAD = 2
_NONCE = 12
_DIGEST = 12
_UNKEYED = 2 * _DIGEST
"""How long a digest is that was made before they were keyed."""


_CANARY = "key.canary"


class WrongKey(ConnectorError):
    """What the database holds was sealed with a key that this process does not have."""

    code = "WRONG_KEY"


def key_file(root: Path) -> str:
    """The installation's own key, made on first use and readable by its owner only.

    Of several processes that make it at once, all get the same.
    """
    from cryptography.fernet import Fernet

    path = root / ".renkei" / "key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"key.{uuid4().hex}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key())
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


def fernet_keys(text: str) -> list[str]:
    """The keys in a setting, newest first. Raises AuthFailed where one is no Fernet key."""
    keys = [key.strip() for key in text.split(",") if key.strip()]
    try:
        if keys and all(len(urlsafe_b64decode(key)) == 32 for key in keys):
            return keys
    except ValueError:
        pass
    raise AuthFailed(
        "the hub's key is not a Fernet key: set `key` to the output of"
        ' "renkei init --new-key"; several keys are separated by commas, newest first',
        code="BAD_KEY",
    )


class _Key:
    """What is derived from one of the hub's keys: never the key itself."""

    def __init__(self, fernet: str) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        secret = urlsafe_b64decode(fernet)
        self.cipher: AESGCM = AESGCM(_derived(secret, b"renkei payload v1", 32))
        self.digest = _derived(secret, b"renkei digest v1", 32)
        self.log = _derived(secret, b"renkei log v1", 32)
        self.name = _derived(secret, b"renkei key name v1", 1)
        self.head = bytes((_SEALED,)) + self.name


def _derived(secret: bytes, purpose: bytes, size: int) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), size, salt=None, info=purpose).derive(secret)


class Box:
    """Seals with the newest of some Fernet keys and opens with any of them.

    ``keys`` as in the hub's setting: separated by commas, newest first.
    """

    def __init__(self, keys: str) -> None:
        self._keys = [_Key(key) for key in fernet_keys(keys)]
        self._newest = self._keys[0]

    def seal(self, plain: bytes, name: str) -> bytes:
        """The plain text encrypted; only the same ``name`` opens it."""
        newest = self._newest
        nonce = os.urandom(_NONCE)
        return newest.head + nonce + newest.cipher.encrypt(nonce, plain, name.encode())

    def open(self, stored: bytes, name: str) -> bytes | None:
        """The plain text; None where no listed key opens it, or where it was tampered with.

        What was stored before there was sealing is given as it is.
        """
        if stored[:1] != bytes((_SEALED,)):
            return stored.removeprefix(PLAIN)
        from cryptography.exceptions import InvalidTag

        nonce = stored[_HEAD : _HEAD + _NONCE]
        for key in self._keys:  # two keys may share the byte that tells them apart
            if key.head == stored[:_HEAD]:
                with suppress(InvalidTag):
                    return key.cipher.decrypt(nonce, stored[_HEAD + _NONCE :], name.encode())
        return None

    @property
    def log_key(self) -> bytes:
        """What values in logs are hashed with; another after the hub's key is rotated."""
        return self._newest.log

    def is_newest(self, stored: bytes) -> bool:
        """Whether a sealed value is sealed with the newest key."""
        return stored[:_HEAD] == self._newest.head

    def digest(self, *parts: bytes) -> str:
        """A keyed digest, in text: who has no key cannot try out what it may be of."""
        newest = self._newest
        return newest.name.hex() + _digest(parts, newest.digest)

    def agrees(self, digest: str, *parts: bytes) -> bool:
        """Whether a digest that an older key made, or none, is that of these parts."""
        if len(digest) == _UNKEYED:
            return digest == _digest(parts, b"")
        if digest.startswith(self._newest.name.hex()):
            return False
        return any(
            digest == key.name.hex() + _digest(parts, key.digest)
            for key in self._keys[1:]
            if digest.startswith(key.name.hex())
        )


def _digest(parts: Iterable[bytes], key: bytes) -> str:
    made = blake2b(digest_size=_DIGEST, key=key)
    for part in parts:
        made.update(part)
    return made.hexdigest()


def check_key(database: Database) -> None:
    """Raise WrongKey where others sealed with a key that this process does not have.

    The first process leaves a word that was sealed with its key. Once an older key of several opens
    it, it is sealed with the newest, so that the older one may go.
    """
    box = database.box
    with database.read() as tx:
        held = runs.setting(tx, _CANARY)
    if held is None or not box.is_newest(bytes.fromhex(held)):
        with database.write() as tx:
            held = runs.setting(tx, _CANARY)
            if held is None or _opens(box, held):
                held = box.seal(_CANARY.encode(), _CANARY).hex()
                runs.save_setting(tx, _CANARY, held)
    if not _opens(box, held):
        raise WrongKey(
            "the hub's key is not the one that the database's payloads are sealed with: give every"
            " process the same key, and put an older one back behind the new one"
        )


def opens(tx: Tx, box: Box | None) -> bool | None:
    """Whether these keys open what the database's payloads are sealed with; None before any is."""
    held = runs.setting(tx, _CANARY)
    return None if held is None else box is not None and _opens(box, held)


def _opens(box: Box, canary: str) -> bool:
    return box.open(bytes.fromhex(canary), _CANARY) is not None
