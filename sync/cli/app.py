"""The verbs put together, and how the command line begins and ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import typer

from sync.cli import (
    alerting,
    applying,
    asides,
    auditing,
    backing,
    capacity,
    checking,
    clocks,
    connectors,
    consenting,
    dedupe,
    discovering,
    doctoring,
    dormant,
    explaining,
    funnel,
    handing,
    importing,
    kpi,
    matching,
    observing,
    people,
    planning,
    quotas,
    reading,
    rematching,
    replaying,
    running,
    setup,
    stages,
    trying,
)
from sync.cli.failures import USAGE
from sync.cli.help_words import translated
from sync.cli.out import spoken_language

if TYPE_CHECKING:
    from sync.cli.context import World

__all__ = ["app", "make_app", "run"]

EPILOG = "Exit codes: 0 done, 1 error, 2 usage or configuration, 3 done in part, 4 --dry-run found \
changes, 5 a connection must be signed in again."


def make_app() -> typer.Typer:
    """The command line, with its help in English."""
    made = typer.Typer(
        name="renkei",
        help="Keep leads in step between form tools, MA, SFA and CRM.",
        epilog=EPILOG,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    setup.add(made)
    made.command("demo", **_forwarded(DEMO))(demo)
    made.command("chaos", **_forwarded(CHAOS))(chaos)
    checking.add(made)
    doctoring.add(made)
    discovering.add(made)
    trying.add(made)
    checking.add_schema(made)
    importing.add(made)
    running.add(made)
    observing.add(made)
    planning.add(made)
    applying.add(made)
    reading.add(made)
    quotas.add(made)
    alerting.add(made)
    capacity.add(made)
    asides.add(made)
    replaying.add(made)
    people.add(made)
    explaining.add(made)
    auditing.add(made)
    consenting.add(made)
    funnel.add(made)
    kpi.add(made)
    clocks.add(made)
    dormant.add(made)
    for name, text, add in (
        ("mapping", "Field maps.", trying.add_mapping),
        ("connectors", "Connectors: list, begin, test.", connectors.add),
        ("dedupe", "Who may be one person: look, merge, take apart.", dedupe.add_dedupe),
        ("handoffs", "Leads handed over in chats: list, show, retry.", handing.add_handoffs),
        ("match", "Who is who: judge the matching, and match again.", _add_match),
        ("stages", "Stages: try qualification rules, apply them to everybody.", stages.add_stages),
        ("db", "The database: upgrade, backup, restore.", _add_db),
    ):
        group = typer.Typer(help=text, no_args_is_help=True, rich_markup_mode=None)
        add(group)
        made.add_typer(group, name=name)
    made.callback()(_version)
    return made


def _version(
    version: bool = typer.Option(False, "--version", help="Print the version.", is_eager=True),
    lang: str | None = typer.Option(  # noqa: ARG001 - read by whichever verb runs
        None, "--lang", help="ja or en; default: the configuration's.", metavar="LANG"
    ),
) -> None:
    """Keep leads in step between form tools, MA, SFA and CRM."""
    if version:
        from importlib.metadata import version as of

        typer.echo(of("renkei"))
        raise typer.Exit


def _add_match(group: typer.Typer) -> None:
    matching.add_match(group)
    rematching.add_rematch(group)


def _add_db(group: typer.Typer) -> None:
    setup.add_db(group)
    backing.add(group)


DEMO = "Watch four simulated vendors being kept in step, on this machine alone."
CHAOS = "Kill a hub again and again between vendors that fail, and check what became of it."


def _forwarded(text: str) -> dict[str, Any]:
    """How a command is declared that is loaded only when it runs, its options with it."""
    return {
        "help": text,
        "add_help_option": False,
        "context_settings": {
            "allow_extra_args": True,
            "ignore_unknown_options": True,
            "help_option_names": [],
        },
    }


def demo(ctx: typer.Context) -> None:
    """Hand everything on to the demo, which is loaded only now."""
    from sync.cli.demo.command import demo as real

    _forward(ctx, "demo", real)


def chaos(ctx: typer.Context) -> None:
    """Hand everything on to the crash suite, which is loaded only now."""
    from sync.cli.chaos.command import chaos as real

    _forward(ctx, "chaos", real)


def _forward(ctx: typer.Context, name: str, real: Callable[..., None]) -> None:
    alone = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    alone.command()(real)
    code = alone(args=list(ctx.args), prog_name=f"renkei {name}", standalone_mode=False)
    raise typer.Exit(code if isinstance(code, int) else 0)


app = make_app()


def run(arguments: Sequence[str] | None = None, world: World | None = None) -> int:
    """Run the command line; its exit code. ``world`` is for tests."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    command: Any = typer.main.get_command(app)
    if spoken_language(_lang(given), os.environ) == "ja":
        translated(command)
    try:
        command.main(args=given, prog_name="renkei", obj=world, standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else USAGE
    return 0


def _lang(given: Sequence[str]) -> str | None:
    for place, word in enumerate(given):
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
        if word == "--lang" and place + 1 < len(given):
            return given[place + 1]
    return None
