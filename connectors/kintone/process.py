"""Moving records by process management: its status is not written but reached by actions.

An action leads from one status to another and has a name; which actions there are is read from the
app, and the shortest way from where a record stands to where it should stand is taken, step by
step. Each action raises the revision by two.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.kintone.api import Kintone, literal, number
from connectors.kintone.options import App
from connectors.kintone.translate import translate
from connectors.kit.base import Outcome, Status
from connectors.kit.errors import (
    AuthFailed,
    ConnectorError,
    ContractBroken,
    RateLimited,
    RecordGone,
    RecordRejected,
    Unavailable,
)

MOST = 100
"""Records of one status change (kintone REST API spec)."""
Edges = Mapping[str, Sequence[tuple[str, str]]]
"""From a status: the actions that may be taken, and where each leads."""


@dataclass
class Wish:
    """A record and the status it should reach; where it stands, and what went wrong."""

    external_id: str | None
    target: str
    at: str = ""
    revision: str | None = None
    steps: list[str] = field(default_factory=list)
    error: ConnectorError | None = None

    def settle(self, outcome: Outcome, code: str) -> Outcome:
        """The outcome of the change, with that of the move."""
        version = self.revision or outcome.version
        if self.error is None:
            return replace(outcome, version=version)
        if isinstance(self.error, RecordRejected):
            refused = {**outcome.refused, code: self.error}
            return replace(outcome, version=version, refused=refused)
        return replace(outcome, status=Status.FAILED, version=version, error=self.error)


@dataclass(frozen=True)
class Process:
    """Process management of one app. ``code`` is the status field's code."""

    kintone: Kintone
    app: App
    code: str

    def states(self) -> list[str]:
        """The statuses, in the app's order; empty where process management is off."""
        states = self._read().get("states") or {}
        return sorted(states, key=lambda name: int(states[name]["index"]))

    def move(self, wishes: Sequence[Wish]) -> None:
        """Bring the records where they should stand, as far as actions lead."""
        try:
            self._stand(wishes)
            edges = self._edges()
            for wish in wishes:
                self._plan(wish, edges)
            while waiting := [one for one in wishes if one.steps and one.error is None]:
                for start in range(0, len(waiting), MOST):
                    self._step(waiting[start : start + MOST])
        except (RateLimited, Unavailable, AuthFailed, ContractBroken) as error:
            for wish in wishes:
                if wish.error is None and (wish.steps or not wish.at):
                    wish.error = error

    def _read(self) -> Mapping[str, Any]:
        body: Mapping[str, Any] = self.kintone.read("app/status", {"app": self.app.app})
        return body

    def _edges(self) -> Edges:
        edges: dict[str, list[tuple[str, str]]] = {}
        for action in self._read().get("actions") or ():
            edges.setdefault(action["from"], []).append((action["name"], action["to"]))
        return edges

    def _stand(self, wishes: Sequence[Wish]) -> None:
        """Read where the records stand now."""
        held: dict[str, Mapping[str, Any]] = {}
        for start in range(0, len(wishes), MOST):
            ids = ", ".join(literal(str(one.external_id)) for one in wishes[start : start + MOST])
            query = f"$id in ({ids}) limit {MOST}"
            fields = ["$id", "$revision", self.code]
            for record in self.kintone.records(self.app.app, query, fields):
                held[str(number(record, "$id"))] = record
        for wish in wishes:
            standing = held.get(str(wish.external_id))
            if standing is None:
                text = f"kintone app {self.app.app}: record {wish.external_id} is gone"
                wish.error = RecordGone(text, status=404, code="KINTONE_GONE")
                continue
            wish.at = standing.get(self.code, {}).get("value") or ""
            wish.revision = str(number(standing, "$revision"))

    def _plan(self, wish: Wish, edges: Edges) -> None:
        if wish.error is not None or wish.at == wish.target:
            return
        way = path(edges, wish.at, wish.target)
        if way is None:
            wish.error = self._rejected("KINTONE_NO_ACTION", "no action leads to that status")
        else:
            wish.steps = way

    def _step(self, wishes: Sequence[Wish]) -> None:
        """Take the next action of each record; halve what is refused as a whole."""
        records = list(self._actions(wishes))
        reply = self.kintone.session.put(
            self.kintone.path("records/status"),
            json={"app": self.app.app, "records": records},
            accept=(400, 404, 409),
        )
        if reply.status < 300:
            for wish, answer in zip(wishes, reply.json()["records"], strict=True):
                wish.steps.pop(0)
                wish.revision = str(answer["revision"])
            return
        error = translate(reply) or self._rejected("KINTONE_REFUSED", "the action was refused")
        if isinstance(error, RateLimited | Unavailable | AuthFailed | ContractBroken):
            raise error
        if len(wishes) == 1:
            wishes[0].error = error
            return
        middle = len(wishes) // 2
        self._step(wishes[:middle])
        self._step(wishes[middle:])

    def _actions(self, wishes: Sequence[Wish]) -> Iterator[dict[str, Any]]:
        for wish in wishes:
            action = {
                "id": wish.external_id,
                "action": wish.steps[0],
                "revision": wish.revision,
            }
            if self.app.assignee is not None:
                action["assignee"] = self.app.assignee
            yield action

    def _rejected(self, code: str, why: str) -> RecordRejected:
        text = f"kintone app {self.app.app}, process management: {why}; check its settings"
        return RecordRejected(text, code=code, fields=(self.code,))


def path(edges: Edges, start: str, target: str) -> list[str] | None:
    """The fewest actions that lead from one status to another; None where none do."""
    ways: dict[str, list[str]] = {start: []}
    waiting = deque([start])
    while waiting:
        at = waiting.popleft()
        if at == target:
            return ways[at]
        for action, to in edges.get(at, ()):
            if to not in ways:
                ways[to] = [*ways[at], action]
                waiting.append(to)
    return None
