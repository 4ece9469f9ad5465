"""Two leads are merged by hand and taken apart: one record is written, each gets its own back."""

from __future__ import annotations

from typing import Any

from mapping.merge import Trust
from sync.engine import merging, review
from sync.store import links

HOME = "hanako@gmail.com"
WORK = "sato@aozora-seisakusho.example"
FIELDS = {
    "ma": ("email", "jobtitle", "mobilephone", "lastname", "firstname", "company", "phone"),
    "sfa": ("Email", "Title", "MobilePhone", "LastName", "FirstName", "Company", "Phone"),
    "crm": ("メールアドレス", "役職", "携帯番号", "姓", "名", "会社名", "電話番号", "ステージ"),
}
EMAIL, TITLE, MOBILE = ({name: held[n] for name, held in FIELDS.items()} for n in range(3))


def held(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """What each system holds of whom, by e-mail; blanks left out."""
    rows = {"ma": world.contacts(), "sfa": world.sfa_rows(), "crm": world.crm_rows()}
    return {
        name: {
            str(row[EMAIL[name]]): {field: row.get(field) for field in fields if row.get(field)}
            for row in rows[name]
        }
        for name, fields in FIELDS.items()
    }


def plant(world: Any) -> tuple[Any, Any]:
    """One woman, known to Salesforce from work and, later, to HubSpot from home.

    HubSpot is believed over Salesforce, save for the e-mail.
    """
    world.hub.trust = Trust(default=("ma", "sfa", "crm"), fields={"email": ("sfa", "ma")})
    world.sfa.add_lead(
        LastName="佐藤",
        FirstName="花子",
        Company="株式会社青空製作所",
        Email=WORK,
        Title="部長",
        Phone="03-1234-5678",
    )
    world.settle()
    world.ma.add_contact(
        email=HOME, lastname="佐藤", firstname="花子", jobtitle="課長", mobilephone="090-1111-2222"
    )
    world.settle()
    return world.lead(WORK), world.lead(HOME)


def test_merged_by_hand_one_record_is_written_and_split_both_are_restored(world: Any) -> None:
    work, home = plant(world)
    assert home.id != work.id
    (asked,) = review.cases(world.hub)
    assert {row.id for row in asked.leads} == {home.id, work.id}
    before = held(world)
    fields = {row.id: row.fields for row in (home, work)}
    assert all(set(people) == {HOME, WORK} for people in before.values())

    done = merging.merge(world.hub, home.id, work.id, user="tanaka")
    assert done.leads == (work.id,)
    world.settle()
    (lead,) = world.leads()
    assert (lead.fields["title"], lead.fields["email"]) == ("課長", WORK)
    after = held(world)
    for name in FIELDS:
        assert after[name][HOME] == before[name][HOME], name
        assert after[name][WORK][TITLE[name]] == "課長", name
        assert after[name][WORK][MOBILE[name]], name
    assert before["sfa"][WORK]["Title"] == "部長"  # its own word, which was written over

    merging.unmerge(world.hub, lead.id, user="tanaka")
    assert {row.id: row.fields for row in world.leads()} == fields
    world.settle()
    assert held(world) == before
    assert {row.id: row.fields for row in world.leads()} == fields
    assert review.cases(world.hub) == []


def test_after_the_split_each_system_writes_to_its_own_person(world: Any) -> None:
    work, home = plant(world)
    merging.merge(world.hub, home.id, work.id, user="tanaka")
    world.settle()
    merging.unmerge(world.hub, home.id, user="tanaka")
    world.settle()
    with world.database.read() as tx:
        (mine,) = [one for one in links.of_leads(tx, [home.id]) if one.connection == "ma"]
    world.ma.write("contacts", {"jobtitle": "本部長"}, mine.external_id)
    world.settle()
    now = held(world)
    for name, title in TITLE.items():
        assert now[name][HOME][title] == "本部長", name
        assert now[name][WORK][title] == "部長", name
    assert len(world.leads()) == 2
