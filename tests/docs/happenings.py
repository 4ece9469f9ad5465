"""What may happen at a simulated vendor while a page is done: ``<!-- happens: SLUG VERB … -->``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.chatwork.simulator import BOT, PEOPLE
from connectors.hubspot.contract import COMPANIES, FAMILIES, GIVEN
from connectors.kintone.simulator import LEADS
from connectors.kintone.simulator_form import field
from connectors.kit.rehearsal import Rehearsal


def happen(bench_of: Callable[[str], Rehearsal], what: str) -> None:
    """Do what a page says has happened at a vendor."""
    slug, verb, *rest = what.split()
    HAPPENINGS[verb](bench_of(slug), *rest)


def _seeds(bench: Rehearsal, count: str) -> None:
    """``SLUG seeds N``: so many records come."""
    bench.seed(int(count))


def _offers(bench: Rehearsal, name: str, option: str) -> None:
    """``kintone offers FIELD OPTION``: a field of the leads' form gets an option."""
    _edit(bench, name, lambda options: [*options, option])


def _drops(bench: Rehearsal, name: str, option: str) -> None:
    """``kintone drops FIELD OPTION``: a field of the leads' form loses an option."""
    _edit(bench, name, lambda options: [one for one in options if one != option])


def _edit(bench: Rehearsal, name: str, change: Callable[[list[str]], list[str]]) -> None:
    simulator: Any = bench.simulator
    form = simulator.table("apps")[str(LEADS)]["form"]
    made = field(name, options=change([*form[name]["options"]]))
    changed = {**form[name], "options": made["options"]}
    simulator.change_form(LEADS, {**form, name: changed})


def _stage(bench: Rehearsal, record: str, stage: str) -> None:
    """``kintone stage RECORD STAGE``: somebody sets a lead's stage."""
    simulator: Any = bench.simulator
    simulator.edit_record(LEADS, record, {"ステージ": stage})


def _reply(bench: Rehearsal, *words: str) -> None:
    """``chatwork reply WORDS``: somebody replies to the newest message; the webhook gets lost."""
    simulator: Any = bench.simulator
    (*_, newest) = [row for row in simulator.messages.values() if row["account_id"] == BOT]
    simulator.reply(min(PEOPLE), newest["message_id"], " ".join(words))


SPRING: tuple[str, ...] = (
    "new new new new new new new new",
    "1:mql 2:mql 3:mql 4:mql 5:mql 1:call 2:call 3:call 4:missed 1:mail 2:mail",
    "new new new new 1:sql 2:sql 3:sql 5:lead 1:meeting 2:meeting 3:cancelled",
    "1:deal 2:deal 9:mql 10:mql 9:call 10:call 9:meeting",
    "1:won 9:sql 8:out 12:opt_out",
)
"""A quarter of a portal's life: what becomes of which contact."""
JUDGED: tuple[str, ...] = (
    "new new new new new new new new",
    "1:call 2:call 3:missed 4:call 6:missed 1:mail 5:mql",
    "new new 1:meeting 2:meeting 3:call 6:missed 4:lead",
    "1:deal 9:call 4:mail",
    "1:won 2:lead",
)
"""Another quarter, of a portal whose leads are judged by the hub's rules."""
LIFECYCLE: Mapping[str, str] = {
    "lead": "lead",
    "mql": "marketingqualifiedlead",
    "sql": "salesqualifiedlead",
    "deal": "opportunity",
    "won": "customer",
    "out": "other",
}
CAME_BY = ("資料請求フォーム", "ウェビナー申込", "お問い合わせ")
CONNECTED, NO_ANSWER = (
    "f240bbac-87c9-4f6e-bf70-924b57d47db7",
    "73a0d17f-1163-4015-bdd5-ec830791da20",
)


def _spring(bench: Rehearsal, chapter: str) -> None:
    """``hubspot spring N``: the Nth chapter of a quarter."""
    _chapter(bench, SPRING[int(chapter) - 1])


def _judged(bench: Rehearsal, chapter: str) -> None:
    """``hubspot judged N``: the Nth chapter of the other one."""
    _chapter(bench, JUDGED[int(chapter) - 1])


def _chapter(bench: Rehearsal, words: str) -> None:
    simulator: Any = bench.simulator
    for word in words.split():
        number, _, what = word.partition(":")
        contacts = list(simulator.portal.ids["contacts"])
        if number == "new":
            _comes(simulator, len(contacts) + 1)
            continue
        own = str(contacts[int(number) - 1])
        if what in LIFECYCLE:
            simulator.set_property("contacts", own, "lifecyclestage", LIFECYCLE[what])
        elif what == "opt_out":
            simulator.set_property("contacts", own, "hs_email_optout", "true")
        else:
            kind, said = _engagement(what)
            simulator.add_engagement(kind, contact_ids=[own], **said)


def _comes(simulator: Any, number: int) -> None:
    simulator.add_contact(
        email=f"lead{number}@hubspot.example.jp",
        lastname=FAMILIES[number % len(FAMILIES)],
        firstname=GIVEN[number // len(FAMILIES) % len(GIVEN)],
        company=COMPANIES[number % len(COMPANIES)],
        lifecyclestage="lead",
        first_conversion_event_name=CAME_BY[number % len(CAME_BY)],
    )


def _engagement(what: str) -> tuple[str, dict[str, str]]:
    if what in ("call", "missed"):
        seconds = 0 if what == "missed" else 420
        disposition = NO_ANSWER if what == "missed" else CONNECTED
        said = {"hs_call_duration": str(seconds * 1000), "hs_call_disposition": disposition}
        return "calls", {"hs_call_title": "導入のご相談", **said}
    if what == "mail":
        return "emails", {"hs_email_subject": "事例のご案内", "hs_email_direction": "EMAIL"}
    outcome = "COMPLETED" if what == "meeting" else "CANCELED"
    return "meetings", {"hs_meeting_title": "製品のご紹介", "hs_meeting_outcome": outcome}


HAPPENINGS: Mapping[str, Callable[..., None]] = {
    "seeds": _seeds,
    "offers": _offers,
    "drops": _drops,
    "spring": _spring,
    "judged": _judged,
    "stage": _stage,
    "reply": _reply,
}
