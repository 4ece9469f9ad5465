"""The story of a lead: everything, from every system, in one order."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from connectors.kit.base import Record
from sync.engine.edits import edit_lead, set_stage
from sync.engine.merging import merge
from sync.engine.timeline import Moment, timeline
from sync.engine.views import lead_view

HANAKO = {"email": "hanako@aozora.example", "family": "佐藤", "given": "花子", "company": "青空"}


def story(shelves: Any) -> list[Moment]:
    (lead,) = shelves.leads()
    return timeline(lead_view(shelves.hub, lead))


def test_a_story_tells_what_happened_in_order_with_who(shelves: Any, clock: Any) -> None:
    shelves.at["crm"].put("1", **HANAKO, mail="yes")
    shelves.settle()
    clock.pass_time(days=1)
    shelves.at["crm"].put("1", status="mql")
    shelves.at["crm"].records.append(
        Record("calls", "c1", {"what": "call", "at": "2026-04-02T03:00:00Z", **HANAKO})
    )
    shelves.settle()
    clock.pass_time(days=1)
    shelves.at["sfa"].put(next(iter(shelves.at["sfa"].people)), mail="no")
    shelves.settle()
    clock.pass_time(days=1)
    (lead,) = shelves.leads()
    edit_lead(shelves.hub, lead.id, {"title": "部長"}, user="tanaka")
    set_stage(shelves.hub, lead.id, "recycled", reason="予算なし", user="tanaka")
    shelves.settle()
    told = story(shelves)
    assert [one.at for one in told] == sorted(one.at for one in told)
    kinds = [one.kind for one in told if one.kind not in ("pushed", "linked")]
    assert kinds == ["created", "stage", "stage", "activity", "consent", "stage", "edited"]
    stages = [one for one in told if one.kind == "stage"]
    assert [(one.system, one.by, one.what["stage"]) for one in stages] == [
        ("crm", None, "inquiry"),
        ("crm", None, "mql"),
        ("", "tanaka", "recycled"),
    ]
    assert stages[-1].what["reason"] == "no_budget"
    (consent,) = [one for one in told if one.kind == "consent"]
    assert (consent.system, dict(consent.what)) == (
        "sfa",
        {"consent.email.marketing": ["granted", "denied"]},
    )
    (edited,) = [one for one in told if one.kind == "edited"]
    assert (edited.by, dict(edited.what)) == ("tanaka", {"title": [None, "部長"]})
    assert {one.system for one in told if one.kind == "linked"} == {"sfa", "ma"}


def test_pushes_to_one_system_with_nothing_between_are_one_moment(shelves: Any) -> None:
    shelves.at["crm"].put("1", **HANAKO)
    shelves.settle()
    (lead,) = shelves.leads()
    pushed = [event for event in shelves.history(lead.id) if event.event == "pushed"]
    told = [one for one in story(shelves) if one.kind == "pushed"]
    assert sum(one.times for one in told) == len(pushed) >= 2
    assert all(a.system != b.system for a, b in pairwise(told))


def test_a_merge_brings_both_stories_together(shelves: Any) -> None:
    shelves.at["crm"].put("1", **HANAKO)
    shelves.at["sfa"].put("9", **{**HANAKO, "email": "sato@aozora.example", "given": "はな"})
    shelves.run()
    one, other = shelves.leads()
    merge(shelves.hub, one.id, other.id, user="tanaka")
    told = story(shelves)
    assert [one.kind for one in told if one.kind in ("created", "merged")].count("created") == 2
    (merged,) = [one for one in told if one.kind == "merged"]
    assert set(merged.what["lead"]) == {one.id, other.id}
