"""Verbs about who is who: match eval."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.context import Desk
from sync.cli.failures import ERROR, OK, USAGE, Refused, refused
from sync.cli.frame import verb
from sync.cli.tables import cut, width

if TYPE_CHECKING:
    from mapping.match.compare import Reason
    from mapping.match.rules import Rules
    from sync.engine.judging import Band, Judgement, Mistake
    from sync.engine.labelled import Labelled


def add_match(group: typer.Typer) -> None:
    """Add these verbs to their group."""
    verb(group, "eval")(evaluate)


def evaluate(
    desk: Desk,
    file: Annotated[Path, typer.Argument(help="A labelled CSV or TSV file.")],
    label: Annotated[
        str | None,
        typer.Option(
            "--label",
            metavar="COLUMN",
            help="The column that says who each row is; default: by its usual names, or FEBRL's "
            "rec-1-org.",
        ),
    ] = None,
    link: Annotated[
        str | None,
        typer.Option(
            "--link",
            metavar="COLUMN",
            help="The column that says which of two linked files a row is from; rows of one are "
            "never joined.",
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="A match.yaml with fixed settings.")
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option("--threshold", help="The score from which two records are put together."),
    ] = None,
    worst: Annotated[
        int, typer.Option("--worst", min=0, help="How many mistakes of each kind are shown.")
    ] = 10,
    gate: Annotated[
        float | None,
        typer.Option("--gate", help="End with 1 where the automatic F1 is below this."),
    ] = None,
) -> int:
    """Judge the matching by a labelled file.

    Precision, recall, F1 and B-cubed at each band, what people would be asked, and the worst
    mistakes with their reasons. Leads are matched as the hub does; any other table by --config, or
    by what its columns tell without the labels.
    """
    from sync.engine.judging import judge
    from sync.engine.labelled import Unlabelled, read_labelled

    path = file if file.is_absolute() else Path.cwd() / file
    if not path.is_file():
        raise refused("NO_FILE", file=str(file))
    rules = _rules(config) if config is not None else None
    try:
        given = read_labelled(path, label, link)
    except Unlabelled as error:
        raise Refused(error.code, "", "", "", USAGE, error.says) from error
    judged = judge(given, rules, threshold, worst)
    _tell(desk, file.name, given, judged)
    f1 = judged.bands[0].figures.f1
    if gate is not None and f1 < gate:
        desk.out.say("match.below", f1=f"{f1:.4f}", gate=f"{gate:g}")
        return ERROR
    return OK


def _rules(config: Path) -> Rules:
    from pydantic import ValidationError
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    from sync.config.model import MatchConfig

    try:
        written = YAML(typ="safe", pure=True).load(config.read_text(encoding="utf-8"))
        return MatchConfig.model_validate(written or {}).rules()
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise refused("BAD_FILE", file=str(config), why=f"{place}: {first['msg']}") from error
    except (OSError, ValueError, YAMLError) as error:
        raise refused("BAD_FILE", file=str(config), why=str(error)) from error


def _tell(desk: Desk, name: str, given: Labelled, judged: Judgement) -> None:
    out = desk.out
    entities = len(set(given.truth.values()))
    out.item(
        "match_eval",
        file=name,
        records=judged.records,
        entities=entities,
        label=given.label,
        how=judged.how,
        accept=judged.rules.accept,
        review=judged.rules.review,
        fields=dict(given.fields),
        bands=[_band_fields(band, judged) for band in judged.bands],
    )
    out.say(
        "match.read",
        file=name,
        records=f"{judged.records:,}",
        entities=f"{entities:,}",
        label=given.label,
    )
    _tell_settings(desk, judged)
    out.line()
    _tell_bands(desk, judged)
    for key, mistakes in (("false", judged.false), ("missed", judged.missed)):
        out.line()
        out.say(f"match.{key}", count=len(mistakes))
        for one in mistakes:
            _tell_mistake(desk, key, given, one)
        if not mistakes:
            out.say("match.none")


def _tell_settings(desk: Desk, judged: Judgement) -> None:
    out = desk.out
    out.say(f"match.{judged.how}", accept=f"{judged.rules.accept:g}")
    for one in judged.rules.extras:
        near = getattr(one, "near", one.close / 2)
        out.item(
            "match_field",
            field=one.field,
            compare=one.compare,
            same=one.same,
            close=one.close,
            near=near,
            differ=one.differ,
        )
    out.table(
        (
            "column.field",
            "column.compared_as",
            "column.same",
            "column.close",
            "column.near",
            "column.differ",
        ),
        [
            [
                one.field,
                one.compare,
                *(
                    f"{points:+.1f}"
                    for points in (
                        one.same,
                        one.close,
                        getattr(one, "near", one.close / 2),
                        one.differ,
                    )
                ),
            ]
            for one in judged.rules.extras
        ],
        right=("column.same", "column.close", "column.near", "column.differ"),
    )


def _band_fields(band: Band, judged: Judgement) -> dict[str, Any]:
    seen = band.figures
    return {
        "at": band.at,
        "precision": seen.precision,
        "recall": seen.recall,
        "f1": seen.f1,
        "b3_precision": seen.b3_precision,
        "b3_recall": seen.b3_recall,
        "b3_f1": seen.b3_f1,
        "exact": seen.exact,
        "clusters": seen.clusters,
        "true_pairs": seen.true_pairs,
        "found_pairs": seen.found_pairs,
        "right_pairs": seen.right_pairs,
        "review": band.review,
        "review_per_record": band.review / max(judged.records, 1),
        "review_true": band.right,
    }


def _tell_bands(desk: Desk, judged: Judgement) -> None:
    out = desk.out
    rows = []
    for number, band in enumerate(judged.bands):
        seen = band.figures
        words = out.words("match.reviewed", at=f"{band.at:g}") if number else ""
        rows.append(
            [
                words or out.words("match.automatic"),
                *(f"{one:.4f}" for one in (seen.precision, seen.recall, seen.f1, seen.b3_f1)),
                f"{seen.exact:.3f}",
                f"{band.review:,}" if number else "–",
                f"{band.review / max(judged.records, 1):.3f}" if number else "–",
                f"{band.right / band.review:.0%}" if band.review else "–",
            ]
        )
    columns = (
        "column.band",
        "column.precision",
        "column.recall",
        "column.f1",
        "column.b3",
        "column.exact",
        "column.asked",
        "column.per_record",
        "column.true_share",
    )
    out.table(columns, rows, right=columns[1:])
    out.say("match.bands_note")


def _tell_mistake(desk: Desk, kind: str, given: Labelled, one: Mistake) -> None:
    out = desk.out
    ours, theirs = given.rows[one.a], given.rows[one.b]
    rows = {"a": int(one.a), "b": int(one.b)}
    out.item(
        "match_mistake",
        mistake=kind,
        rows=[rows["a"], rows["b"]],
        labels=[given.truth[one.a], given.truth[one.b]],
        points=round(one.score.points, 2),
        reasons=[list(reason) for reason in one.score.reasons],
        values=[dict(ours), dict(theirs)],
    )
    out.say("match.pair", **rows, points=f"{one.score.points:.1f}")
    shown = [header for header in given.compared if ours[header] or theirs[header]]
    wide = max((width(header) for header in shown), default=0)
    for header in shown:
        pad = " " * (wide - width(header))
        mark = "=" if ours[header] == theirs[header] else "|"
        left = cut(ours[header], _CELL)
        left += " " * (_CELL - width(left))
        out.line(f"    {header}{pad}  {left} {mark} {cut(theirs[header], _CELL)}")
    for reason in one.score.reasons:
        out.line(f"    {reason.points:+6.1f}  {_said(desk, reason)}")


_CELL = 34
"""Columns that a cell takes beside the other's."""


_STEPS = ("same", "close", "near", "differ", "one_group", "one_side")
"""Reasons of tables; those of leads have words of their own."""


def _said(desk: Desk, reason: Reason) -> str:
    from mapping.match.rules import WORDS

    if reason.code in WORDS:
        return WORDS[reason.code][desk.out.language != "ja"]
    if reason.code in _STEPS:
        return desk.out.words(f"step.{reason.code}", field=reason.detail)
    return reason.code
