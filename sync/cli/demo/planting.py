"""Plants the invented people at the simulated vendors, each vendor in one commit.

A vendor's marker is in that commit too: whoever was killed half-way begins that vendor anew, and
what was planted is never planted twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync.cli.demo.people import CRM, FAIR, FORM, MA, SFA, Person
from sync.cli.demo.spellings import Pen

if TYPE_CHECKING:
    from connectors.kit.simulator import BaseSimulator

MARKS = "_demo"
"""The table of a simulator in which the demo notes what it has done there."""
APP = 5
"""The kintone app リード管理."""
FAIR_FILE = "展示会来場者"

LIFECYCLE = {
    "inquiry": "lead",
    "mql": "marketingqualifiedlead",
    "tal": "marketingqualifiedlead",
    "tql": "marketingqualifiedlead",
    "sal": "salesqualifiedlead",
    "sql": "salesqualifiedlead",
    "opportunity": "opportunity",
    "won": "customer",
    "lost": "opportunity",
}
STATUS = {
    "inquiry": "Open - Not Contacted",
    "mql": "Open - Not Contacted",
    "tal": "Working - Contacted",
    "tql": "Working - Contacted",
    "sal": "Working - Contacted",
    "sql": "Working - Contacted",
}
DEAL_STAGE = {"opportunity": "Proposal/Price Quote", "won": "Closed Won", "lost": "Closed Lost"}
CRM_STAGE = {
    "inquiry": "リード",
    "mql": "MQL",
    "tal": "架電中",
    "tql": "TQL",
    "sal": "SAL",
    "sql": "SQL",
    "opportunity": "商談",
    "won": "受注",
    "lost": "失注",
}
LOST_REASONS = ("予算が合わない", "他社を採用", "時期が先になった", "現状のまま様子を見る")
CRM_SOURCES = ("Webフォーム", "展示会", "名刺", "紹介", "テレアポ")
UNKNOWN_SOURCE = "口コミ"
"""A choice that somebody added in kintone and nobody told the field map."""


def once(simulator: BaseSimulator, mark: str, do: Callable[[], Any]) -> bool:
    """Do something at a vendor, unless it was done before; whether it was done now."""
    with simulator.at_once():
        if mark in simulator.table(MARKS):
            return False
        do()
        simulator.table(MARKS)[mark] = {"done": True}
        return True


@contextmanager
def at(simulator: BaseSimulator, moment: datetime) -> Iterator[None]:
    """Let it be another time at a vendor."""
    clock = simulator.now
    simulator.now = lambda: moment
    try:
        yield
    finally:
        simulator.now = clock


def plant(
    simulators: dict[str, Any], folder: Path, everybody: Sequence[Person], base: datetime
) -> dict[str, int]:
    """Put everybody where they are on file; how many records each system was given now."""
    given: dict[str, int] = {}
    once(simulators[CRM], "choice", lambda: _add_choice(simulators[CRM]))
    plans: dict[str, Callable[[Any, Person, datetime], int]] = {
        FORM: _answer,
        MA: _contact,
        SFA: Sfa().plant,
        CRM: _record,
    }
    for name, one in plans.items():
        own = [person for person in everybody if name in person.systems]
        own.sort(key=lambda person: -person.days_ago)
        count = 0

        def all_of(one: Any = one, own: Any = own, name: str = name) -> None:
            nonlocal count
            for person in own:
                moment = base - timedelta(days=person.days_ago)
                with at(simulators[name], moment):
                    count += one(simulators[name], person, moment)

        once(simulators[name], "people", all_of)
        given[name] = count
    given[FAIR] = _list(folder, [one for one in everybody if FAIR in one.systems], base)
    return given


def _answer(form: Any, person: Person, moment: datetime) -> int:
    """An answer to 資料請求; some ask again a little later."""
    from connectors.typeform.simulator import DEFAULT_FORM_ID

    for turn in range(2 if person.twice else 1):
        pen = Pen(person, f"{FORM} {turn}" if turn else FORM)
        values = {
            "email": pen.email(),
            "last_name": pen.family(),
            "first_name": person.given,
            "last_name_kana": person.family_kana or None,
            "first_name_kana": person.given_kana or None,
            "company": pen.company(),
            "department": person.department or None,
            "title": person.title,
            "phone": person.mobile or person.company.phone,
            "interest": ("document", "demo", "price", "case")[(person.number + turn) % 4],
            "consent": not person.opted_out,
        }
        hidden = {
            "utm_source": ("google", "newsletter", "yahoo", "linkedin")[person.number % 4],
            "utm_campaign": ("spring-2026", "webinar-dx", "brand-search")[person.number % 3],
        }
        form.submit(DEFAULT_FORM_ID, values, hidden, at=moment + timedelta(hours=turn))
    return 2 if person.twice else 1


def _contact(ma: Any, person: Person, _moment: datetime) -> int:
    pen = Pen(person, MA)
    values = {
        "email": person.email,
        "lastname": pen.family(),
        "firstname": person.given,
        "company": pen.company(),
        "jobtitle": person.title,
        "phone": pen.phone(),
        "mobilephone": pen.mobile(),
        "state": "" if person.english else person.company.place[0],
        "lifecyclestage": LIFECYCLE[person.stage],
        "hs_analytics_source": ("ORGANIC_SEARCH", "PAID_SEARCH", "EMAIL_MARKETING")[
            person.number % 3
        ],
        "hs_language": "en" if person.english else "ja",
    }
    if person.opted_out:
        values["hs_email_optout"] = "true"
    ma.add_contact(**{name: value for name, value in values.items() if value})
    return 1


class Sfa:
    """Plants leads, and contacts with their accounts and deals, in Salesforce."""

    def __init__(self) -> None:
        self.accounts: dict[str, str] = {}

    def plant(self, sfa: Any, person: Person, _moment: datetime) -> int:
        """A person as a lead, as a converted lead, or as a contact; with a deal if there is one."""
        pen = Pen(person, SFA)
        values = {
            "LastName": pen.family(),
            "FirstName": person.given,
            "Email": pen.email(),
            "Phone": pen.phone(),
            "MobilePhone": pen.mobile() or None,
            "Title": person.title,
            "LeadSource": ("Web", "Phone Inquiry", "Partner Referral")[person.number % 3],
            "HasOptedOutOfEmail": person.opted_out and CRM not in person.systems,
        }
        if not person.has_deal():
            status = STATUS[person.stage]
            sfa.add_lead(**values, Company=pen.company(), Status=status)
            return 1
        account = self.accounts.get(person.company.slug)
        if account is None:
            account = self.accounts[person.company.slug] = sfa.add_account(person.company.name)
        if person.converted:
            lead = sfa.add_lead(**values, Company=pen.company(), Status="Working - Contacted")
            became = sfa.convert_lead(lead, account=account)
            deal = became["Opportunity"]
            sfa.edit("Opportunity", deal, **deal_values(person))
            return 2
        contact = sfa.add_contact(account, **values, Department=person.department or None)
        deal = deal_values(person)
        sfa.add_opportunity(contact, deal.pop("StageName"), account=account, **deal)
        return 1


def deal_values(person: Person) -> dict[str, Any]:
    """The deal with a person, as Salesforce fields."""
    values: dict[str, Any] = {
        "Name": f"{person.company.core} 新規導入",
        "StageName": DEAL_STAGE[person.stage],
        "Amount": 300_000 + person.number % 40 * 50_000,
    }
    if person.stage == "lost":
        values["Loss_Reason__c"] = LOST_REASONS[person.number % len(LOST_REASONS)]
    return values


def has_unknown_source(person: Person) -> bool:
    """Whether their kintone record has the choice that nobody mapped."""
    return person.number % 40 == 4 and CRM in person.systems


def _add_choice(crm: Any) -> None:
    """Somebody gives 流入元 one more choice."""
    held = crm.table("apps")[str(APP)]["form"]
    source = held["流入元"]
    added = {UNKNOWN_SOURCE: {"label": UNKNOWN_SOURCE, "index": str(len(source["options"]))}}
    changed = {**source, "options": {**source["options"], **added}}
    crm.change_form(APP, {**held, "流入元": changed})


def _record(crm: Any, person: Person, _moment: datetime) -> int:
    pen = Pen(person, CRM)
    source = CRM_SOURCES[person.number % len(CRM_SOURCES)]
    values = {
        "氏名": pen.full_name(),
        "姓": pen.family(),
        "名": person.given,
        "フリガナ": pen.kana(),
        "会社名": pen.company(),
        "部署名": person.department,
        "役職": person.title,
        "メールアドレス": pen.email(),
        "電話番号": pen.phone(),
        "携帯番号": pen.mobile(),
        "都道府県": "" if person.english else person.company.place[0],
        "ステージ": CRM_STAGE[person.stage],
        "流入元": UNKNOWN_SOURCE if has_unknown_source(person) else source,
        "メール配信": "拒否" if person.opted_out else "未確認",
    }
    if person.stage == "lost":
        values["失注理由"] = LOST_REASONS[person.number % len(LOST_REASONS)]
    crm.import_records(APP, [{code: value for code, value in values.items() if value}])
    return 1


def _list(folder: Path, visitors: Sequence[Person], base: datetime) -> int:
    """The exhibition's list as its organiser sends it: CP932, lines above the header."""
    from connectors.file.simulator import Simulator

    if not visitors or (folder / f"{FAIR_FILE}.csv").exists():
        return 0
    Simulator(folder).write(
        "exhibition", [_visitor(person, base) for person in visitors], name=FAIR_FILE
    )
    return len(visitors)


def _visitor(person: Person, base: datetime) -> dict[str, str]:
    pen = Pen(person, FAIR)
    prefecture, city, street, postal_code, _ = person.company.place
    met = base - timedelta(days=person.days_ago / 2)
    return {
        "vendor_id": f"V{person.number:06d}",
        "occurred_on": met.strftime("%Y/%m/%d %H:%M"),
        "company": pen.company(),
        "department": person.department,
        "title": person.title,
        "full_name": pen.full_name(),
        "full_kana": pen.kana(),
        "email": pen.email(),
        "phone": pen.mobile() or pen.phone(),
        "postal_code": postal_code,
        "address": f"{prefecture}{city}{street}1-{person.number % 30 + 1}",
        "timing": ("3か月以内", "半年以内", "1年以内", "未定")[person.number % 4],
    }
