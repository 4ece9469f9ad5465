"""Four simulated vendors, hands, a merge and a blank: every value of every lead is explained."""

from __future__ import annotations

from mapping.merge import RULES
from mapping.normalise.text import is_blank
from sync.engine import merging
from sync.engine.edits import edit_lead, set_stage
from sync.engine.explain import explain
from tests.journeys.conftest import LEADS, World

SATO, ITO = "sato@aozora.example", "ito@chidori.example"
TANAKA = "tanaka@minato.example"
HOWS = {"pull", "reread", "edited"}


def test_every_value_of_every_lead_is_explained(world: World) -> None:
    world.submit(SATO)
    world.submit(ITO, "伊藤", "健", company="千鳥商会", phone="+81699990000")
    world.submit(TANAKA, "田中", "実", company="みなと商事", phone="+81312349999", consent=False)
    world.settle()
    sato, ito = world.lead(SATO), world.lead(ITO)
    key = world.links(sato)["crm"].external_id
    world.crm.edit_record(LEADS, key, {"役職": "部長", "電話番号": ""})
    world.settle()
    edit_lead(world.hub, sato.id, {"title": "本部長", "mobile": "+819011112222"}, user="mori")
    edit_lead(world.hub, ito.id, {"consent.email.marketing": "denied"}, user="mori")
    set_stage(world.hub, ito.id, "recycled", reason="時期が先", user="mori")
    merging.merge(world.hub, sato.id, world.lead(TANAKA).id, user="mori")
    world.settle()

    told = 0
    for lead in world.leads():
        found = explain(world.hub, lead.id)
        assert found is not None
        stories = {one.field: one for one in found.fields}
        assert stories.keys() == {k for k, value in lead.fields.items() if not is_blank(value)}
        for name, story in stories.items():
            assert story.value == lead.fields[name]
            assert story.at, name
            assert story.rule in RULES, name
            assert story.user or story.record, name
            assert story.event is not None, name
            assert story.event.how in HOWS, (name, story.event)
            assert all(one.record and one.at and one.rule in RULES for one in story.lost), name
            told += 1
        assert all(stay.event is not None for stay in found.stages)
        assert found.account is not None
        assert found.account.field is not None
    assert told > 30
    merged = explain(world.hub, world.lead(SATO).id)  # either of the two may be what stays
    assert merged is not None
    stories = {one.field: one for one in merged.fields}
    assert {one.user for one in (stories["title"], stories["mobile"])} == {"mori"}
    company = stories["company"]
    said = {str(company.value), *(str(one.value) for one in company.lost)}
    assert said == {"株式会社青空製作所", "みなと商事"}
    assert len(stories["emails"].said) > 1
