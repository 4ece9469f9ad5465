"""The bench's results: a line a row while it runs, the table of goals, and a CSV to keep."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks import envs
from benchmarks.measure import Cost
from benchmarks.rows import GOALS, ROWS, Goal, Row

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("sqlalchemy", "psycopg", "httpx", "orjson", "pydantic", "starlette", "uvicorn")
PEAK_AT_LEAST, PEAK_AIM = 200.0, 150.0
STRANGERS = 0.2
"""Load of others, in cores, above which CPU is compared in place of seconds."""
Hooks = Sequence[Mapping[str, Mapping[str, float]]]
Costs = Sequence[Mapping[str, Cost]]


def is_quiet(costs: Costs) -> bool:
    """Whether the bench had the machine to itself, so that seconds can be trusted."""
    loads = [cost.strangers for done in costs for cost in done.values()]
    return not loads or median(loads) <= STRANGERS


def line(
    number: int, row: Row, records: int, cost: Cost | None, dropped: Mapping[str, str]
) -> None:
    """Say what a row cost, or why it is left out."""
    if cost is None:
        print(f"{number}  {row.title:44} left out: {dropped.get(row.name, '')}", flush=True)
        return
    rate = f"{records / cost.seconds:9,.0f}/s" if row.counted else f"{cost.seconds * 1e3:8.0f} ms"
    print(
        f"{number}  {row.title:44} {rate}  {cost.seconds:6.2f} s"
        f"  cpu {cost.cpu:6.2f} + {cost.server_cpu:5.2f}  {cost.peak_mb:4.0f} MB"
        f"  others {cost.strangers:.2f}",
        flush=True,
    )


def hooks_line(number: int, hooks: Mapping[str, Mapping[str, float]]) -> None:
    """Say how the webhooks went."""
    for what, found in hooks.items():
        print(
            f"{number}  webhooks, {what:34} {found['rate']:9,.0f}/s"
            f"  p50 {found['p50']:.1f} ms  p99 {found['p99']:.1f} ms",
            flush=True,
        )


def matching_line(number: int, found: Mapping[str, Mapping[str, float]]) -> None:
    """Say how matching went."""
    for name, got in found.items():
        if name == "bulk":
            print(
                f"{number}  matching, whole list {'':20} {got['packed']:9,.0f}/s packed,"
                f" {got['raw']:,.0f}/s raw, {got['peak_mb']:.0f} MB",
                flush=True,
            )
            continue
        print(
            f"{number}  matching, one new lead, {name:18} p50 {got['p50']:.2f} ms"
            f"  p95 {got['p95']:.2f} ms  p99 {got['p99']:.2f} ms",
            flush=True,
        )


def table(
    costs: Costs,
    hooks: Hooks,
    matching: Hooks,
    dropped: Mapping[str, str],
    records: int,
) -> list[str]:
    """Print the goals with what was reached, keep it as CSV; the numbers of those missed.

    Where others used the machine, CPU is judged; what only seconds can tell is not judged.
    """
    quiet = is_quiet(costs)
    lines = [
        *_ratios(costs, quiet),
        *_hook_lines(hooks, quiet),
        *_matching_lines(matching, quiet),
        *_others(costs),
    ]
    if not quiet:
        print("\nothers used the machine meanwhile: the ratios by CPU are judged")
    print(f"\n{'#':>3} {'ratio':58} {'found':>7} {'by CPU':>7} {'least':>6} {'aim':>5}  met")
    missed = []
    for number, title, found, by_cpu, least, aim, ok in lines:
        if ok is False:
            missed.append(number)
        shown = f"{by_cpu:7.2f}" if by_cpu is not None else "      –"
        word = "?" if ok is None else "yes" if ok else "NO"
        print(f"{number:>3} {title:58} {found:7.2f} {shown} {least:>6} {aim:>5}  {word}")
    for name, why in dropped.items():
        print(f"  – {name}: {why}")
    _keep(costs, lines, records)
    return missed


Line = tuple[str, str, float, float | None, float, float, bool | None]


def _ratios(costs: Costs, quiet: bool) -> list[Line]:
    lines: list[Line] = []
    for goal in GOALS:
        both = [done for done in costs if goal.row in done and goal.against in done]
        if not both:
            continue

        def ratio(of: Callable[[Cost], float], both: Costs = both, goal: Goal = goal) -> float:
            return median(of(done[goal.against]) / of(done[goal.row]) for done in both)

        found = ratio(lambda cost: cost.seconds)
        by_cpu = ratio(lambda cost: cost.cpu + cost.server_cpu) if goal.number != "8" else None
        judged = found if quiet else by_cpu
        ok = None if judged is None else judged >= goal.at_least
        lines.append((goal.number, goal.title, found, by_cpu, goal.at_least, goal.aim, ok))
    return lines


def _hook_lines(hooks: Hooks, quiet: bool) -> list[Line]:
    if not hooks:
        return []
    rate = median(each["hub"]["rate"] / each["bare"]["rate"] for each in hooks)
    late = median(each["hub"]["p99"] / each["bare"]["p99"] for each in hooks)
    return [
        (
            "9",
            "durable webhook against an empty handler",
            rate,
            None,
            0.4,
            0.55,
            _if(quiet, rate >= 0.4),
        ),
        ("9b", "… its p99 (at most)", late, None, 5.0, 5.0, _if(quiet, late <= 5.0)),
    ]


def _matching_lines(matching: Hooks, quiet: bool) -> list[Line]:
    """What no peer is measured beside: figures for two cores."""
    lines: list[Line] = []
    if not matching:
        return lines
    loads = [got["strangers"] for each in matching for got in each.values()]
    quiet = quiet and max(loads) <= STRANGERS
    for name, median_ms, late_ms in (("sqlite", 2.0, 5.0), ("postgres", 4.0, 10.0)):
        found = [each[name] for each in matching if name in each]
        if found:
            for of, most in (("p50", median_ms), ("p95", late_ms)):
                took = median(each[of] for each in found)
                ok = _if(quiet, took <= most)
                title = f"one new lead, {name}, {of} in ms (at most)"
                lines.append(("M1", title, took, None, most, most, ok))
    for of, least, most in (
        ("packed", 50_000.0, 0.0),
        ("raw", 10_000.0, 0.0),
        ("peak_mb", 0.0, 2500.0),
    ):
        got = median(each["bulk"][of] for each in matching)
        ok = _if(quiet, got >= least) if least else got <= most
        words = {"packed": "records/s, packed", "raw": "records/s, raw", "peak_mb": "MB (at most)"}
        lines.append(
            ("M2", f"whole list, {words[of]}", got, None, least or most, least or most, ok)
        )
    return lines


def _if(quiet: bool, ok: bool) -> bool | None:
    return ok if quiet or ok else None


def _others(costs: Costs) -> list[Line]:
    lines: list[Line] = []
    ours = ("pull-", "push-", "again-")
    peaks = [cost.peak_mb for done in costs for name, cost in done.items() if name.startswith(ours)]
    if peaks:
        peak = max(peaks)
        ok = peak <= PEAK_AT_LEAST
        lines.append(("13", "peak memory, MB (at most)", peak, None, PEAK_AT_LEAST, PEAK_AIM, ok))
    both = [done for done in costs if "help" in done and "typer" in done]
    if both:
        slow = median(done["help"].seconds / done["typer"].seconds for done in both)
        cpu = median(done["help"].cpu / done["typer"].cpu for done in both)
        lines.append(("14", "renkei --help to import typer (at most)", slow, cpu, 3, 3, slow <= 3))
    return lines


def _keep(costs: Costs, lines: Sequence[Line], records: int) -> None:
    RESULTS.mkdir(exist_ok=True)
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    with (RESULTS / f"{moment}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        ours = " ".join(f"{name}=={version(name)}" for name in PACKAGES)
        peers = " ".join(envs.versions(name) for name in envs.PINS)
        writer.writerow(["python", sys.version.split()[0], "ours", ours, "peers", peers])
        writer.writerow(["goal", "title", "found", "by cpu", "at least", "aim", "met"])
        writer.writerows(lines)
        writer.writerow(
            ["row", "records", "rounds", "median s", "least s", "most s", "cpu", "server cpu", "MB"]
        )
        for row in ROWS:
            found = [done[row.name] for done in costs if row.name in done]
            if not found:
                continue
            seconds = [cost.seconds for cost in found]
            numbers = [median(seconds), min(seconds), max(seconds)]
            numbers += [median(cost.cpu for cost in found)]
            numbers += [median(cost.server_cpu for cost in found)]
            numbers += [max(cost.peak_mb for cost in found)]
            rounded = [round(number, 3) for number in numbers]
            writer.writerow([row.name, records, len(found), *rounded])
