"""What is seen of a hub that runs: its log and traces set up, and the verb health."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import Annotated, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import typer

from sync.cli.context import Desk
from sync.cli.failures import ERROR, OK, refused
from sync.cli.frame import verb

__all__ = ["add", "watched"]

ANSWER_SECONDS = 5.0
LARGEST_ANSWER = 10_000


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    verb(app, "health")(health)


@contextmanager
def watched(desk: Desk) -> Iterator[None]:
    """The log, and traces where they are asked for, as the configuration and -v or -q say."""
    from sync.observe.logs import logging_to, redactor_of
    from sync.observe.tracing import tracing

    config, out = desk.config.hub, desk.out
    level = logging.getLevelNamesMapping()[config.log_level.upper()]
    if out.verbose:
        level = min(level, logging.INFO if out.verbose == 1 else logging.DEBUG)
    elif out.quiet:
        level = max(level, logging.ERROR)
    with logging_to(config.log, level, redactor_of(desk.hub)), tracing(desk.world.env):
        yield


def health(
    desk: Desk,
    url: Annotated[
        str | None,
        typer.Argument(
            help="Where it listens; default: `listen` of renkei.yaml.",
            metavar="[URL]",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Ask a hub that is up, or a worker, whether it is ready.

    For the health check of a container: exit code 0 where it is.
    """
    base = (url or _own(desk.config.hub.listen)).rstrip("/")
    if urlsplit(base).scheme not in ("http", "https"):
        raise refused("BAD_HEALTH_URL", url=base)
    page = base if urlsplit(base).path else f"{base}/readyz"
    reason = _asked(page)
    desk.out.item("health", url=page, ready=reason is None, reason=reason)
    if reason is not None:
        raise refused("NOT_READY", url=page, why=reason, exit_code=ERROR)
    desk.out.say("health.ready", url=page)
    return OK


def _own(listen: str) -> str:
    host, _, port = listen.rpartition(":")
    near = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104 - not listened on
    return f"http://{near}:{port}"


def _asked(page: str) -> str | None:
    """Why it is not ready; None where it is."""
    from urllib.request import ProxyHandler, build_opener

    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(page, timeout=ANSWER_SECONDS) as answer:
            return None if answer.status == 200 else f"HTTP {answer.status}"
    except HTTPError as error:
        return _reason(error) or f"HTTP {error.code}"
    except (OSError, HTTPException) as error:
        return f"no answer ({type(getattr(error, 'reason', error)).__name__})"


def _reason(error: HTTPError) -> str:
    try:
        said: Any = json.loads(error.read(LARGEST_ANSWER))
    except (ValueError, OSError):
        return ""
    return str(said.get("reason") or "") if isinstance(said, dict) else ""
