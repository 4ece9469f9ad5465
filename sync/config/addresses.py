"""Which texts are addresses of databases, brokers and this host."""

from __future__ import annotations

from urllib.parse import urlsplit

DATABASES = ("postgresql", "postgresql+psycopg", "postgres")
BROKERS = ("redis", "rediss", "amqp", "amqps")


def is_database(url: str) -> bool:
    """Whether the hub's database can be there."""
    if url.startswith("sqlite:///"):
        return bool(url.removeprefix("sqlite:///").strip("/"))
    scheme, _, _ = url.partition("://")
    return scheme in DATABASES and _has_host(url)


def meant_database(url: str) -> str:
    """The address that a slip of the pen most likely stands for, or nothing."""
    scheme, marked, rest = url.partition(":")
    rest = rest.lstrip("/")
    if not marked or not rest or "@" in rest:
        return ""
    if scheme in ("sqlite", "sqlite3", "file"):
        return f"sqlite:///{rest}"
    if scheme.startswith(("pg", "postg", "psql")) and scheme not in DATABASES:
        return f"postgresql://{rest}"
    return ""


def is_broker(url: str) -> bool:
    """Whether workers on several hosts can be woken by it."""
    return url.partition("://")[0] in BROKERS and _has_host(url)


def is_host_and_port(text: str) -> bool:
    """Whether the console can listen there: ``127.0.0.1:8420`` or ``[::1]:8420``."""
    try:
        parts = urlsplit(f"//{text}")
        return bool(parts.hostname) and bool(parts.port) and parts.netloc == text
    except ValueError:
        return False


def password_in(url: str) -> bool:
    """Whether an address holds a password."""
    try:
        return bool(urlsplit(url).password)
    except ValueError:
        return False


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
