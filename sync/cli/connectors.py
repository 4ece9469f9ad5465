"""``renkei connectors``: which there are, a new one, and the contract each has to pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from sync.cli.context import Desk
from sync.cli.failures import ERROR, OK, refused
from sync.cli.frame import verb
from sync.cli.tables import cut


def add(app: typer.Typer) -> None:
    """Add these verbs."""
    verb(app, "list")(list_connectors)
    verb(app, "new")(new)
    verb(app, "test")(prove)


def list_connectors(desk: Desk) -> int:
    """List every connector there is.

    Ours, those of installed packages, and the directory's own.
    """
    out = desk.out
    rows = []
    for installed in desk.registry:
        manifest = installed.manifest
        description = manifest.description.ja or manifest.description.en
        if out.language != "ja":
            description = manifest.description.en
        out.item(
            "connector",
            slug=installed.slug,
            name=manifest.name,
            roles=list(manifest.roles),
            description={"en": manifest.description.en, "ja": manifest.description.ja},
            streams={
                name: {"about": str(spec.kind), "pull": spec.pull, "push": spec.push}
                for name, spec in manifest.streams.items()
            },
            webhooks=manifest.webhooks.style,
            tier=manifest.quality.tier,
            origin=installed.origin,
        )
        rows.append(
            [
                installed.slug,
                manifest.name,
                ", ".join(manifest.roles),
                manifest.quality.tier,
                cut(installed.origin, 30),
                cut(description, 100),
            ]
        )
    out.table(
        (
            "column.slug",
            "column.name",
            "column.roles",
            "column.tier",
            "column.origin",
            "column.description",
        ),
        rows,
        wrap="column.description",
    )
    for broken in desk.registry.broken:
        out.item("broken", slug=broken.slug, origin=broken.origin, message=broken.message)
        out.line(f"✗ {broken.slug} ({broken.origin}): {broken.message}")
    return ERROR if desk.registry.broken else OK


def new(
    desk: Desk,
    name: Annotated[str, typer.Argument(help="What the vendor is called, e.g. Meibo CRM.")],
    kind: Annotated[
        str, typer.Option("--kind", help="Its role: form, ma, sfa, crm or communication.")
    ] = "crm",
    to: Annotated[
        str, typer.Option("--to", help="The directory that gets it; name it under `plugins:`.")
    ] = "connectors",
) -> int:
    """Begin a connector of your own.

    Writes a package that is listed, and that says what is still to be written.
    """
    from connectors.scaffold import scaffold

    try:
        written = scaffold(name, kind, desk.root / to)
    except ValueError as error:
        raise refused("SCAFFOLD", message=str(error)) from error
    for path in written:
        shown = path.relative_to(desk.root).as_posix()
        desk.out.item("written", file=shown)
        desk.out.line(shown)
    slug = written[0].relative_to(desk.root / to).parts[0]
    desk.out.next(f"renkei connectors test {slug} --path {to}")
    return OK


def prove(
    desk: Desk,
    slugs: Annotated[
        list[str] | None,
        typer.Argument(help="Connectors; default: all.", metavar="[SLUG]...", show_default=False),
    ] = None,
    path: Annotated[
        list[Path] | None, typer.Option("--path", help="A directory with connectors of your own.")
    ] = None,
) -> int:
    """Run the contract that every connector passes.

    Over its simulator; needs pytest.
    """
    from importlib.util import find_spec

    if find_spec("pytest") is None:
        raise refused("NO_PYTEST", next="pip install pytest hypothesis respx")
    own = [desk.root / one for one in path or []]
    command = [sys.executable, "-m", "pytest", "--pyargs", "connectors.testing", "-q"]
    command += ["-p", "no:cacheprovider", "-p", "connectors.testing.plugin"]
    for slug in slugs or []:
        command += ["--connector", slug]
    for one in own:
        command += ["--connector-path", str(one)]
    last = ""
    with subprocess.Popen(  # noqa: S603 - our own interpreter, with arguments and no shell
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as ran:
        for line in ran.stdout or ():
            last = line.strip() or last
            desk.out.line(line.rstrip())
    passed = ran.returncode == 0
    desk.out.item("contract", connectors=slugs or [], passed=passed, summary=last)
    return OK if passed else ERROR
