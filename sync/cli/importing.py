"""Verbs that bring things in: import (a list by hand) and simulate (vendors that are not real)."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.failures import CHANGES, ERROR, OK, refused
from sync.cli.frame import verb
from sync.cli.tables import cut, shown

if TYPE_CHECKING:
    from connectors.file.preview import Preview


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    verb(app, "import")(import_list)
    verb(app, "simulate")(simulate)


def import_list(
    desk: Desk,
    file: Annotated[Path, typer.Argument(help="A CSV, TSV or XLSX list.")],
    connection: Annotated[
        str | None,
        typer.Option("--connection", "-c", help="The file connection; default: the only one."),
    ] = None,
    rows: Annotated[int, typer.Option("--rows", min=1, help="How many rows are shown.")] = 5,
    no_push: Annotated[
        bool, typer.Option("--no-push", help="Take in, but write to nobody yet.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show how the file would be read; take nothing in.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> int:
    """Take in a list (CSV, TSV, XLSX).

    Shows encoding, header, columns and first rows, then asks. The same file again changes nothing.
    """
    name = _file_connection(desk, connection)
    path = file if file.is_absolute() else Path.cwd() / file
    if not path.is_file():
        raise refused("NO_FILE", file=str(file))
    flow = desk.flow(name)
    seen = flow.connector.preview(path, rows)
    _tell_file(desk, seen)
    if dry_run:
        return CHANGES if seen.report.records else OK
    if not yes and sys.stdin.isatty() and not desk.out.as_json:
        question = desk.out.words("import.ask", count=seen.report.records)
        if not typer.confirm(question, default=False):
            raise refused("NOT_CONFIRMED", exit_code=ERROR)
    return _take_in(desk, name, path, push=not no_push)


def _take_in(desk: Desk, name: str, path: Path, *, push: bool) -> int:
    from sync.cli.progress import Watching, stopping
    from sync.cli.running import finish
    from sync.workers import jobs
    from sync.workers.imports import import_file

    hub = desk.working()
    with stopping(desk.out) as event, Watching(desk.out) as watching:
        done = [import_file(hub, name, path, watch=watching.watch, stop=event.is_set)]
        if push and done[0].state in ("succeeded", "partial") and not event.is_set():
            done += jobs.push_all(hub, watch=watching.watch, stop=event.is_set)
    if event.is_set():
        raise refused("STOPPED", exit_code=ERROR)
    return finish(desk, done)


def _file_connection(desk: Desk, named: str | None) -> str:
    files = [name for name, one in desk.config.connections.items() if one.connector == "file"]
    if named is not None:
        desk.known([named])
        if named not in files:
            raise refused("NO_FILE_CONNECTION", known=", ".join(files) or "–")
        return named
    if len(files) != 1:
        raise refused("WHICH_CONNECTION", known=", ".join(files) or "–")
    return files[0]


def _tell_file(desk: Desk, seen: Preview) -> None:
    out = desk.out
    out.item(
        "list_preview",
        file=seen.file,
        encoding=seen.encoding,
        delimiter=seen.delimiter,
        sheet=seen.sheet,
        header_row=seen.header_row,
        profile=seen.profile,
        columns=dict(seen.columns),
        unmapped=list(seen.unmapped),
        rows=[dict(row) for row in seen.rows],
        records=seen.report.records,
        set_aside=dict(seen.report.set_aside),
        notices=[{"code": n.code, "message": n.message, "rows": n.rows} for n in seen.notices],
    )
    out.say(
        "import.read_as",
        file=seen.file,
        encoding=seen.encoding or seen.sheet or "–",
        delimiter=repr(seen.delimiter) if seen.delimiter else "–",
        row=seen.header_row,
        profile=seen.profile,
    )
    out.table(
        ("column.header", "column.arrow", "column.field", "column.first_value"),
        [
            [
                header,
                "→",
                field or "–",
                cut(shown(seen.rows[0].get(header)), 40) if seen.rows else "",
            ]
            for header, field in seen.columns.items()
        ],
    )
    out.line()
    headers = list(seen.columns)[:6]
    for row in seen.rows:
        out.line("  | ".join(cut(shown(row.get(header)), 24) for header in headers))
    for notice in seen.notices:
        rows = f" ({notice.rows})" if notice.rows else ""
        out.line(f"! {notice.message}{rows} [{notice.code}]")
    out.say("import.would", count=seen.report.records)


def simulate(
    desk: Desk,
    names: Annotated[
        list[str],
        typer.Argument(help="Connections, or connectors by slug.", metavar="NAME..."),
    ],
    port: Annotated[
        int, typer.Option("--port", help="The first one's port, then one up; 0: any free.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="How many people to plant.")] = 20,
) -> int:
    """Serve simulated vendors on this machine.

    Runs until Ctrl-C. Prints the addresses, and the options to put into connections/*.yaml.
    """
    import tempfile
    from contextlib import ExitStack

    from sync.cli.progress import stopping

    slugs = {name: _slug(desk, name) for name in names}
    with ExitStack() as stack, stopping(desk.out, "") as event:
        for place, (name, slug) in enumerate(slugs.items()):
            installed = desk.registry.get(slug)
            if installed.rehearsal is None:
                raise refused("NO_SIMULATOR", name=slug)
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="renkei-")))
            bench = installed.rehearsal(home)
            if bench.simulator is None:
                raise refused("NO_SIMULATOR", name=slug)
            if seed:
                bench.seed(seed)
            try:
                address = stack.enter_context(bench.simulator.serve(port + place if port else 0))
            except (OSError, SystemExit) as error:
                raise refused("PORT_TAKEN", port=port + place, exit_code=ERROR) from error
            model = installed.options
            options = _with_address(model, bench.options, address)
            _tell_simulator(desk, name, slug, address, *_referred(model, name, options))
        desk.out.say("simulate.stop")
        while not event.wait(0.2):
            if desk.world.stop is not None and desk.world.stop():
                break
    return OK


def _slug(desk: Desk, name: str) -> str:
    if name in desk.registry:
        return name
    if (desk.root / "renkei.yaml").is_file() and name in desk.config.connections:
        return desk.config.connections[name].connector
    return desk.registry.get(name).slug


ADDRESSES = ("base_url", "login_url", "instance_url", "token_url", "api_url")
"""Options that name the vendor's address."""


def _with_address(model: Any, options: Mapping[str, Any], address: str) -> dict[str, Any]:
    found = dict(options)
    for name in ADDRESSES:
        if name in model.model_fields and (name == "base_url" or name in found):
            found[name] = address
    return found


def _referred(
    model: Any, name: str, options: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Options with secrets as references, as files must have them; and what those stand for."""
    from sync.config.validate import secret_paths

    made: Any = _plain(options)
    env: dict[str, str] = {}
    for path in dict.fromkeys(secret_paths(model, options)):
        words = [name, *(str(part) for part in path)]
        variable = "_".join("".join(c if c.isalnum() else "_" for c in w) for w in words).upper()
        place = made
        for part in path[:-1]:
            place = place[part]
        env[variable] = str(place[path[-1]])
        place[path[-1]] = f"${{env:{variable}}}"
    return made, env


def _tell_simulator(
    desk: Desk,
    name: str,
    slug: str,
    address: str,
    options: Mapping[str, Any],
    env: Mapping[str, str],
) -> None:
    desk.out.item(
        "simulator",
        name=name,
        connector=slug,
        address=address,
        options=dict(options),
        env=dict(env),
    )
    desk.out.line(f"{name}: {address}")
    for variable, value in env.items():
        desk.out.line(f"  export {variable}={shlex.quote(value)}")
    desk.out.line(f"  # connections/{name}.yaml")
    desk.out.line(f"  connector: {slug}")
    for line in _yaml({"options": options}):
        desk.out.line(f"  {line}")


def _yaml(value: Any) -> Sequence[str]:
    import io

    from ruamel.yaml import YAML

    text = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 4096
    yaml.dump(_plain(value), text)
    return text.getvalue().rstrip().splitlines()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)
