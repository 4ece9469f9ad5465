"""audit and consent at the command line: what they say, and how they end."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.kit.simulator import Fault

LEAD = "lead1@kaisha1.example"
FIELD = "consent.email.marketing"


def change_behind_the_hub(office: Any) -> str:
    """Somebody changes a record in the CRM, and no run has read it yet; its id."""
    rows = office.crm.simulator.table("records:5")
    key = next(iter(rows))
    rows[key]["values"]["会社名"] = "別の会社"
    return str(key)


def test_an_audit_of_systems_in_step_ends_well(synced: Any) -> None:
    typed = synced.json("audit", "--seed", "7")

    assert typed.code == 0
    found = {tuple(one["connections"]): one for one in typed.all("audit")}
    assert {names: one["score"] for names, one in found.items()} == {
        ("crm",): 1.0,
        ("form",): 1.0,
        ("crm", "form"): 1.0,
    }
    assert found["crm",]["records"] == 9
    assert (found["crm",]["share"], found["crm",]["interval"]) == (1.0, [1.0, 1.0])


def test_of_a_part_the_score_is_told_with_how_sure_it_is(synced: Any) -> None:
    typed = synced.json("audit", "crm", "--sample", "3")

    low, high = typed.one("audit")["interval"]
    assert 0.4 < low < high == 1.0
    table = synced.type("audit", "crm", "--sample", "3", "--lang", "ja").out
    assert "95%区間" in table
    assert "–100.00 %" in table
    assert "全件を確認" in synced.type("audit", "crm", "--lang", "ja").out


def test_without_a_seed_there_is_one_sample_a_day_and_it_is_told(synced: Any) -> None:
    first, second = (synced.json("audit", "--sample", "2") for _ in range(2))

    seeds = {one["seed"] for typed in (first, second) for one in typed.all("audit")}
    assert len(seeds) == 1
    assert f"--seed {seeds.pop()}" in synced.type("audit", "--sample", "2").out


def test_drift_is_told_repaired_and_gone(synced: Any) -> None:
    key = change_behind_the_hub(synced)

    first = synced.json("audit", "crm", "--seed", "7")
    assert first.code == 3
    (tally,) = first.all("audit")
    (example,) = tally["examples"]
    assert (example["record"], example["field"]) == (f"crm/records:leads/{key}", "company")
    assert (example["holds"], example["why"]) == ("別の会社", "drifted")

    assert synced.json("audit", "crm", "--seed", "7", "--repair").code == 3
    assert synced.json("audit", "crm", "--seed", "7").one("audit")["score"] == 1.0


def test_values_are_told_to_machines_alone(synced: Any) -> None:
    change_behind_the_hub(synced)

    typed = synced.type("audit", "crm", "--seed", "7")

    assert "別の会社" not in typed.out + typed.err
    assert "not what Renkei remembers" in typed.out
    assert typed.out.rstrip().endswith("→ renkei audit crm --seed 7 --repair")


def test_after_the_repair_of_a_part_the_rest_is_spoken_of(synced: Any) -> None:
    for row in synced.crm.simulator.table("records:5").values():
        row["values"]["会社名"] = "別の会社"

    typed = synced.type("audit", "crm", "--sample", "3", "--seed", "7", "--repair")

    assert "only what was drawn is repaired" in typed.out
    assert typed.out.rstrip().endswith("→ renkei audit crm --sample 3 --seed 7")


def test_refused_credentials_are_5(synced: Any) -> None:
    synced.crm.revoke()

    assert synced.type("audit").code == 5
    assert synced.type("audit").out.rstrip().endswith("→ renkei check --connect crm")


def test_a_vendor_that_cannot_be_reached_is_3_and_alone_1(synced: Any) -> None:
    synced.crm.simulator.faults.append(Fault("/k/v1/", times=1000))

    typed = synced.json("audit")
    assert typed.code == 3
    errors = {tuple(one["connections"]): bool(one["error"]) for one in typed.all("audit")}
    assert errors == {("crm",): True, ("form",): False}
    assert synced.type("audit", "crm").code == 1


def test_small_drift_is_left_alone_where_the_operator_says_so(synced: Any) -> None:
    change_behind_the_hub(synced)

    typed = synced.json("audit", "crm", "--seed", "7", "--repair", "--below", "0.5")

    assert typed.code == 0
    assert typed.one("audit")["repaired"] == 0


def test_an_audit_is_a_run(synced: Any) -> None:
    synced.type("audit", "crm")

    (run,) = [one for one in synced.json("runs").all("run") if one["job"] == "audit"]
    assert (run["connection"], run["state"]) == ("crm", "succeeded")
    assert "監査" in synced.type("runs", "--lang", "ja").out


def test_a_stopped_audit_says_so(synced: Any) -> None:
    synced.world.stop = lambda: True

    typed = synced.json("audit")

    assert (typed.code, typed.one("error")["code"]) == (1, "STOPPED")


def test_consent_tells_who_differs_and_why(synced: Any) -> None:
    assert synced.type("consent").code == 0
    lead = synced.json("lead", LEAD).one("lead")["id"]
    synced.type("lead", LEAD, "--set", f"{FIELD}=denied")

    typed = synced.json("consent", "--pair", "crm", "form")

    assert typed.code == 3
    told = typed.one("agreement")
    assert (told["connections"], told["field"]) == (["crm", "form"], FIELD)
    assert (told["people"], told["agree"], told["why"]) == (5, 4, {"owed": 1})
    who = typed.one("disagreement")
    assert (who["lead"], who["connection"], who["why"]) == (lead, "crm", "owed")


def test_a_consent_by_hand_without_a_reason_is_refused(synced: Any) -> None:
    synced.type("lead", LEAD, "--set", f"{FIELD}=denied")

    refused = synced.json("lead", LEAD, "--set", f"{FIELD}=granted")

    assert (refused.code, refused.one("error")["code"]) == (2, "CONSENT_EVIDENCE")
    assert synced.json("lead", LEAD).one("lead")["fields"][FIELD] == "denied"


def test_the_evidence_of_a_consent_is_shown(synced: Any) -> None:
    synced.type(
        "lead", LEAD, "--set", f"{FIELD}=granted", "--reason", "signed at the booth", "--by", "mori"
    )

    told = synced.json("consent", "--lead", LEAD).one("evidence")

    assert (told["state"], told["by"], told["reason"]) == ("granted", "mori", "signed at the booth")
    assert told["where"] == "renkei lead"
    assert "signed at the booth" in synced.type("consent", "--lead", LEAD).out


def test_an_unknown_connection_is_refused(synced: Any) -> None:
    assert synced.json("audit", "nobody").one("error")["code"] == "UNKNOWN_CONNECTION"
    refused = synced.json("consent", "--pair", "crm", "nobody")
    assert refused.one("error")["code"] == "UNKNOWN_CONNECTION"


@pytest.mark.postgres
def test_an_audit_repairs_on_postgresql(office: Any, postgres_url: str) -> None:
    hub = office.root / "renkei.yaml"
    hub.write_text(hub.read_text().replace("sqlite:///data/renkei.sqlite3", postgres_url))
    office.form.seed(5)
    office.crm.seed(4)
    assert office.type("run", "--quiet").code == 0
    change_behind_the_hub(office)

    assert office.type("audit", "--repair", "--seed", "7").code == 3
    assert office.type("audit", "--seed", "7").code == 0
    assert office.type("consent").code == 0
