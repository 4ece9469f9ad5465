"""Doorbells: a message that there may be work. The work itself is in the database.

A ring may be lost, doubled, late or out of order with no harm: the sweeper rings again. So ringing
never raises, and a broker that is down costs time and nothing else.
"""

from __future__ import annotations

import logging

log = logging.getLogger("renkei.bells")

JOBS = ("pull", "resolve", "push", "webhooks")
"""The jobs there are; each has a queue, so that each scales alone."""
QUIET_SECONDS = 2.0
"""How long an identical ring that nobody took yet makes another one needless."""
BROKEN_SECONDS = 1.0
"""How long a broker that did not answer is left alone."""
CONNECT_SECONDS = 2
