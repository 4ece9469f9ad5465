"""Points proposed from the user's own data: Splink's EM over how pairs of records compare.

Nothing is changed: the proposal stands beside today's points, for a person to look at and to take
over into match.yaml. No labels are needed. Each piece of evidence is a level of one of Splink's
comparisons: how often two people show it by chance (u) is counted, how often one person does (m) is
estimated, and log2(m / u) is what it counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from io import StringIO
from math import inf, log2
from typing import TYPE_CHECKING, Any

from mapping.match.cluster import is_automatic
from mapping.match.compare import Score
from mapping.match.rules import DEFAULT, Rules
from mapping.model import Value
from sync.engine import bulk
from sync.engine.rekey import everything
from sync.engine.stated import stated
from sync.store import pages

if TYPE_CHECKING:
    from sync.engine.hub import Hub

__all__ = ["LEAST", "Line", "Proposal", "propose", "propose_for"]

LEAST = 30
"""Evidence found in fewer pairs says nothing about itself."""
MOST = 200_000
"""As many pairs are looked at; more would not change the points, only the time."""
_PAGE = 2_000
_WRONG = 0.005
"""Of the pairs that are put together unasked, as many may be two people, by the estimate."""
_FARTHEST = 20.0

GROUPS: Mapping[str, Sequence[str]] = {
    "mail": ("mailbox", "mailbox_typo", "local_part", "mailboxes_vary", "mailboxes_differ"),
    "mobile": ("mobile", "mobiles_differ"),
    "line": ("extension", "line"),
    "name": (
        "name",
        "name_common",
        "name_short",
        "name_swapped",
        "reading",
        "reading_common",
        "name_close",
        "names_fit",
        "family",
        "family_new",
        "homophone",
        "may_sound",
        "families_differ",
        "given_names_differ",
        "readings_unfit",
        "names_differ",
    ),
    "reading": ("reading_too", "readings_differ"),
    "hint": ("mailbox_fits", "mailbox_unfit"),
    "company": ("account", "account_by_name", "sister_company", "other_company"),
    "place": ("prefectures_differ",),
    "job": ("department", "other_department"),
}
"""Evidence of which two records show at most one: each group is a comparison of Splink's."""
_OR_NOTHING = frozenset({"line", "place"})
"""Groups in which showing nothing is the other possibility, and not a lack of data."""
_RARE = {"name": "name_common", "reading": "reading_common"}
_GROUP_OF = {code: group for group, codes in GROUPS.items() for code in codes}


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of evidence: what it counts now, what it would, and in how many pairs it was."""

    code: str
    now: float
    proposed: float
    pairs: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """Points that fit the data, beside today's.

    ``accept`` is the score from which on, by these points, 1 in 200 pairs is two people after all;
    points and ``accept`` belong together. ``pairs`` were looked at.
    """

    lines: tuple[Line, ...]
    accept_now: float
    accept: float
    records: int
    pairs: int

    def as_yaml_diff(self, text: str = "") -> str:
        """What would change in match.yaml (``text``), as a unified diff; "" if nothing would."""
        from ruamel.yaml import YAML

        yaml = YAML()
        yaml.preserve_quotes = True
        document: Any = yaml.load(text) or {}
        points = document.setdefault("points", {})
        for line in self.lines:
            if line.proposed != line.now:
                points[line.code] = line.proposed
        if self.accept != self.accept_now:
            document["accept"] = self.accept
        if not points:
            del document["points"]
        wanted = StringIO()
        if document:
            yaml.dump(document, wanted)
        return "".join(
            unified_diff(
                text.splitlines(keepends=True),
                wanted.getvalue().splitlines(keepends=True),
                "match.yaml",
                "match.yaml (proposed)",
            )
        )


def propose_for(hub: Hub) -> Proposal:
    """Points for the records that a hub holds; see ``propose``."""
    bulk.need("duckdb", "numpy", "splink")
    said = (
        (link.id, values)
        for page in everything(hub, pages.people, _PAGE)
        for link in page
        if (values := stated(link))
    )
    return propose(said, hub.rules)


def propose(
    records: Mapping[str, Mapping[str, Value]] | Iterable[tuple[str, Mapping[str, Value]]],
    rules: Rules = DEFAULT,
    *,
    processes: int | None = None,
) -> Proposal:
    """Points for these records, estimated from how their pairs compare; the same for the same data.

    Raises bulk.MissingExtra. Evidence in fewer than LEAST pairs is left out.
    """
    bulk.need("duckdb", "numpy", "splink")
    from sync.engine.bulk.matching import sample

    given = records.items() if isinstance(records, Mapping) else records
    rows = bulk.pack_all(given, rules=rules, processes=processes)
    seen = sample(rows, rules=rules, most=MOST, processes=processes)
    near, tied = Counter[tuple[str, ...]](), 0
    for score, times in seen.near:
        near[_levels(score, rules)] += times
        tied += times if is_automatic(score, rules) else 0
    anyone = Counter[tuple[str, ...]]()
    for score, times in seen.any:
        if not is_automatic(score, rules):  # two who are plainly one person are not by chance alike
            anyone[_levels(score, rules)] += times
    pairs = sum(near.values())
    if not tied or not anyone:
        return Proposal((), rules.accept, rules.accept, seen.records, pairs)
    share = tied * seen.times / (seen.records * (seen.records - 1) / 2)
    points = _estimate(near, anyone, rules, share)
    found = _found(near)
    lines = tuple(
        Line(code, rules.points[code], _rounded(worth), found[code])
        for code, worth in points.items()
    )
    accept = _accept(seen.near, rules, {line.code: line.proposed for line in lines}, share)
    return Proposal(lines, rules.accept, accept, seen.records, pairs)


def _levels(score: Score, rules: Rules) -> tuple[str, ...]:
    """What two records showed of each group, "" for nothing."""
    shown = dict.fromkeys(GROUPS, "")
    for reason in score.reasons:
        code = reason.code
        if code in _RARE and reason.points < rules.points[code]:
            code = _RARE[code]
        group = _GROUP_OF.get(code)
        if group == "reading" and not shown["name"]:
            group, code = "name", "names_differ"  # another reading is another name
        if group is not None:
            shown[group] = code
    return tuple(shown.values())


def _accept(
    scores: Iterable[tuple[Score, int]], rules: Rules, points: Mapping[str, float], share: float
) -> float:
    """The lowest score from which on few enough pairs are two people."""
    by_score: Counter[float] = Counter()
    for score, times in scores:
        if score.is_clear:
            worth = sum(
                points.get(code, rules.points[code]) for code in _levels(score, rules) if code
            )
            by_score[_rounded(worth, inf)] += times
    accept, taken, wrong = rules.accept, 0, 0.0
    odds = share / (1 - share)
    for worth in sorted(by_score, reverse=True):
        taken += by_score[worth]
        wrong += by_score[worth] / (1 + odds * 2**worth)
        if wrong > _WRONG * taken:
            break
        accept = worth
    return accept


def _found(shown: Mapping[tuple[str, ...], int]) -> Counter[str]:
    found: Counter[str] = Counter()
    for levels, times in shown.items():
        for code in levels:
            found[code] += times
    return found


def _rounded(worth: float, farthest: float = _FARTHEST) -> float:
    return round(2 * max(-farthest, min(farthest, worth))) / 2


def _estimate(
    near: Mapping[tuple[str, ...], int],
    anyone: Mapping[tuple[str, ...], int],
    rules: Rules,
    share: float,
) -> dict[str, float]:
    """What each piece of evidence counts.

    How often two people show it by chance is counted in pairs taken by chance (among those that
    share a key everybody shares something); how often one person does, Splink's EM estimates.
    """
    import duckdb
    from splink import DuckDBAPI, Linker, SettingsCreator
    from splink.blocking_rule_library import CustomRule

    found, by_chance = _found(near), _found(anyone)
    comparisons = []
    for group, codes in GROUPS.items():
        often = [code for code in codes if found[code] >= LEAST]
        if len(often) > 1 or (often and group in _OR_NOTHING):
            counts = {code: by_chance[code] for code in often}
            if group in _OR_NOTHING:
                counts[""] = sum(anyone.values()) - sum(counts.values())
            comparisons.append(_comparison(group, _start(counts, rules.points)))
    if not comparisons:
        return {}
    with duckdb.connect() as base:
        _fill(base, near)
        interface = DuckDBAPI(base)
        settings = SettingsCreator(
            link_type="link_only",
            comparisons=comparisons,
            blocking_rules_to_generate_predictions=[CustomRule("l.pair = r.pair")],
            probability_two_random_records_match=share,
        )
        linker = Linker([interface.register("ours"), interface.register("theirs")], settings, None)
        trained = linker.training.estimate_parameters_using_expectation_maximisation(
            "l.pair = r.pair",
            fix_probability_two_random_records_match=True,
            max_pairs=None,
            record_sample_proportion=1.0,
        ).core_model_settings
    return {
        level.label_for_charts: log2(max(level.m_probability or 0.0, _NEVER) / level.u_probability)
        for comparison in trained.comparisons
        for level in comparison.comparison_levels
        if level.label_for_charts in _GROUP_OF and level.u_probability
    }


_NEVER = 1e-6
"""No piece of evidence is taken to show up less often with one person."""


def _fill(base: Any, shown: Mapping[tuple[str, ...], int]) -> None:
    """Splink compares records: of each pair one has what both show, and the other says the same."""
    import numpy as np

    rows = sorted(shown.items())
    columns: dict[str, Any] = {
        group: np.array([levels[at] for levels, _ in rows], object)
        for at, group in enumerate(GROUPS)
    }
    base.register("shown", {**columns, "times": np.array([times for _, times in rows])})
    base.execute(
        "CREATE TABLE pairs AS SELECT row_number() OVER () AS pair, * EXCLUDE (times, copy)"
        " FROM (SELECT *, unnest(range(times)) AS copy FROM shown)"
    )
    base.execute("CREATE TABLE ours AS SELECT 'a' || pair AS unique_id, * FROM pairs")
    base.execute("CREATE TABLE theirs AS SELECT 'b' || pair AS unique_id, * FROM pairs")


def _comparison(group: str, levels: Mapping[str, tuple[float, float]]) -> Any:
    """One of Splink's comparisons, with how often one person and two show each level at first."""
    from splink.comparison_level_library import CustomLevel, ElseLevel
    from splink.comparison_library import CustomComparison

    others = ", ".join(f"'{code}'" for code in levels)
    tells_nothing = "1 = 0" if "" in levels else f'"{group}_l" NOT IN ({others})'
    made: list[Any] = [CustomLevel(tells_nothing).configure(is_null_level=True)]
    *_, last = levels
    for code, (m, u) in levels.items():
        level = ElseLevel() if code == last else CustomLevel(f"\"{group}_l\" = '{code}'")
        made.append(
            level.configure(m_probability=m, u_probability=u, label_for_charts=code or "nothing")
        )
    return CustomComparison(comparison_levels=made, output_column_name=group)


def _start(
    by_chance: Mapping[str, int], points: Mapping[str, float]
) -> dict[str, tuple[float, float]]:
    """How often one person shows each level, as far as today's points tell, and how often two do.

    What was never seen by chance could have been: nothing counts without end.
    """
    total = sum(count + _ONCE for count in by_chance.values())
    u = {code: (count + _ONCE) / total for code, count in by_chance.items()}
    m = {code: u[code] * 2 ** points.get(code, 0.0) for code in by_chance}
    all_m = sum(m.values())
    return {code: (m[code] / all_m, u[code]) for code in by_chance}


_ONCE = 0.5
