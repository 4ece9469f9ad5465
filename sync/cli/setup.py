"""Verbs for the installation itself: init and db upgrade."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.failures import CHANGES, OK, refused
from sync.cli.frame import verb

if TYPE_CHECKING:
    from connectors.registry import Installed


def add(app: typer.Typer) -> None:
    """Add ``init``."""
    verb(app, "init")(init)


def add_db(app: typer.Typer) -> None:
    """Add ``db upgrade``."""
    verb(app, "upgrade")(upgrade)


def init(
    desk: Desk,
    connect: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="SLUG", help="Begin a connection of it. May repeat."),
    ] = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Only print a new key for `key:`; write nothing.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only name the files that would be written.")
    ] = False,
) -> int:
    """Begin an operator's directory.

    Writes renkei.yaml, connections/ and fields/, and schemas that editors complete by.
    """
    if new_key:
        from cryptography.fernet import Fernet

        key = Fernet.generate_key().decode()
        desk.out.item("key", key=key)
        desk.out.line(key)
        return OK
    if (desk.root / "renkei.yaml").exists():
        raise refused("THERE_ALREADY", file=str(desk.root / "renkei.yaml"), next="renkei check")
    files = dict(_files(desk, connect or []))
    for name, text in files.items():
        path = desk.root / name
        if not dry_run and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        desk.out.item("written", file=name, dry_run=dry_run)
        desk.out.line(name)
    if dry_run:
        return CHANGES
    from sync.config.schema import write_schemas

    write_schemas(desk.root, desk.registry)
    desk.out.say("init.done")
    desk.out.next("renkei check" if connect else "renkei connectors list")
    return OK


def _files(desk: Desk, slugs: list[str]) -> Iterator[tuple[str, str]]:
    from connectors import registry
    from sync.config.schema import first_line

    say = desk.out.words
    found = registry.find()
    yield (
        "renkei.yaml",
        "\n".join(
            (
                first_line("renkei", depth=0),
                f"# {say('init.hub')}",
                "database: sqlite:///data/renkei.sqlite3",
                "timezone: Asia/Tokyo",
                f"language: {desk.out.language}",
                f"# {say('init.trust')}",
                "trust:",
                f"  default: [{', '.join(slugs)}]",
                "",
            )
        ),
    )
    for slug in slugs:
        yield f"connections/{slug}.yaml", _connection(desk, found.get(slug))
        yield (
            f"fields/{slug}.yaml",
            f"{first_line('fields', depth=1)}\n# {say('init.fields')}\n{{}}\n",
        )
    if not slugs:
        yield "connections/.gitkeep", ""
        yield "fields/.gitkeep", ""
    yield ".gitignore", "data/\n.env\n.renkei/key\n"


def _connection(desk: Desk, installed: Installed) -> str:
    from sync.config.schema import first_line

    manifest = installed.manifest
    lines = [
        first_line("connection", depth=1),
        f"# {manifest.description.ja if desk.out.language == 'ja' else manifest.description.en}",
        f"connector: {installed.slug}",
        "options:",
        *_options(installed),
    ]
    streams = [name for name, spec in manifest.streams.items() if spec.push and spec.kind == "lead"]
    if streams:
        lines += [f"# {desk.out.words('init.push')}", "# push:", f"#   stream: {streams[0]}"]
    return "\n".join(lines) + "\n"


def _options(installed: Installed) -> Iterator[str]:
    model: Any = installed.options
    secrets = [name for name, one in model.model_fields.items() if "Secret" in str(one.annotation)]
    due = [name for name in secrets if model.model_fields[name].is_required()] or secrets[:1]
    for name, field in model.model_fields.items():
        secret = name in secrets
        reference = f"${{env:{installed.slug.upper()}_{name.upper()}}}"
        required = field.is_required() or name in due
        if field.description:
            yield f"  # {field.description}"
        value = reference if secret else "" if required else _written(field.default)
        yield f"  {'' if required else '# '}{name}: {value}".rstrip()


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value or '""'
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else ""


def _nobody_else(desk: Desk) -> None:
    """Refuse to take tables away from processes that are at work."""
    from sync.engine.processes import InUse, nobody_in
    from sync.store import sessions

    with nobody_in(desk.root):
        if desk.raw_database.dialect == "sqlite":
            return
        with desk.raw_database.read() as tx:
            if sessions.others(tx):
                raise InUse("this upgrade takes away what they need")


def upgrade(
    desk: Desk,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say whether there is anything to do.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Bring the database to the schema of this version. Back it up first."""
    from sync.store import upgrade as store

    database = desk.raw_database
    at, head = store.current(database), store.head()
    due = not store.fits(database)
    out = desk.out
    if dry_run:
        out.item("schema", at=at, head=head, due=due)
        out.say("db.due" if due else "db.current", at=at or "–", head=head)
        return CHANGES if due else OK
    if due and at is not None and not yes and sys.stdin.isatty() and not out.as_json:
        question = out.words("db.ask", at=at, head=head)
        if not typer.confirm(question, default=False):
            raise refused("NOT_CONFIRMED", exit_code=1)
    if due and store.breaks_older(database):
        _nobody_else(desk)
    store.upgrade(database)
    out.item("schema", at=store.current(database), head=head, upgraded=due)
    out.say("db.upgraded" if due else "db.current", at=at or "–", head=head)
    return OK
