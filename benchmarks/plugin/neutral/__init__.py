"""The bench's own vendor. Nothing is odd about it: pages of contacts, batch upserts by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from connectors.kit.base import Change, Outcome, Page, Record, Status
from connectors.kit.session import Session, Wiring


class Options(BaseModel):
    """What the bench sets."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field(description="Where the vendor listens.")
    name: str = Field("target", description="The name it is written to under.")
    follow: bool = Field(False, description="Whether the next pull goes on where the last ended.")


class Connector:
    """Pulls contacts in pages of 100; pushes upserts in batches of 100."""

    batch_size = 100

    def __init__(self, options: Options, session: Session) -> None:
        self.options = options
        self.session = session

    def streams(self) -> list[str]:
        """One stream."""
        return ["contacts"]

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """All contacts, oldest first; the cursor stands at the start when all were read.

        With ``follow`` it stays at the end, and only what came since is read.
        """
        after: str | None = cursor or "0"
        more = True
        while after is not None and more:
            body = self.session.get("/contacts", params={"after": after}).json()
            after, more = body["next"], body["more"] if self.options.follow else True
            yield Page(
                [
                    Record(
                        stream,
                        row["id"],
                        row,
                        version=row["updated_at"],
                        changed_at=datetime.fromisoformat(row["updated_at"]),
                    )
                    for row in body["results"]
                ],
                cursor=after,
            )

    def push(self, changes: Sequence[Change]) -> list[Outcome]:
        """Upsert by the hub's key."""
        rows = [{"key": change.key, "values": dict(change.values)} for change in changes]
        body = self.session.post(f"/{self.options.name}/upsert", json={"records": rows}).json()
        return [
            Outcome(
                row["key"],
                Status.CREATED if row["created"] else Status.UPDATED,
                external_id=row["id"],
            )
            for row in body["results"]
        ]


def connect(options: Options, wiring: Wiring) -> Connector:
    """A connector on the bench's vendor."""
    return Connector(options, wiring.session(base_url=options.base_url))
