"""Writes a labelled set: ``python -m benchmarks.leads --seed 7 --out leads.csv``."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path

from benchmarks.leads.generate import COLUMNS, generate_with_cases


def main(arguments: list[str] | None = None) -> int:
    """Write the CSV, with ``--cases`` also which records are which case; return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.leads", description=__doc__)
    parser.add_argument("--seed", type=int, required=True, help="same seed, same records")
    parser.add_argument("--out", type=Path, required=True, help="where the UTF-8 CSV goes")
    parser.add_argument("--people", type=int, default=330, help="how many people (330)")
    parser.add_argument("--kind", choices=("japanese", "western"), default="japanese")
    parser.add_argument("--hardness", type=float, default=1.0, help="share of hard cases (1)")
    parser.add_argument("--cases", type=Path, help="where the cases go, as JSON")
    options = parser.parse_args(arguments)
    rows, cases = generate_with_cases(options.seed, options.people, options.kind, options.hardness)
    with options.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    if options.cases:
        text = json.dumps(cases, ensure_ascii=False, indent=1, sort_keys=True)
        options.cases.write_text(text, encoding="utf-8")
    people = len({row["person_id"] for row in rows})
    print(f"{len(rows)} records of {people} people in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
