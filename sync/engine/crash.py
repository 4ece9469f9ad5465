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
)
"""Every point of a sync, in the order in which a lead passes them."""

HANDOFF_POINTS = ("handoff.after_intent", "handoff.after_post", "handoff.after_record")
ALERT_POINTS = ("alert.after_intent", "alert.after_send", "alert.after_record")

UPKEEP_POINTS = (
    "backup.after_snapshot",
    "backup.before_name",
    "restore.after_unpack",
    "restore.before_swap",
    "restore.after_swap",
)
"""Those of a backup and a restore."""

PLANTED = "RENKEI_CRASHPOINT"
"""The environment variable that says where to die: ``name:n``."""

_counts: dict[str, int] = {}


def crashpoint(name: str) -> None:
    """Die by SIGKILL here on the n-th pass, where the environment says ``name:n``."""
    planted = os.environ.get(PLANTED)
    if not planted:
        return
    wanted, _, nth = planted.partition(":")
    if wanted != name:
        return
    _counts[name] = _counts.get(name, 0) + 1
    if _counts[name] >= int(nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
