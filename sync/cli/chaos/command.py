"""``renkei chaos``."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from sync.cli.failures import ERROR
from sync.cli.out import Out, spoken_language

_SCHEMES = {"postgresql": "postgres", "postgres": "postgres", "redis": "redis", "amqp": "rabbitmq"}
RECORDS = 2000
KILLS = 40
FLUSHES = 8
RESTARTS = 3


class Backend(Enum):
    """What a hub stands on: broker and database."""

    ALL = "all"
    SQLITE = "sqlite"
    POSTGRES = "postgres"
    REDIS = "redis"
    RABBITMQ = "rabbitmq"


def chaos(
    backend: Annotated[
        Backend, typer.Option("--backend", help="Broker and database; default: all four.")
    ] = Backend.ALL,
    records: Annotated[
        int, typer.Option("--records", min=100, help="Records at the two sources.")
    ] = RECORDS,
    kills: Annotated[
        int, typer.Option("--kills", min=0, help="Processes that are killed, besides named points.")
    ] = KILLS,
    flushes: Annotated[
        int, typer.Option("--flushes", min=0, help="How often the broker is emptied.")
    ] = FLUSHES,
    restarts: Annotated[
        int, typer.Option("--restarts", min=0, help="How often the database is restarted.")
    ] = RESTARTS,
    seed: Annotated[int, typer.Option("--seed", help="Other chance for another number.")] = 0,
    points: Annotated[
        bool, typer.Option("--points/--no-points", help="End lives at every named point, too.")
    ] = True,
    compare: Annotated[
        bool,
        typer.Option("--compare/--no-compare", help="Run once undisturbed, and compare the ends."),
    ] = True,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", help="Keep all that is made in this directory.", metavar="DIR"),
    ] = None,
    servers: Annotated[
        list[str] | None,
        typer.Option(
            "--server",
            help="A server that is there: postgresql:// (an empty database), redis:// or amqp://."
            " It is neither restarted nor emptied. May repeat.",
            metavar="URL",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, for machines.")
    ] = False,
    lang: Annotated[
        str | None, typer.Option("--lang", help="ja or en; default: the locale's.", metavar="LANG")
    ] = None,
) -> None:
    """Kill a hub again and again between vendors that fail, and check what became of it."""
    from sync.cli.chaos.people import story
    from sync.cli.chaos.suite import Suite
    from sync.cli.chaos.words import WORDS
    from sync.cli.demo.scenario import quiet_logs
    from sync.cli.demo.telling import Telling

    out = Out(language=spoken_language(lang, os.environ) or "en", as_json=as_json)
    telling = Telling(out, WORDS)
    quiet_logs()
    with _root(keep) as root:
        kept = telling.words("dropped" if keep is None else "kept")
        telling.say("title", "bold", indent=0, records=records, seed=seed)
        telling.say("where", "dim", indent=0, root=root, kept=kept)
        suite = Suite(
            root=root,
            story=story(records, seed),
            seed=seed,
            kills=kills,
            flushes=flushes,
            restarts=restarts,
            points=points,
            given={_SCHEMES.get(url.partition(":")[0], ""): url for url in servers or ()},
            telling=telling,
        )
        try:
            with _terminated():
                good = suite.run(backend.value, compare=compare)
        except KeyboardInterrupt:
            telling.say("stopped", indent=0)
            raise typer.Exit(ERROR) from None
    raise typer.Exit(0 if good else ERROR)


@contextmanager
def _terminated() -> Iterator[None]:
    """SIGTERM ends the block as Ctrl-C does, so that nothing that it started is left behind."""

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _root(keep: Path | None) -> Iterator[Path]:
    """Where everything is made."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="renkei-chaos-", ignore_cleanup_errors=True) as made:
        yield Path(made)
