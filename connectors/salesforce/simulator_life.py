"""What people do to leads in the simulated org and no REST call can: convert and merge.

Conversion fills a contact, an account and an opportunity from the lead and leaves the lead behind,
read-only, with a converted status (Salesforce SOAP API: convertLead). Merging leaves the loser in
the recycle bin, pointing at the winner (SOAP API: merge); re-parented children are not stamped.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connectors.salesforce.simulator_org import Org
from connectors.salesforce.simulator_rules import DmlError

COPIED = (
    "FirstName",
    "LastName",
    "Title",
    "Email",
    "Phone",
    "MobilePhone",
    "Fax",
    "LeadSource",
    "Description",
    "HasOptedOutOfEmail",
    "HasOptedOutOfFax",
    "DoNotCall",
)
ADDRESS = ("Street", "City", "State", "PostalCode", "Country")
CHILDREN = {
    "Task": ("WhoId", "WhatId"),
    "Event": ("WhoId", "WhatId"),
    "Contact": ("AccountId",),
    "Opportunity": ("AccountId", "ContactId"),
    "OpportunityContactRole": ("ContactId",),
    "CampaignMember": ("LeadId", "ContactId"),
}


def convert(
    org: Org,
    lead_id: str,
    *,
    opportunity: bool = True,
    account: str | None = None,
    contact: str | None = None,
    copy_custom: bool = False,
) -> dict[str, str | None]:
    """Convert a lead; the ids of what it became, by object name.

    ``account`` and ``contact`` are existing records to convert into: their empty fields are filled.
    ``copy_custom`` is the administrator's mapping of custom lead fields to the contact's.
    """
    lead = org.existing("Lead", lead_id)
    if lead.get("IsConverted"):
        raise DmlError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    status = next(s.value for s in org.schema.stages["LeadStatus"] if s.converted)
    account = account or org.insert("Account", {"Name": lead["Company"]}, allow_save=True)
    values: dict[str, Any] = {name: lead[name] for name in COPIED if lead.get(name) is not None}
    values |= {f"Mailing{name}": lead[name] for name in ADDRESS if lead.get(name)}
    if copy_custom:
        custom = [f.name for f in org.schema.fields("Contact").values() if f.custom]
        values |= {name: lead[name] for name in custom if lead.get(name) is not None}
    if contact is None:
        with org.without_duplicate_rule():
            contact = org.insert("Contact", {**values, "AccountId": account})
    else:
        held = org.existing("Contact", contact)
        org.put("Contact", {**held, **{k: v for k, v in values.items() if not held.get(k)}})
    deal = _deal(org, lead, account, contact) if opportunity else None
    _reparent(org, {lead["Id"]: contact}, ("Task", "Event"))
    org.put(
        "Lead",
        {
            **lead,
            "IsConverted": True,
            "Status": status,
            "ConvertedDate": org.simulator.now().date().isoformat(),
            "ConvertedAccountId": account,
            "ConvertedContactId": contact,
            "ConvertedOpportunityId": deal,
        },
    )
    return {"Account": account, "Contact": contact, "Opportunity": deal}


def merge(org: Org, name: str, winner_id: str, loser_id: str) -> None:
    """Merge a lead, contact or account into another; empty fields of the winner are not filled."""
    winner, loser = org.existing(name, winner_id), org.existing(name, loser_id)
    _reparent(org, {loser["Id"]: winner["Id"]}, tuple(CHILDREN))
    org.put(name, {**loser, "IsDeleted": True, "MasterRecordId": winner["Id"]})
    org.put(name, winner)


def _deal(org: Org, lead: dict[str, Any], account: str, contact: str) -> str:
    stage = next(s.value for s in org.schema.stages["OpportunityStage"] if s.default)
    deal = org.insert(
        "Opportunity",
        {
            "Name": f"{lead['Company']} -",
            "StageName": stage,
            "CloseDate": (org.simulator.now() + timedelta(days=90)).date().isoformat(),
            "AccountId": account,
        },
    )
    role = {"OpportunityId": deal, "ContactId": contact, "IsPrimary": True}
    org.insert("OpportunityContactRole", role)
    return deal


def _reparent(org: Org, moved: dict[str, str], names: tuple[str, ...]) -> None:
    for name in names:
        for row in list(org.rows(name)):
            ties = {key: moved[row[key]] for key in CHILDREN[name] if row.get(key) in moved}
            if ties:
                org.put(name, {**row, **ties}, touch=False)
