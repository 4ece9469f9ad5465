"""What must hold in handoff.yaml: known stages, teams and fields, and answers that are allowed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from mapping.model import FIELDS, field_type, suggestions
from mapping.routes import route
from mapping.stage_rules import StageRules
from sync.config.handoff import ACCEPTED
from sync.config.positions import Keys
from sync.config.report import listed, near
from sync.config.stage_rules import check_stage_word
from sync.config.validate import Part

ANSWERS: Mapping[str, str | None] = {
    "accept": None,
    "hand_back": "recycled",
    "recycle": "recycled",
}
"""The answers' keys, and the stages that they lead to unless another is written."""
ACCOUNT = "account."


def check_handoff(
    part: Part, connections: Sequence[str], chats: Collection[str], rules: StageRules
) -> None:
    """The words of handoff.yaml; ``chats`` are the connections in which something can be said."""
    teams = part.data.get("teams")
    known = teams if isinstance(teams, Mapping) else {}
    for team, members in known.items():
        for number, member in enumerate(_list(members, "members")):
            ids = member.get("ids") if isinstance(member, Mapping) else None
            for name in ids if isinstance(ids, Mapping) else {}:
                path: Keys = ("teams", team, "members", number, "ids", name)
                _check_connection(part, path, name, connections, chats, at_key=True)
    seen: set[str] = set()
    for number, rule in enumerate(_list(part.data, "handoffs")):
        if not isinstance(rule, Mapping):
            continue
        path = ("handoffs", number)
        if rule.get("id") in seen:
            part.wrong((*path, "id"), "TWICE", name=rule["id"])
        seen.add(str(rule.get("id")))
        _check_rule(part, path, rule, known, rules)
        _check_connection(part, (*path, "channel"), rule.get("channel"), connections, chats)
        _check_answers(part, path, rule, rules)


def _check_rule(
    part: Part,
    path: Keys,
    rule: Mapping[str, Any],
    teams: Mapping[str, Any],
    rules: StageRules,
) -> None:
    check_stage_word(part, (*path, "on"), rule.get("on"), rules)
    for number, stage in enumerate(_list(rule, "from")):
        check_stage_word(part, (*path, "from", number), stage, rules)
    team = rule.get("team")
    if isinstance(team, str) and team not in teams:
        part.wrong(
            (*path, "team"), "NO_TEAM", name=team, near=near(team, teams), known=listed(teams)
        )
    for number, way in enumerate(_list(rule, "owner")):
        if isinstance(way, Mapping):
            _check_way(part, (*path, "owner", number), way, str(team), teams)


def _check_way(
    part: Part, path: Keys, way: Mapping[str, Any], team: str, teams: Mapping[str, Any]
) -> None:
    for number, one in enumerate(_list(way, "when")):
        if isinstance(one, Mapping) and isinstance(one.get("field"), str):
            _check_field(part, (*path, "when", number, "field"), one["field"])
    members = [
        str(one.get("owner"))
        for one in _list(teams.get(team), "members")
        if isinstance(one, Mapping)
    ]
    to = way.get("to")
    if isinstance(to, str) and team in teams and to not in members:
        part.wrong(
            (*path, "to"),
            "NOT_A_MEMBER",
            name=to,
            team=team,
            near=near(to, members),
            known=listed(members),
        )


def _check_field(part: Part, path: Keys, name: str) -> None:
    kind = "account" if name.startswith(ACCOUNT) else "lead"
    own = name.removeprefix(ACCOUNT)
    if kind == "account" and own in FIELDS["account"]:
        return
    if kind == "lead" and field_type("lead", own) is not None:
        return
    found = suggestions(kind, own)
    if not found and kind == "lead" and own in FIELDS["account"]:
        found = [f"{ACCOUNT}{own}"]
    meant = f"{ACCOUNT}{found[0]}" if found and kind == "account" else "".join(found[:1])
    part.wrong(path, "UNKNOWN_FIELD", name=name, near=meant)


def _check_connection(
    part: Part,
    path: Keys,
    name: Any,
    connections: Sequence[str],
    chats: Collection[str],
    *,
    at_key: bool = False,
) -> None:
    if not isinstance(name, str):
        return
    says = {"name": name, "known": listed(connections), "near": near(name, connections)}
    if name not in connections:
        part.wrong(path, "NO_CONNECTION", at_key=at_key, **says)
    elif name not in chats:
        part.wrong(path, "NOT_A_CHAT", at_key=at_key, name=name)


def _check_answers(part: Part, path: Keys, rule: Mapping[str, Any], rules: StageRules) -> None:
    """Where answers lead to must be allowed from the stage that they are given at."""
    before = rule.get("on")
    if before not in rules.stages:
        return
    for key, usual in ANSWERS.items():
        target = str(rule.get(key) or usual or ACCEPTED.get(str(before), before))
        if target not in rules.stages:
            check_stage_word(part, (*path, key), target, rules)
        elif target != before and route(str(before), target, rules) is None:
            part.wrong(
                (*path, key) if key in rule else (*path, "on"),
                "ANSWER_FORBIDDEN",
                before=before,
                name=target,
                known=listed(
                    one for one in rules.stages if route(str(before), one, rules) is not None
                ),
            )


def _list(value: Any, key: str) -> Iterator[Any]:
    found = value.get(key) if isinstance(value, Mapping) else None
    yield from found if isinstance(found, list) else ()
