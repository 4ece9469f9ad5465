"""The command line: ``renkei``. What a verb needs is imported when it runs."""

from __future__ import annotations


def main() -> None:
    """Run the command line and leave with its exit code."""
    from sync.cli.app import run

    raise SystemExit(run())
