"""Match keys: the normalised values by which two drafts, or a draft and a lead, may be one.

A key is evidence, never identity. What many people share (info@, a switchboard, a family name)
gives no key of a person, only of an account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mapping.model import Value
from mapping.normalise.address import prefecture
from mapping.normalise.company import company_key
from mapping.normalise.corporate_number import normalise as corporate_number
from mapping.normalise.email import Mailbox, domain_class, domain_of, email_key, mailbox_class
from mapping.normalise.person import person_key, reading_key
from mapping.normalise.phone import PhoneKind, kind_of
from mapping.normalise.web import domain, is_shared

EMAIL = "email"
MOBILE = "mobile"
NAME_COMPANY = "name_company"
KANA_COMPANY = "kana_company"
CORPORATE_NUMBER = "corporate_number"
DOMAIN = "domain"
COMPANY = "company"
COMPANY_ALONE = "company_alone"

_WEAK = frozenset({COMPANY_ALONE})
_PERSONAL = frozenset({Mailbox.COMPANY, Mailbox.FREE})


class Key(NamedTuple):
    """A kind of evidence and its value, folded so that equal means equal."""

    kind: str
    value: str

    def text(self) -> str:
        """The key as the store holds it: ``email:taro@example.co.jp``."""
        return f"{self.kind}:{self.value}"

    @property
    def is_weak(self) -> bool:
        """Whether the key alone must not link: a company's name without its place."""
        return self.kind in _WEAK


def lead_keys(values: Mapping[str, Value]) -> tuple[Key, ...]:
    """The keys of the person that a draft's or a lead's values are about, strongest first."""
    keys = []
    for address in addresses(values):
        if mailbox_class(address) in _PERSONAL:
            keys.append(Key(EMAIL, email_key(address)))
    for number in mobiles(values):
        keys.append(Key(MOBILE, number))
    company = values.get("company")
    if isinstance(company, str) and company and (firm := company_key(company)):
        if name := person_key(values):
            keys.append(Key(NAME_COMPANY, f"{name}|{firm}"))
        if reading := reading_key(values):
            keys.append(Key(KANA_COMPANY, f"{reading}|{firm}"))
    return tuple(dict.fromkeys(keys)) if len(keys) > 1 else tuple(keys)


def account_keys(values: Mapping[str, Value]) -> tuple[Key, ...]:
    """The keys of the company that an account's or a lead's values name, strongest first.

    Free mail and shared hosts name no company. The company's name goes with its prefecture where
    that is known; the name alone is weak: sister companies and namesakes have it too.
    """
    keys = []
    number = values.get("corporate_number")
    if isinstance(number, str) and (digits := corporate_number(number)):
        keys.append(Key(CORPORATE_NUMBER, digits))
    keys.extend(Key(DOMAIN, name) for name in company_domains(values))
    company = values.get("company") or values.get("name")
    if isinstance(company, str) and (firm := company_key(company)):
        place = _prefecture(values)
        if place:
            keys.append(Key(COMPANY, f"{firm}|{place}"))
        keys.append(Key(COMPANY_ALONE, firm))
    return tuple(dict.fromkeys(keys)) if len(keys) > 1 else tuple(keys)


def addresses(values: Mapping[str, Value]) -> Iterator[str]:
    """Every e-mail address among a lead's values, the primary first; one may come twice."""
    first = values.get("email")
    if isinstance(first, str) and "@" in first:
        yield first
    more = values.get("emails")
    if isinstance(more, list):
        yield from (address for address in more if address != first and "@" in address)


def mobiles(values: Mapping[str, Value]) -> Iterator[str]:
    """Every mobile number among a lead's values, without extension; one may come twice.

    Elsewhere than in Japan only the field tells a mobile from another line.
    """
    number = values.get("mobile")
    if isinstance(number, str) and number.startswith("+"):
        bare = number.partition(";")[0]
        if not bare.startswith("+81") or kind_of(bare) is PhoneKind.MOBILE:
            yield bare
    phone, more = values.get("phone"), values.get("phones")
    if isinstance(phone, str) and phone[4:5] == "0" and kind_of(phone) is PhoneKind.MOBILE:
        yield phone.partition(";")[0]
    if isinstance(more, list):
        for one in more:
            if one not in (phone, number) and kind_of(one) is PhoneKind.MOBILE:
                yield one.partition(";")[0]


def company_domains(values: Mapping[str, Value]) -> Iterator[str]:
    """The registrable domains that name the company: its website's and its mail's."""
    website = values.get("website")
    if isinstance(website, str) and website:
        name = domain(website)
        if name and not is_shared(name) and domain_class(name) is Mailbox.COMPANY:
            yield name
    for address in addresses(values):
        at = domain_of(address)
        if domain_class(at) is Mailbox.COMPANY and (name := domain(at)) and not is_shared(name):
            yield name


def _prefecture(values: Mapping[str, Value]) -> str | None:
    for field in ("prefecture", "address", "city"):
        value = values.get(field)
        if isinstance(value, str) and value and (place := prefecture(value)):
            return place
    return None
