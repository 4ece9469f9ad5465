"""``renkei demo``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sync.cli.failures import ERROR, USAGE
from sync.cli.out import Out, spoken_language

if TYPE_CHECKING:
    from sync.cli.demo.telling import Telling

PEOPLE = 1000


def demo(
    directory: Annotated[
        Path, typer.Option("--dir", help="Where the demo keeps everything; made if need be.")
    ] = Path("renkei-demo"),
    seed: Annotated[
        int | None, typer.Option("--seed", help="Other people for another number.")
    ] = None,
    people: Annotated[
        int | None, typer.Option("--people", min=12, help="How many people; default: 1000.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave vendors and hub running until Ctrl-C.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, for machines.")
    ] = False,
    lang: Annotated[
        str | None, typer.Option("--lang", help="ja or en; default: the locale's.", metavar="LANG")
    ] = None,
) -> None:
    """Watch four simulated vendors being kept in step, on this machine alone."""
    from sync.cli.demo.telling import Telling

    out = Out(language=spoken_language(lang, os.environ) or "en", as_json=as_json)
    telling = Telling(out)
    try:
        good = _play(telling, directory.absolute(), seed, people, keep=keep)
    except KeyboardInterrupt:
        telling.line()
        telling.say("stopped", indent=0)
        raise typer.Exit(ERROR) from None
    raise typer.Exit(0 if good else ERROR)


def _play(
    telling: Telling, root: Path, seed: int | None, people: int | None, *, keep: bool
) -> bool:
    from connectors.kit.errors import ConnectorError
    from sync.cli.demo import directory, live
    from sync.cli.demo.scenario import Demo, quiet_logs
    from sync.config.errors import ConfigErrors

    quiet_logs()
    try:
        plan, new = directory.settle(root, seed=seed, people=people, default=PEOPLE)
    except directory.OtherPlan as error:
        _refuse(telling, "other_plan", "OTHER_PLAN", root=root, plan=error)
        raise typer.Exit(USAGE) from error
    directory.write_files(root, plan, telling.out.language)
    telling.line(telling.words("title"), "bold")
    telling.say("where", "dim", indent=0)
    telling.say("directory", "dim", indent=0, root=root)
    if not new:
        telling.say("continued", "yellow", indent=0)
    try:
        return Demo(root, plan, telling).play(keep=keep)
    except OSError as error:
        _refuse(telling, "port_taken", "PORT_TAKEN", why=error)
    except live.TimedOut as error:
        what = telling.words(f"step.{error}")
        _refuse(telling, "timed_out", "TIMED_OUT", seconds=int(live.PATIENCE), what=what)
    except ConfigErrors as error:
        _refuse(telling, "config_wrong", "CONFIG")
        for one in error.errors:
            telling.line(f"  {one}")
        raise typer.Exit(USAGE) from error
    except ConnectorError as error:
        _refuse(telling, "failed", error.code, error=error)
    return False


def _refuse(telling: Telling, key: str, code: str, **says: object) -> None:
    telling.item("error", {"code": code, "message": telling.words(key, **says)})
    telling.say(key, "red", indent=0, **says)
