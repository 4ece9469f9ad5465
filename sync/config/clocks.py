"""Business hours, and stages that silent leads leave, as an operator writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mapping.dormancy import way_to_sleep
from mapping.hours import holiday_countries
from mapping.stage_rules import StageRules
from sync.config.report import listed, near, text_at
from sync.config.validate import Part

_TIME = re.compile(r"\d\d:\d\d\Z")
_NO_COUNTRY = "none"


def check_clocks(part: Part, rules: StageRules) -> None:
    """Hours that have a length, a country whose holidays are known, and ways to dormant."""
    begin, end = (text_at(part.data, "hours", key) or "" for key in ("from", "to"))
    begin, end = begin or "09:00", end or "18:00"
    if _TIME.match(begin) and _TIME.match(end) and end <= begin:
        key = "to" if text_at(part.data, "hours", "to") else "from"
        part.wrong(("hours", key), "EMPTY_HOURS", begin=begin, end=end)
    country = text_at(part.data, "hours", "holidays")
    if country is not None and country != _NO_COUNTRY and country not in holiday_countries():
        known = sorted((*holiday_countries(), _NO_COUNTRY))
        meant = country.upper() if country.upper() in known else _COUNTRIES.get(country.lower(), "")
        part.wrong(
            ("hours", "holidays"),
            "UNKNOWN_COUNTRY",
            name=country,
            near=meant or near(country, known),
        )
    _check_ways(part, rules)


_COUNTRIES = {"japan": "JP", "日本": "JP", "jpn": "JP"}


def _check_ways(part: Part, rules: StageRules) -> None:
    silent = part.data.get("dormant")
    stages: Any = silent.get("stages") if isinstance(silent, Mapping) else None
    for number, name in enumerate(stages if isinstance(stages, list) else []):
        if name in rules.stages and way_to_sleep(name, rules) is None:
            able = [stage for stage in rules.stages if way_to_sleep(stage, rules)]
            part.wrong(
                ("dormant", "stages", number), "NO_WAY_TO_DORMANT", name=name, known=listed(able)
            )
