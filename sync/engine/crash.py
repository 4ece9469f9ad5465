"""Named points at which a test kills the process, to prove that nothing is lost there."""

from __future__ import annotations

import os
import signal

POINTS = (
    "pull.before_commit",
    "pull.after_commit",
    "resolve.before_commit",
    "resolve.after_commit",
    "push.after_lease",
    "push.after_send",
    "push.after_record",
    "hook.after_commit",
    "hook.before_done",
    "handoff.after_intent",
    "handoff.after_post",
    "handoff.after_record",
)
"""Every point there is, in the order a lead passes them."""

_counts: dict[str, int] = {}
_planted = os.environ.get("RENKEI_CRASHPOINT", "")


def crashpoint(name: str) -> None:
    """Die by SIGKILL here on the n-th pass, where RENKEI_CRASHPOINT says ``name:n``."""
    if not _planted:
        return
    wanted, _, nth = _planted.partition(":")
    if wanted != name:
        return
    _counts[name] = _counts.get(name, 0) + 1
    if _counts[name] >= int(nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
