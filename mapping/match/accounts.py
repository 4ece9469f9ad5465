"""Accounts before people: which company a record names, and when two of them are one.

A corporate number decides. Then a company's own domain, then its name with its prefecture, then
its name alone where only one account has it. Look-alike names are sister companies and stay apart
even behind one domain; a name in another script (北斗電機, Hokuto Electric) or another name behind
the same domain is the same company under its other name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from mapping.model import Value
from mapping.normalise.address import prefecture, prefecture_of_postal_code
from mapping.normalise.company import company_names, former_names, look_alike
from mapping.normalise.corporate_number import normalise as corporate_number
from mapping.normalise.email import Mailbox, domain_class, domain_of
from mapping.normalise.web import domain, is_shared

NAMES_OF_A_GROUP = 3
"""A domain behind this many companies in one script is a group's, and names none of them."""


class Firm(NamedTuple):
    """What a record says about its company; ``former`` are names it had before."""

    number: str
    domains: tuple[str, ...]
    names: tuple[str, ...]
    former: tuple[str, ...]
    place: str

    @property
    def is_known(self) -> bool:
        """Whether any company is named at all."""
        return bool(self.number or self.domains or self.names)


NO_FIRM = Firm("", (), (), (), "")


def firm_of(values: Mapping[str, Value]) -> Firm:
    """The company that a lead's or an account's values name."""
    number = values.get("corporate_number")
    digits = (corporate_number(number) or "") if isinstance(number, str) and number else ""
    domains = tuple(dict.fromkeys(company_domains(values)))
    company = values.get("company") or values.get("name")
    names: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    if isinstance(company, str) and company:
        names = _names(company)
        if "旧" in company or "former" in company.lower():
            former = former_names(company)
    if not (digits or domains or names):
        return NO_FIRM
    return Firm(digits, domains, names, former, _prefecture(values) or "")


_names = lru_cache(maxsize=32768)(company_names)


def company_domains(values: Mapping[str, Value]) -> Iterator[str]:
    """The registrable domains that name the company: its website's and its mail's."""
    website = values.get("website")
    if isinstance(website, str) and website:
        name = domain(website)
        if name and not is_shared(name) and domain_class(name) is Mailbox.COMPANY:
            yield name
    first, more = values.get("email"), values.get("emails")
    for address in (first, *(more if isinstance(more, list) else ())):
        if isinstance(address, str) and "@" in address:
            at = domain_of(address)
            if domain_class(at) is Mailbox.COMPANY and (name := domain(at)) and not is_shared(name):
                yield name


def _prefecture(values: Mapping[str, Value]) -> str | None:
    for name in ("prefecture", "address", "city"):
        value = values.get(name)
        if isinstance(value, str) and value and (place := prefecture(value)):
            return place
    code = values.get("postal_code")
    return prefecture_of_postal_code(code) if isinstance(code, str) and code else None


def account_keys(firm: Firm) -> tuple[str, ...]:
    """The keys an account of this company is known by, as stored, strongest first."""
    keys = [f"number:{firm.number}"] if firm.number else []
    keys += [f"domain:{name}" for name in firm.domains]
    keys += [f"name:{name}" for name in (*firm.names, *firm.former)]
    if firm.place:
        keys += [f"place:{firm.place}"]
    return tuple(keys)


def lookup_keys(firm: Firm) -> tuple[str, ...]:
    """Those of the keys that find accounts; a prefecture alone finds none."""
    return tuple(one for one in account_keys(firm) if not one.startswith("place:"))


@dataclass(slots=True)
class Known:
    """What is known of one account."""

    id: str
    numbers: set[str] = field(default_factory=set)
    domains: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)

    def add(self, keys: Iterable[str]) -> list[str]:
        """Take keys in; those that were new."""
        new = []
        for one in keys:
            kind, _, value = one.partition(":")
            held = self._held(kind)
            if value not in held:
                held.add(value)
                new.append(one)
        return new

    def _held(self, kind: str) -> set[str]:
        return {
            "number": self.numbers,
            "domain": self.domains,
            "name": self.names,
            "place": self.places,
        }[kind]


class Directory:
    """The accounts in play, by their keys. Finds the account of a company, and learns its keys."""

    def __init__(self) -> None:
        self.accounts: dict[str, Known] = {}
        self.by_key: dict[str, list[str]] = {}

    def learn(self, account_id: str, keys: Iterable[str]) -> list[str]:
        """Note that an account has these keys; gives those it did not have."""
        known = self.accounts.get(account_id)
        if known is None:
            known = self.accounts[account_id] = Known(account_id)
        new = known.add(keys)
        for one in new:
            self.by_key.setdefault(one, []).append(account_id)
        return new

    def find(self, firm: Firm) -> str | None:
        """The account that a company is; None for a new one, or where the name fits several."""
        found = self._found(firm)
        return found[0] if len(found) == 1 else None

    def take(self, firm: Firm, new_id: Callable[[], str]) -> tuple[str | None, list[str]]:
        """The account of a company, made if it is new, and the keys that it got by this.

        None where the record names no company, or only what several accounts have.
        """
        if not firm.is_known:
            return None, []
        found = self._found(firm)
        if len(found) > 1:
            return None, []
        account_id = found[0] if found else new_id()
        return account_id, self.learn(account_id, account_keys(firm))

    def _found(self, firm: Firm) -> list[str]:
        if firm.number and (ids := self.by_key.get(f"number:{firm.number}")):
            return ids[:1]
        if by_domain := self._by_domain(firm):
            return by_domain
        return self._by_name(firm)

    def _by_domain(self, firm: Firm) -> list[str]:
        aliases: list[str] = []
        for name in firm.domains:
            for account_id in self.by_key.get(f"domain:{name}", ()):
                known = self.accounts[account_id]
                if firm.number and known.numbers:
                    continue  # another number: another company
                if firm.names and not known.names.isdisjoint(firm.names):
                    return [account_id]
                if account_id not in aliases and not (
                    firm.names and known.names and _are_sisters(firm.names, known.names)
                ):
                    aliases.append(account_id)
        # Behind a group's domain, only a name tells which company of the group it is.
        return aliases if not firm.names else aliases[:1]

    def _by_name(self, firm: Firm) -> list[str]:
        found: list[str] = []
        for name in (*firm.names, *firm.former):
            ids = [
                one
                for one in self.by_key.get(f"name:{name}", ())
                if not self._contradicts(firm, self.accounts[one])
            ]
            near = [one for one in ids if firm.place and firm.place in self.accounts[one].places]
            found += [one for one in (near[:1] or ids) if one not in found]
            if near:
                return near[:1]
        return found

    def _contradicts(self, firm: Firm, known: Known) -> bool:
        if firm.number and known.numbers and firm.number not in known.numbers:
            return True
        if not firm.place or not known.places or firm.place in known.places:
            return False
        # A namesake elsewhere, unless it has branches: then its domain says so, and was asked.
        return bool(firm.domains and known.domains)


def _are_sisters(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    """Whether names behind one domain are of sister companies: one script, and look-alikes."""
    return any(look_alike(one, other) for one in ours for other in theirs)
