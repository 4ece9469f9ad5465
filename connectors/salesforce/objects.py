"""The fields that are read of each object, as far as describe says they are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def _names(*lines: str) -> tuple[str, ...]:
    return tuple(name for line in lines for name in line.split())


_LIFE = "Id IsDeleted SystemModstamp CreatedDate OwnerId Owner.Email"
_PERSON = """
    FirstName LastName Name Title Email Phone MobilePhone Fax LeadSource Description
    HasOptedOutOfEmail HasOptedOutOfFax DoNotCall EmailBouncedDate RecordTypeId MasterRecordId
"""
_ACTIVITY = "Subject Description Status WhoId WhatId"

FIELDS: Mapping[str, Sequence[str]] = {
    "Lead": _names(
        _LIFE,
        _PERSON,
        "Company Website Industry Rating Status Street City State PostalCode Country",
        "IsConverted ConvertedDate ConvertedAccountId ConvertedContactId ConvertedOpportunityId",
    ),
    "Contact": _names(
        _LIFE,
        _PERSON,
        "AccountId Account.Name Account.Website Department",
        "MailingStreet MailingCity MailingState MailingPostalCode MailingCountry",
    ),
    "Account": _names(
        _LIFE,
        "MasterRecordId Name Website Phone Industry NumberOfEmployees",
        "BillingStreet BillingCity BillingState BillingPostalCode BillingCountry",
    ),
    "Opportunity": _names(
        _LIFE,
        "Name StageName Amount CurrencyIsoCode CloseDate Probability IsClosed IsWon",
        "AccountId ContactId LeadSource Description Loss_Reason__c",
    ),
    "Task": _names(
        _LIFE,
        _ACTIVITY,
        "ActivityDate CompletedDateTime TaskSubtype CallType",
        "CallDurationInSeconds CallDisposition",
    ),
    "Event": _names(_LIFE, _ACTIVITY, "StartDateTime EndDateTime DurationInMinutes Location"),
}
"""Not every org has all of them (CurrencyIsoCode, CompletedDateTime), nor every user sees them."""
