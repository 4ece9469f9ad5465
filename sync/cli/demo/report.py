"""What the demo shows of the hub, part by part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync.cli import tables
from sync.cli.demo.people import CRM, FAIR, FORM, MA, SFA, Person
from sync.cli.demo.spellings import Pen
from sync.cli.demo.telling import Telling

if TYPE_CHECKING:
    from sync.engine.hub import Hub
    from sync.store.links import LinkRow
    from sync.store.runs import RunRow

SHOWN = ("full_name", "family_name", "family_kana", "company", "email", "mobile", "phone", "title")
"""The fields of the example, in this order."""
MOST_LOST = 3


def systems(
    telling: Telling, everybody: Sequence[Person], addresses: Mapping[str, str], root: Path
) -> None:
    """The systems, what they are for, and how much is on file there."""
    telling.heading("head.systems")
    counts = Counter(name for one in everybody for name in one.systems)
    counts[FORM] += sum(one.twice for one in everybody)
    rows = [
        (
            name,
            telling.words(f"system.{name}"),
            telling.words(f"role.{name}"),
            f"{counts[name]:,}",
            addresses.get(name, str(root / "inbox")),
        )
        for name in (FORM, MA, SFA, CRM, FAIR)
    ]
    telling.table(("connection", "system", "role", "records", "address"), rows, ("records",))
    total = sum(counts.values())
    telling.say("people", people=f"{len(everybody):,}", records=f"{total:,}")
    telling.item("systems", {"people": len(everybody), "records": dict(counts)})


def merged(telling: Telling, hub: Hub, everybody: Sequence[Person]) -> None:
    """How many records of the vendors' own became how many leads."""
    telling.heading("head.merged")
    found = Counter(Counter(link.owner_id for link in _found(hub)).values())
    records, leads = sum(n * count for n, count in found.items()), found.total()
    telling.say("merged", records=f"{records:,}", leads=f"{leads:,}")
    telling.bars(
        [
            (telling.words("merged.one" if n == 1 else "merged.line", n=n), found[n])
            for n in sorted(found)
        ]
    )
    shared = sum(one.shared for one in everybody)
    if shared:
        telling.say("merged.shared", people=shared)
    telling.item("merged", {"leads": leads, "records": records, "by_records": dict(found)})


def _found(hub: Hub) -> list[LinkRow]:
    """Links to what the vendors had; what the hub itself created is left out."""
    from sync.store import leads, links

    with hub.database.read() as tx:
        held = links.of_leads(tx, [row.id for row in leads.everybody(tx)])
    return [
        link
        for link in held
        if link.kind == "lead"
        and link.state != "moved"
        and (link.match or {}).get("rule") != "created"
    ]


def funnel(telling: Telling, hub: Hub) -> None:
    """Leads by stage."""
    from sync.store import leads

    with hub.database.read() as tx:
        counts = leads.count_by_stage(tx)
    telling.heading("head.funnel")
    telling.bars(
        [
            (stage.ja if telling.out.language == "ja" else stage.en, counts[code])
            for code, stage in hub.stage_rules.stages.items()
            if code in counts
        ]
    )
    telling.item("funnel", {"stages": counts})


