"""What can go wrong with a vendor, sorted by what the engine must do about it.

The table of answers is ``sync/workers/policy.py``. A message says what happened, to what, and what
to do; it never holds a payload, a secret or a person's data.
"""

from __future__ import annotations


class ConnectorError(Exception):
    """Something a connector could not do. ``code`` is the stable key under which it is stored."""

    code = "CONNECTOR"

    def __init__(self, message: str, *, status: int | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        if code is not None:
            self.code = code


class AuthFailed(ConnectorError):
    """The vendor refused who we are. The connection is paused and an operator told once."""

    code = "AUTH_FAILED"


class RateLimited(ConnectorError):
    """The vendor asked us to slow down. ``retry_after`` is in seconds; not counted as a failure."""

    code = "RATE_LIMITED"

    def __init__(
        self,
        message: str,
        *,
        retry_after: float,
        status: int | None = 429,
        code: str | None = None,
    ) -> None:
        super().__init__(message, status=status, code=code)
        self.retry_after = retry_after


class HeldBack(RateLimited):
    """The hub itself does not call now, and sent nothing; ``retry_after`` says when it may.

    Either the vendor asked the whole account to wait (ACCOUNT_PAUSED), or the day's calls that this
    kind of work may use are used up (QUOTA_SPENT).
    """

    def __init__(self, message: str, *, retry_after: float, code: str) -> None:
        super().__init__(message, retry_after=retry_after, status=None, code=code)


class Unavailable(ConnectorError):
    """The vendor did not answer or had a fault of its own; tried again with backoff.

    ``maybe_applied`` is true when the request was sent and its fate is unknown: a create must then
    be probed for and never blindly repeated.
    """

    code = "UNAVAILABLE"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        maybe_applied: bool = False,
        code: str | None = None,
    ) -> None:
        super().__init__(message, status=status, code=code)
        self.maybe_applied = maybe_applied


class RecordRejected(ConnectorError):
    """The vendor refused this one record; it is set aside and the rest goes on.

    ``fields`` names the vendor fields at fault where the vendor says so.
    """

    code = "RECORD_REJECTED"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = 400,
        code: str | None = None,
        fields: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, status=status, code=code)
        self.fields = fields


class RecordGone(ConnectorError):
    """The record no longer exists at the vendor; its link is closed."""

    code = "RECORD_GONE"


class Conflict(ConnectorError):
    """The vendor's copy is newer than the one we wrote against, or already exists.

    ``existing_id`` is the record that stands in the way, where the vendor names it: the engine
    reads it, resolves it and pushes once more.
    """

    code = "CONFLICT"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = 409,
        existing_id: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message, status=status, code=code)
        self.existing_id = existing_id


class ContractBroken(ConnectorError):
    """The answer is not what the vendor documents: it changed or we are wrong. Stops the stream."""

    code = "CONTRACT_BROKEN"


class BadSignature(ConnectorError):
    """A webhook that does not prove who sent it. Answered 401 with no detail."""

    code = "BAD_SIGNATURE"
