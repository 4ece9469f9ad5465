"""What the vendors and the hub really hold, read behind the hub's back, and what they should."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson

from sync.cli.demo.people import CRM, MA, SFA, Person
from sync.cli.demo.planting import APP

if TYPE_CHECKING:
    from sync.engine.hub import Hub

Simulators = Mapping[str, Any]

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_OF_THE_RUN = frozenset(
    {"renkei_id", "renkei_lead_id", "Renkei_Id__c", "hs_object_id", "associatedcompanyid"}
    | {"OwnerId", "AccountId", "Id", "ReportsToId", "num_associated_deals"}
    | {"ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId"}
    | {"SystemModstamp", "ConvertedDate", "CloseDate", "occurred_on", "custom.list_id"}
)


@dataclass(frozen=True, slots=True)
class Copy:
    """One person as a target holds them."""

    family: str
    given: str
    company: str
    email: str
    stage: str
    reason: str
    opted_out: bool

    @property
    def key(self) -> str:
        """Who this is: the mailbox, or name and company where that is shared or none."""
        return who(self.email, self.family, self.given, self.company)


def who(email: str, family: str, given: str, company: str) -> str:
    """How the demo tells people apart, whatever the spelling."""
    from mapping.normalise.company import company_key
    from mapping.normalise.email import email_key
    from mapping.normalise.person import person_key

    if email and not email.lower().startswith("info@"):
        return email_key(email.lower())
    return f"{person_key({'family_name': family, 'given_name': given})}|{company_key(company)}"


def copies(simulators: Simulators, target: str, email: str | None = None) -> list[Copy]:
    """Everybody (or everybody with an address) that a target holds.

    A converted lead is the contact it became.
    """
    readers = {MA: _in_hubspot, SFA: _in_salesforce, CRM: _in_kintone}
    with simulators[target].lock:
        return list(readers[target](simulators[target], email))


def _is_meant(address: object, email: str | None) -> bool:
    return email is None or (isinstance(address, str) and address.lower() == email)


def _in_hubspot(ma: Any, email: str | None) -> Iterator[Copy]:
    for row in ma.table("objects:contacts").values():
        if not row["archived"] and _is_meant(row["properties"].get("email"), email):
            held = row["properties"]
            yield Copy(
                held.get("lastname", ""),
                held.get("firstname", ""),
                held.get("company", ""),
                held.get("email", ""),
                held.get("lifecyclestage", ""),
                held.get("renkei_stage_reason", ""),
                held.get("hs_email_optout") == "true",
            )


def _in_salesforce(sfa: Any, email: str | None) -> Iterator[Copy]:
    accounts = sfa.table("Account")
    for kind in ("Lead", "Contact"):
        for row in sfa.table(kind).values():
            if row.get("IsDeleted") or row.get("IsConverted"):
                continue
            if not _is_meant(row.get("Email"), email):
                continue
            account = accounts.get(row.get("AccountId") or "", {})
            yield Copy(
                row.get("LastName") or "",
                row.get("FirstName") or "",
                row.get("Company") or account.get("Name") or "",
                row.get("Email") or "",
                row.get("Renkei_Stage__c") or "",
                row.get("Renkei_Stage_Reason__c") or "",
                bool(row.get("HasOptedOutOfEmail")),
            )


def _in_kintone(crm: Any, email: str | None) -> Iterator[Copy]:
    for row in crm.rows(APP).values():
        held = row["values"]
        if not _is_meant(held.get("メールアドレス"), email):
            continue
        yield Copy(
            held.get("姓") or "",
            held.get("名") or "",
            held.get("会社名") or "",
            held.get("メールアドレス") or "",
            held.get("ステージ") or "",
            held.get("失注理由") or "",
            held.get("メール配信") == "拒否",
        )


def expected(everybody: Sequence[Person]) -> Counter[str]:
    """Everybody, once."""
    return Counter(who(one.email, one.family, one.given, one.company.name) for one in everybody)


def doubles_and_gaps(found: Iterable[Copy], wanted: Counter[str]) -> tuple[int, int, int]:
    """How many people are there more than once, how many are not there, how many nobody knows."""
    held = Counter(one.key for one in found)
    more = sum(1 for key, count in held.items() if count > wanted.get(key, count))
    return more, len(wanted.keys() - held.keys()), len(held.keys() - wanted.keys())


def digest(hub: Hub, simulators: Simulators) -> str:
    """The final state in one number: equal where two runs ended alike, times and ids apart."""
    return blake2b(
        orjson.dumps([vendors(simulators), leads_held(hub)], option=orjson.OPT_SORT_KEYS),
        digest_size=8,
    ).hexdigest()


def vendors(simulators: Simulators) -> dict[str, list[str]]:
    """What every vendor holds, without times and ids, in no order of its own."""
    ma, sfa, crm = (simulators[name] for name in (MA, SFA, CRM))
    found: dict[str, Iterable[Mapping[str, Any]]] = {
        "form": [{"answers": row["answers"]} for row in simulators["form"].responses.values()],
        MA: [row["properties"] for row in ma.table("objects:contacts").values()],
        CRM: [row["values"] for row in crm.rows(APP).values()],
    }
    for kind in ("Lead", "Contact", "Account", "Opportunity"):
        found[f"{SFA} {kind}"] = sfa.table(kind).values()
    return {name: sorted(_plain(row) for row in rows) for name, rows in found.items()}


def leads_held(hub: Hub) -> list[str]:
    """Every lead with its values, its stage and where its records are; times and ids left out."""
    from sync.store import asides, leads, links

    with hub.database.read() as tx:
        rows = leads.everybody(tx)
        places: dict[str, list[str]] = {}
        for link in links.of_leads(tx, [row.id for row in rows]):
            if link.kind == "lead" and link.state != "moved":
                places.setdefault(link.owner_id or "", []).append(
                    f"{link.connection} {link.stream} {link.state}"
                )
        troubles = [[*one] for one in asides.counts(tx)]
    found = [
        _plain({**row.fields, "stage": row.stage, "where": sorted(places.get(row.id, []))})
        for row in rows
    ]
    return [*sorted(found), _plain({"set aside": sorted(map(str, troubles))})]


def _plain(row: Mapping[str, Any]) -> str:
    kept = {
        name: value
        for name, value in row.items()
        if name not in _OF_THE_RUN
        and value not in (None, "", [])
        and not (isinstance(value, str) and _MOMENT.match(value))
    }
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()
