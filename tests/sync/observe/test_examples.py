"""The alert rules and the dashboard in the documents ask for metrics and labels that there are."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from sync.observe.metrics import Metrics
from sync.observe.vitals import Vitals

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
RULES, BOARD = EXAMPLES / "alerts.yaml", EXAMPLES / "grafana.json"
NAME = re.compile(r"\b(up|(?:renkei|process)_[a-z_]+)(?:\{([^}]*)\})?")
BY = re.compile(r"\b(?:by|on) \(([^)]*)\)")
FROM_OUTSIDE = {"job", "instance", "le"}
"""Labels that Prometheus itself adds."""


def rules() -> list[dict[str, Any]]:
    (group,) = YAML(typ="safe").load(RULES.read_text(encoding="utf-8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def questions() -> Iterator[str]:
    """Every expression in the examples."""
    for rule in rules():
        yield rule["expr"]
    for panel in json.loads(BOARD.read_text(encoding="utf-8"))["panels"]:
        for target in panel["targets"]:
            yield target["expr"]


@pytest.fixture
def known(relay: Any) -> dict[str, set[str]]:
    """The labels of every metric, by the name of its samples."""
    hub = relay.open()
    shown = Metrics(hub, Vitals(silence=lambda: 0.0))
    found: dict[str, set[str]] = {"up": set()}
    for family in shown.registry.collect():
        ends = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
        labels = set(getattr(family, "_labelnames", ()))
        for end in ends.get(family.type, [""]):
            found[family.name + end] = labels
    return found


def test_every_metric_that_is_asked_for_is_there_with_its_labels(
    known: dict[str, set[str]],
) -> None:
    for question in questions():
        asked = NAME.findall(question)
        assert asked, question
        labels: set[str] = set(FROM_OUTSIDE)
        for name, braces in asked:
            assert name in known, f"{name} in {question}"
            labels |= known[name]
            wanted = set(re.findall(r"([a-z_]+)(?:=~|!~|!=|=)", re.sub(r'"[^"]*"', "", braces)))
            assert wanted <= known[name] | FROM_OUTSIDE, f"{wanted} in {question}"
        for group in BY.findall(question):
            assert set(re.split(r", *", group)) <= labels, question


def test_every_metric_of_ours_is_in_the_documents(known: dict[str, set[str]]) -> None:
    page = (EXAMPLES.parent / "how-to" / "observe.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(renkei_[a-z_]+)`", page))
    ours = {name.removesuffix("_bucket") for name in known if name.startswith("renkei_")}
    ours -= {"renkei_job_seconds_sum", "renkei_job_seconds_count"}
    assert told == ours


def test_every_alert_says_what_to_do() -> None:
    for rule in rules():
        assert rule["alert"].startswith("Renkei")
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert set(rule["annotations"]) == {"summary", "next"}


def test_panels_have_places_of_their_own() -> None:
    taken = set()
    for panel in json.loads(BOARD.read_text(encoding="utf-8"))["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells


def promtool() -> str:
    """Prometheus's own checker, where it is installed."""
    found = os.environ.get("RENKEI_TEST_PROMTOOL") or shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed; or name it by RENKEI_TEST_PROMTOOL")
    return found


def test_prometheus_takes_the_rules() -> None:
    done = subprocess.run(
        [promtool(), "check", "rules", str(RULES)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


SERIES = """\
rule_files: [{rules}]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {{series: 'renkei_lag_seconds{{connection="crm"}}', values: '7200x60'}}
      - {{series: 'renkei_lag_seconds{{connection="old"}}', values: '7200x60'}}
      - {{series: 'renkei_connection_state{{connection="old",state="paused"}}', values: '1x60'}}
      - {{series: 'renkei_connection_state{{connection="crm",state="paused"}}', values: '0x60'}}
      - {{series: 'renkei_database_up', values: '0x60'}}
      - {{series: 'renkei_quota_left{{account="crm"}}', values: '9x60'}}
      - {{series: 'renkei_quota_limit{{account="crm"}}', values: '100x60'}}
    promql_expr_test:
{cases}
"""


def test_the_rules_fire_when_they_should(tmp_path: Path) -> None:
    exprs = {rule["alert"]: rule["expr"] for rule in rules()}
    wanted = {
        "RenkeiLags": ['{connection="crm"}'],
        "RenkeiDatabaseAway": ["renkei_database_up"],
        "RenkeiQuotaShort": ['{account="crm"}'],
        "RenkeiHeldBack": [],
    }
    values = {"RenkeiLags": 7200, "RenkeiDatabaseAway": 0, "RenkeiQuotaShort": 9}
    cases = []
    for name, labels in wanted.items():
        samples = [{"labels": label, "value": values[name]} for label in labels]
        cases.append({"expr": exprs[name], "eval_time": "30m", "exp_samples": samples})
    lines = "\n".join(f"      - {json.dumps(case)}" for case in cases)
    path = tmp_path / "rules_test.yaml"
    path.write_text(SERIES.format(rules=RULES, cases=lines), encoding="utf-8")
    done = subprocess.run(
        [promtool(), "test", "rules", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
