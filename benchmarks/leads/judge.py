"""How good the matcher is: ``python -m benchmarks.leads.judge --seeds 11-20``."""

from __future__ import annotations

import argparse
import sys
from statistics import mean

from benchmarks.leads.generate import EVERYDAY, generate
from benchmarks.leads.reading import values_of
from mapping.match.evaluate import Figures, figures
from mapping.match.everyone import match_all

SETS = (("everyday", "japanese", EVERYDAY), ("hard", "japanese", 1.0), ("western", "western", 1.0))
COLUMNS = ("precision", "recall", "f1", "b3_f1", "exact")


def judge(seed: int, people: int, kind: str, hardness: float) -> tuple[Figures, float]:
    """The figures of automatic matching on one list, and its open pairs per record."""
    rows = generate(seed, people, kind, hardness)
    found = match_all(dict(map(values_of, rows)))
    truth = {row["record_id"]: row["person_id"] for row in rows}
    return figures(found.of, truth), len(found.review) / len(rows)


def main(arguments: list[str] | None = None) -> int:
    """Print a table, a line per set; return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.leads.judge", description=__doc__)
    parser.add_argument("--seeds", default="11-20", help="first-last (11-20)")
    parser.add_argument("--people", type=int, default=330, help="people per list (330)")
    options = parser.parse_args(arguments)
    first, _, last = options.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    print(f"{len(seeds)} lists of {options.people} people each, automatic matching; means (worst)")
    print()
    print("| set | precision | recall | F1 | B³ | exact clusters | to review, per record |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, kind, hardness in SETS:
        done = [judge(seed, options.people, kind, hardness) for seed in seeds]
        cells = [
            f"{mean(values):.3f} ({min(values):.3f})"
            for column in COLUMNS
            if (values := [getattr(one, column) for one, _ in done])
        ]
        review = mean(share for _, share in done)
        print(f"| {name} | {' | '.join(cells)} | {review:.2f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
