"""The parts of the demo that happen while the hub is up: a form answer, and deals that move."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sync.cli.demo.people import CRM, FORM, MA, SFA, Person
from sync.cli.demo.planting import once
from sync.cli.demo.truth import Simulators, copies

if TYPE_CHECKING:
    from sync.engine.hub import Hub
    from sync.workers.runner import Running

PATIENCE = 30.0
"""Seconds that anything is waited for."""
LOOK_EVERY = 0.004
VISITOR: Mapping[str, str] = {
    "email": "minori.takada@hoshizora-denki.example",
    "last_name": "高田",
    "first_name": "みのり",
    "last_name_kana": "タカダ",
    "first_name_kana": "ミノリ",
    "company": "株式会社星空電機",
    "department": "購買部",
    "title": "課長",
    "phone": "+81355509876",
}
"""Who answers the form while everybody watches."""
LOST_REASON = "予算が合わない"

Condition = Callable[[], bool]


class TimedOut(Exception):
    """Something did not happen in time; the message is its name."""


def follow(conditions: Mapping[str, Condition]) -> dict[str, int]:
    """Wait until all of these hold; the milliseconds after which each did. Raises TimedOut."""
    began = time.perf_counter()
    seen: dict[str, int] = {}
    while True:
        for name, holds in conditions.items():
            if name not in seen and holds():
                seen[name] = round((time.perf_counter() - began) * 1000)
        missing = [name for name in conditions if name not in seen]
        if not missing:
            return seen
        if time.perf_counter() - began > PATIENCE:
            raise TimedOut(missing[0])
        time.sleep(LOOK_EVERY)


def submit(form: Any) -> bool:
    """The visitor answers the form, once in a directory's life; whether that was now.

    The answer is in the vendor's file before its webhook leaves.
    """
    from connectors.typeform.simulator import DEFAULT_FORM_ID

    deliver, form.deliver = form.deliver, None
    sent = len(form.deliveries)
    answers = {**VISITOR, "interest": "demo", "consent": True}
    hidden = {"utm_source": "google", "utm_campaign": "spring-2026"}
    try:
        new = once(form, "live answer", lambda: form.submit(DEFAULT_FORM_ID, answers, hidden))
    finally:
        form.deliver = deliver
    for delivery in form.deliveries[sent:]:
        if deliver is not None:
            deliver(delivery)
    return new


def answer_arrives(hub: Hub, simulators: Simulators) -> dict[str, Condition]:
    """What is to happen to the answer, in the order in which it is told."""
    from sync.store import hooks, leads

    email = VISITOR["email"]
    with hub.database.read() as tx:
        before = sum(hooks.depth(tx).get(FORM, {}).values())

    def received() -> bool:
        with hub.database.read() as tx:
            return sum(hooks.depth(tx).get(FORM, {}).values()) > before

    def lead() -> bool:
        with hub.database.read() as tx:
            return bool(leads.find(tx, email, 1))

    there = {
        target: lambda target=target: any(one.email == email for one in copies(simulators, target))
        for target in (SFA, CRM, MA)
    }
    return {"received": received, "lead": lead, **there}


def is_everywhere(simulators: Simulators) -> bool:
    """Whether the visitor is in every system, once."""
    return all(len(copies(simulators, target, VISITOR["email"])) == 1 for target in (SFA, CRM, MA))


def move_deal(sfa: Any, person: Person, stage: str, reason: str | None = None) -> bool:
    """A person in the SFA closes the deal with somebody; whether that was now."""
    with sfa.lock:
        contact = next(
            row["Id"]
            for row in sfa.table("Contact").values()
            if str(row.get("Email") or "").lower() == person.email
        )
        deal = next(
            row["OpportunityId"]
            for row in sfa.table("OpportunityContactRole").values()
            if row["ContactId"] == contact
        )
        if sfa.table("Opportunity")[deal]["StageName"] == stage:
            return False
    more = {"Loss_Reason__c": reason} if reason else {}
    sfa.edit("Opportunity", deal, StageName=stage, **more)
    return True


def shows(
    simulators: Simulators, target: str, person: Person, stage: str, reason: str = ""
) -> bool:
    """Whether a target says that somebody stands at a stage, and why."""
    return any(
        one.stage == stage and (not reason or one.reason == reason)
        for one in copies(simulators, target, person.email)
    )


def deal_shows(
    hub: Hub, simulators: Simulators, person: Person, stage: str
) -> dict[str, Condition]:
    """What is to happen after a deal was won or lost."""
    from sync.store import leads

    def lead() -> bool:
        with hub.database.read() as tx:
            return [row.stage for row in leads.find(tx, person.email, 1)] == [stage]

    if stage == "lost":
        return {
            "lead.lost": lead,
            "crm.lost": lambda: shows(simulators, CRM, person, "失注", LOST_REASON),
        }
    return {
        "lead.won": lead,
        "crm.won": lambda: shows(simulators, CRM, person, "受注"),
        "ma.won": lambda: shows(simulators, MA, person, "customer"),
    }


def ask_for_news(house: Running, connections: Sequence[str]) -> None:
    """Let the workers pull these connections now, as their schedules would."""
    from sync.workers import schedules

    for name in connections:
        schedules.ask(house.hub, "pull", name)
        house.bell.ring("pull", name)
