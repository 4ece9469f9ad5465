"""Laws about mapping are tried without a clock: a busy machine does not break a law."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("mapping", deadline=None)
settings.load_profile("mapping")
