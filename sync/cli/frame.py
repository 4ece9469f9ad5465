"""What every verb has in common: its options, its errors, its exit code."""

from __future__ import annotations

import inspect
import logging
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from sync.cli import failures
from sync.cli.context import Desk, World
from sync.cli.failures import ERROR, OK, SIGN_IN, USAGE, Refused
from sync.cli.out import Out, spoken_language
from sync.cli.words import DEFAULT_LANGUAGE, LANGUAGES

__all__ = ["COMMON", "verb"]

Verb = Callable[..., int | None]


def _common() -> list[inspect.Parameter]:
    def shared(
        directory: Annotated[
            Path | None,
            typer.Option(
                "--dir",
                help="The operator's directory; default: RENKEI_DIR, or the current one.",
                show_default=False,
            ),
        ] = None,
        as_json: Annotated[
            bool, typer.Option("--json", help="One JSON object a line, for machines.")
        ] = False,
        quiet: Annotated[
            bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")
        ] = False,
        verbose: Annotated[
            int, typer.Option("--verbose", "-v", count=True, help="Show the log; -vv in full.")
        ] = 0,
        lang: Annotated[
            str | None,
            typer.Option("--lang", help="ja or en; default: the configuration's.", metavar="LANG"),
        ] = None,
    ) -> None: ...

    return [
        one.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for one in inspect.signature(shared, eval_str=True).parameters.values()
    ]


COMMON = _common()
"""The options that every verb takes."""


def verb(app: typer.Typer, name: str) -> Callable[[Verb], Verb]:
    """Make a function a verb: it gets a Desk and its own options, and returns an exit code."""

    def decorate(function: Verb) -> Verb:
        signature = inspect.signature(function, eval_str=True)
        own = [
            one.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for one in list(signature.parameters.values())[1:]
        ]

        def command(ctx: typer.Context, **given: Any) -> None:
            given["lang"] = given["lang"] or ctx.find_root().params.get("lang")
            raise typer.Exit(_run(function, ctx.obj, given))

        context = inspect.Parameter(
            "ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
        )
        parameters = [context, *own, *COMMON]
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
        command.__annotations__ = {one.name: one.annotation for one in parameters}
        command.__doc__ = function.__doc__
        app.command(name, help=_first_paragraphs(function.__doc__))(command)
        return function

    return decorate


def _first_paragraphs(text: str | None) -> str:
    return inspect.cleandoc(text or "")


def _run(function: Verb, world: Any, given: dict[str, Any]) -> int:
    around = world if isinstance(world, World) else World()
    directory, lang = given.pop("directory"), given.pop("lang")
    asked = spoken_language(lang, around.env)
    out = Out(
        language=asked or DEFAULT_LANGUAGE,
        as_json=given.pop("as_json"),
        quiet=given.pop("quiet"),
        verbose=given.pop("verbose"),
    )
    root = Path(directory or around.env.get("RENKEI_DIR") or ".")
    given_language = bool(lang or around.env.get("RENKEI_LANG"))
    desk = Desk(root.absolute(), out, around, language_given=given_language)
    logged = ExitStack()
    try:
        _log(out.verbose, logged)
        _check_language(lang)
        return function(desk, **given) or OK
    except Refused as error:
        out.refuse(error)
        return error.exit_code
    except KeyboardInterrupt:
        out.refuse(failures.refused("STOPPED", exit_code=ERROR))
        return ERROR
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ERROR
    except Exception as error:
        told = _told(desk, error)
        if told is None:
            raise
        return told
    finally:
        desk.close()
        logged.close()


def _check_language(name: str | None) -> None:
    if name is not None and name not in LANGUAGES:
        raise failures.refused("UNKNOWN_LANGUAGE", name=name)


def _log(verbose: int, until: ExitStack) -> None:
    """Show the log until the verb is done. No key is known yet: hashes are keyed by chance."""
    if not verbose:
        logging.getLogger("renkei").addHandler(logging.NullHandler())
        return
    from sync.observe.logs import logging_to
    from sync.observe.redact import Redactor

    level = logging.INFO if verbose == 1 else logging.DEBUG
    until.enter_context(logging_to("text", level, Redactor(os.urandom(32))))


def _told(desk: Desk, error: Exception) -> int | None:
    """Tell an error that can happen to anybody; None where it is a bug and needs its traceback."""
    from connectors.kit.errors import AuthFailed, ConnectorError
    from connectors.kit.manifest import ManifestBroken
    from connectors.registry import ConnectorBroken, UnknownConnector
    from mapping.errors import MappingError
    from sync.config.errors import ConfigErrors
    from sync.config.owners import NameTaken

    out = desk.out
    if isinstance(error, ConfigErrors):
        from sync.cli.checking import tell_config_errors

        tell_config_errors(out, error.errors)
        return USAGE
    if isinstance(error, MappingError):
        out.refuse(failures.refused(error.code, message=error.message, hint=error.hint))
        return USAGE
    if isinstance(error, AuthFailed):
        out.refuse(failures.refused(error.code, message=str(error), next="renkei check --connect"))
        return SIGN_IN
    if isinstance(error, ConnectorError):
        out.refuse(failures.refused(error.code, message=str(error)))
        return ERROR
    if isinstance(error, NameTaken):
        out.refuse(failures.refused("NAME_TAKEN", message=str(error)))
        return USAGE
    if isinstance(error, (UnknownConnector, ConnectorBroken, ManifestBroken)):
        code = "UNKNOWN_CONNECTOR" if isinstance(error, UnknownConnector) else "CONNECTOR_BROKEN"
        out.refuse(
            failures.refused(code, message=str(error.args[0]), next="renkei connectors list")
        )
        return USAGE
    return _told_store(out, error)


def _told_store(out: Out, error: Exception) -> int | None:
    if "sqlalchemy" not in sys.modules:
        return None
    from sqlalchemy.exc import OperationalError

    from sync.engine.processes import InUse
    from sync.store.upgrade import NewerSchema

    if isinstance(error, NewerSchema):
        out.refuse(failures.refused("SCHEMA_NEWER", message=str(error)))
        return USAGE
    if isinstance(error, InUse):
        out.refuse(failures.refused("DATABASE_IN_USE", why=str(error)))
        return ERROR
    if isinstance(error, OperationalError):
        why = str(error.orig).splitlines()[0]
        out.refuse(failures.refused("DATABASE_UNREACHABLE", why=why))
        return ERROR
    return None
