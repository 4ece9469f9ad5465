"""Salesforce on the bench of the contract suite."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from connectors.kit.base import Change
from connectors.kit.rehearsal import Rehearsal
from connectors.salesforce.simulator import CLIENT_ID, CLIENT_SECRET, Simulator

HOST = "https://rehearsal.my.salesforce.example"
_FAMILY = ("佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村")
_GIVEN = ("太郎", "花子", "健一", "美咲", "翔太", "陽子", "大輔", "恵")
_COMPANIES = ("青空製作所", "みどり物流", "北斗システム", "さくら商事", "港工業")


def rehearsal(tmp_path: Path) -> Rehearsal:
    """A simulated org with an account, a contact and an opportunity; leads are planted."""
    simulator = Simulator(path=tmp_path / "salesforce.db", daily_limit=1_000_000)
    account = simulator.add_account("株式会社青空製作所")
    contact = simulator.add_contact(account, LastName="小林", Email="kobayashi@aozora.example")
    simulator.add_opportunity(contact, account=account, Name="青空製作所 新規導入")
    planted: list[str] = []
    made = 0

    def values(number: int) -> dict[str, str]:
        company = number % len(_COMPANIES)
        return {
            "LastName": _FAMILY[number % len(_FAMILY)],
            "FirstName": _GIVEN[number // len(_FAMILY) % len(_GIVEN)],
            "Company": f"株式会社{_COMPANIES[company]}",
            "Email": f"lead{number}@kaisha{company}.example",
            "Phone": f"03-1234-{number % 10_000:04d}",
        }

    def seed(count: int) -> None:
        first = len(planted)
        planted.extend(simulator.add_lead(**values(first + n)) for n in range(count))

    def one() -> str:
        if not planted:
            seed(1)
        return planted.pop()

    def change_one() -> tuple[str, str]:
        row = one()
        simulator.edit("Lead", row, Title="部長")
        return "Lead", row

    def delete_one() -> tuple[str, str]:
        row = one()
        simulator.delete("Lead", row)
        return "Lead", row

    def changes(count: int) -> Sequence[Change]:
        nonlocal made
        start, made = made, made + count
        return [
            Change("Lead", f"ld_{number}", values(100_000 + number))
            for number in range(start, start + count)
        ]

    def unknown_field() -> Change:
        (change,) = changes(1)
        return Change("Lead", change.key, {**change.values, "No_Such_Field__c": "値"})

    return Rehearsal(
        options={
            "auth": {
                "scheme": "client_credentials",
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "login_url": HOST,
            },
            "page_size": 10,
        },
        streams=["Lead", "Contact", "Account", "Opportunity", "Task", "Event"],
        seed=seed,
        simulator=simulator,
        change_one=change_one,
        delete_one=delete_one,
        changes=changes,
        unknown_field=unknown_field,
        revoke=simulator.revoke_app,
    )
