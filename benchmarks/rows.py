"""What the bench runs, in order, and the goals its ratios are held against."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import envs

Commands = list[list[str]]
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Place:
    """Where a round runs: the vendor's address, and databases to be filled."""

    vendor: str
    records: int
    home: Path
    postgres: Mapping[str, str]

    def sqlite(self, name: str) -> str:
        """The URL of a database file of this round."""
        return f"sqlite:///{self.home / name}.sqlite3"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is measured. ``needs`` names the rows that must have run before it."""

    name: str
    title: str
    commands: Callable[[Place], Commands]
    needs: tuple[str, ...] = ()
    slow: bool = False
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio of two rows' speeds, and what it is to be at least and at best."""

    number: str
    title: str
    row: str
    against: str
    at_least: float
    aim: float


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"benchmarks.{module}", *arguments]


def _floor(base: str) -> Callable[[Place], Commands]:
    return lambda at: [_python("floors", at.vendor, _url(at, base, "floor"))]


def _url(at: Place, base: str, name: str) -> str:
    return at.sqlite(name) if base == "sqlite" else at.postgres[name]


def _dlt(base: str) -> Callable[[Place], Commands]:
    def commands(at: Place) -> Commands:
        script = str(HERE / "peers" / "dlt_load.py")
        python = str(envs.python_of("dlt"))
        home = str(at.home / f"dlt-{base}")
        return [[python, script, at.vendor, _url(at, base, "dlt"), home]]

    return commands


def _singer(at: Place) -> Commands:
    config = at.home / "target.json"
    config.write_text(f'{{"sqlalchemy_url": "{_driver(at.postgres["singer"])}"}}')
    target = envs.python_of("target").parent / "target-postgres"
    tap = f"{envs.python_of('tap')} {HERE / 'peers' / 'singer_tap.py'} {at.vendor}"
    return [["bash", "-c", f"set -o pipefail; {tap} | {target} --config {config} > /dev/null"]]


def _driver(url: str) -> str:
    return "postgresql+psycopg2://" + url.partition("://")[2]


def _hub(base: str, name: str, *more: str, workers: int = 1) -> Callable[[Place], Commands]:
    return lambda at: [
        _python("product", at.vendor, _url(at, base, name), *more) for _ in range(workers)
    ]


_TWO = ("--targets", "2")
ROWS: Sequence[Row] = (
    Row("floor-sqlite", "raw floor, SQLite", _floor("sqlite")),
    Row("dlt-sqlite", "dlt merge load, SQLite", _dlt("sqlite")),
    Row("pull-sqlite", "Renkei, pull side, SQLite", _hub("sqlite", "pull")),
    Row("again-sqlite", "… nothing changed", _hub("sqlite", "pull"), ("pull-sqlite",)),
    Row("push-sqlite", "Renkei, 2 targets, SQLite", _hub("sqlite", "push", *_TWO)),
    Row("floor-postgres", "raw floor, PostgreSQL", _floor("postgres")),
    Row("dlt-postgres", "dlt merge load, PostgreSQL", _dlt("postgres")),
    Row("dlt-again-postgres", "… second load", _dlt("postgres"), ("dlt-postgres",)),
    Row("singer-postgres", "Singer tap to target-postgres", _singer),
    Row("pull-postgres", "Renkei, pull side, PostgreSQL", _hub("postgres", "pull")),
    Row("again-postgres", "… nothing changed", _hub("postgres", "pull"), ("pull-postgres",)),
    Row("push-postgres", "Renkei, 2 targets, PostgreSQL", _hub("postgres", "push", *_TWO)),
    Row("fill-one", "(inbox filled)", _hub("postgres", "one", *_TWO, "--phase", "fill")),
    Row(
        "work-one",
        "Renkei, resolve + 2 targets, 1 process",
        _hub("postgres", "one", *_TWO, "--phase", "work"),
        ("fill-one",),
    ),
    Row("fill-two", "(inbox filled)", _hub("postgres", "two", *_TWO, "--phase", "fill")),
    Row(
        "work-two",
        "… 2 processes",
        _hub("postgres", "two", *_TWO, "--phase", "work", workers=2),
        ("fill-two",),
    ),
    Row("dlt-again-sqlite", "dlt second load, SQLite", _dlt("sqlite"), ("dlt-sqlite",), slow=True),
    Row(
        "typer",
        'python -c "import typer"',
        lambda _: [[sys.executable, "-c", "import typer"]],
        counted=False,
    ),
    Row(
        "help",
        "renkei --help",
        lambda _: [[str(Path(sys.executable).parent / "renkei"), "--help"]],
        counted=False,
    ),
)
DATABASES = ("floor", "dlt", "singer", "pull", "push", "one", "two")

GOALS: Sequence[Goal] = (
    Goal("1", "pull side, SQLite, against dlt", "pull-sqlite", "dlt-sqlite", 1.0, 1.5),
    Goal("2", "2 targets, SQLite, against dlt", "push-sqlite", "dlt-sqlite", 0.6, 1.0),
    Goal("3", "pull side, PostgreSQL, against dlt", "pull-postgres", "dlt-postgres", 0.7, 1.2),
    Goal("4", "2 targets, PostgreSQL, against dlt", "push-postgres", "dlt-postgres", 0.35, 0.7),
    Goal(
        "5", "pull side, PostgreSQL, against Singer", "pull-postgres", "singer-postgres", 1.0, 1.7
    ),
    Goal("6", "nothing changed, SQLite, against floor", "again-sqlite", "floor-sqlite", 0.4, 0.6),
    Goal(
        "7",
        "nothing changed, PostgreSQL, against dlt's second load",
        "again-postgres",
        "dlt-again-postgres",
        2.0,
        5.0,
    ),
    Goal("8", "second worker process, PostgreSQL", "work-two", "work-one", 1.5, 1.8),
)