def example(telling: Telling, hub: Hub, person: Person, root: Path) -> None:
    """One lead, its values, who said them, and what others say instead."""
    from mapping.model import label
    from sync.engine.explain import explain
    from sync.store import leads

    with hub.database.read() as tx:
        row = leads.find(tx, person.email, 1)[0]
    told = explain(hub, row.id)
    if told is None:
        return
    telling.heading("head.example")
    language = telling.out.language
    telling.say(
        "example",
        "bold",
        name=row.name or "",
        company=row.company or "",
        stage=hub.stage_rules.name(row.stage, language),
    )
    telling.say("example.spelt", "dim")
    telling.table(("system", "name", "company", "phone", "email"), _spelt(telling, person))
    telling.line()
    telling.say("example.lead", "dim")
    stories = {story.field: story for story in told.fields}
    rows = []
    for name in SHOWN:
        if name not in stories:
            continue
        story = stories[name]
        others = [
            f"{tables.cut(str(lost.value), 26)} ({lost.connection})"
            for lost in story.lost
            if lost.value != story.value
        ]
        rows.append(
            (
                label(name, language),
                tables.cut(str(story.value), 38),
                story.connection,
                ", ".join(others[:MOST_LOST]),
            )
        )
    telling.table(("field", "value", "said_by", "others"), rows)
    telling.line(f"  → renkei explain {person.email} --dir {_shown(root)}", "dim")
    telling.item(
        "example",
        {
            "lead": row.id,
            "fields": {name: stories[name].value for name in SHOWN if name in stories},
        },
    )


def _spelt(telling: Telling, person: Person) -> list[tuple[str, ...]]:
    """How the systems that had somebody on file spelt them."""
    found: list[tuple[str, ...]] = []
    for name in person.systems:
        pen = Pen(person, name)
        in_one_field = name in (CRM, FAIR)
        found.append(
            (
                telling.words(f"system.{name}"),
                pen.full_name() if in_one_field else f"{pen.family()} {person.given}",
                pen.company(),
                person.mobile or person.company.phone
                if name == FORM
                else pen.mobile() or pen.phone(),
                person.email if name == MA else pen.email(),
            )
        )
    return found


def written(telling: Telling, done: Sequence[RunRow], *, again: bool = False) -> None:
    """What was created and updated at each target. ``again``: under the heading there is."""
    if not again:
        telling.heading("head.written")
    totals: dict[str, Counter[str]] = {name: Counter() for name in (SFA, CRM, MA)}
    for run in done:
        if run.kind == "push":
            totals[run.connection].update(
                {name: n for name, n in run.counts.items() if isinstance(n, int)}
            )
    columns = ("created", "updated")
    telling.table(
        ("system", *columns),
        [
            (telling.words(f"system.{name}"), *(f"{counts[one]:,}" for one in columns))
            for name, counts in totals.items()
        ],
        columns,
    )
    telling.item("written", {"targets": {name: dict(one) for name, one in totals.items()}})


def set_aside(telling: Telling, hub: Hub) -> None:
    """What needs a person, grouped, with what to do about it."""
    from sync.cli.demo.words import WORDS
    from sync.store import asides

    telling.heading("head.aside")
    with hub.database.read() as tx:
        groups = asides.counts(tx)
        found = asides.listed(tx, limit=1000)
    if not groups:
        telling.say("aside.none")
    first = {(one.connection, one.code): one for one in found}
    for connection, _kind, code, count in groups:
        one = first.get((connection, code))
        known = f"aside.{code}" in WORDS
        message = telling.words(f"aside.{code}") if known else (one.message if one else code)
        fix = telling.words(f"aside.{code}.fix") if known else (one.fix if one else None)
        system = telling.words(f"system.{connection}")
        telling.say("aside.people", count=count, system=system, message=message)
        if fix:
            telling.say("aside.fix", "dim", indent=4, fix=fix)
        telling.item("set_aside", {"connection": connection, "code": code, "count": count})


def next_commands(telling: Telling, root: Path) -> None:
    """What to type next."""
    telling.line()
    telling.say("next")
    for command in ("status", "errors", "lead 佐藤", "runs"):
        telling.line(f"    renkei {command} --dir {_shown(root)}", "dim")


def addresses(telling: Telling, urls: Mapping[str, str]) -> None:
    """Where everything listens."""
    for name, url in urls.items():
        who: Any = telling.words(f"system.{name}" if name in (FORM, MA, SFA, CRM) else "hub")
        telling.line(f"    {who}{' ' * max(1, 14 - tables.width(who))}{url}")


def _shown(root: Path) -> str:
    try:
        return str(root.relative_to(Path.cwd()))
    except ValueError:
        return str(root)
