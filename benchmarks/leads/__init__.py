"""Hard labelled leads for judging a matcher: a Japanese set, a Western set, and examples."""

from __future__ import annotations

from benchmarks.leads.generate import COLUMNS, generate, generate_with_cases

__all__ = ["COLUMNS", "generate", "generate_with_cases"]
