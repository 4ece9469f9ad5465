"""The operator's directory of the demo: the files that somebody would have written by hand.

What is there already stays as it is, so that the files can be changed and the demo run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from sync.cli.demo.people import CRM, FAIR, FORM, MA, SFA
from sync.cli.demo.serving import free_ports

VENDOR_OF = {FORM: "typeform", MA: "hubspot", SFA: "salesforce", CRM: "kintone"}
"""Whose simulator a connection of the demo talks to."""
NOTE = ".renkei/demo.json"
HUB = "hub"
HOOK_SECRET = "demo-typeform-webhook-secret"  # noqa: S105 - of the demo, opens nothing


@dataclass(frozen=True, slots=True)
class Plan:
    """What a directory's first run settled for all later ones."""

    seed: int
    people: int
    began: str
    ports: Mapping[str, int]

    @property
    def base(self) -> datetime:
        """When the directory's first run began; what was planted lies before it."""
        return datetime.fromisoformat(self.began)


class OtherPlan(Exception):
    """The directory was begun with another seed or number of people."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"--seed {plan.seed} --people {plan.people}")
        self.plan = plan


def settle(root: Path, *, seed: int | None, people: int | None, default: int) -> tuple[Plan, bool]:
    """The directory's plan, made on the first run; and whether it was made now.

    Raises OtherPlan where the directory was begun with other numbers than these.
    """
    note = root / NOTE
    if note.exists():
        plan = Plan(**orjson.loads(note.read_bytes()))
        if (seed, people) != (
            seed if seed is None else plan.seed,
            people if people is None else plan.people,
        ):
            raise OtherPlan(plan)
        return plan, False
    names = [*VENDOR_OF, HUB]
    plan = Plan(
        seed=seed or 0,
        people=people or default,
        began=datetime.now(UTC).isoformat(timespec="seconds"),
        ports=dict(zip(names, free_ports(len(names)), strict=True)),
    )
    _write(note, orjson.dumps(asdict(plan), option=orjson.OPT_INDENT_2))
    return plan, True


def write_files(root: Path, plan: Plan, language: str) -> list[str]:
    """Write the operator's files that are not there yet; their names."""
    written = []
    for name, text in _files(root, plan, language).items():
        if not (root / name).exists():
            private = name.startswith("secrets/")
            _write(root / name, text.encode(), mode=0o600 if private else 0o644)
            written.append(name)
    for folder in ("data", "inbox"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    return written


def state_file(root: Path, connection: str) -> Path:
    """Where a simulated vendor keeps its state."""
    path = root / "simulators" / f"{VENDOR_OF[connection]}.sqlite3"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def address(plan: Plan, name: str) -> str:
    """Where a simulated vendor, or the hub, is reached."""
    return f"http://127.0.0.1:{plan.ports[name]}"


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Whole or not at all, also when the process is killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.new")
    waiting.write_bytes(content)
    waiting.chmod(mode)
    waiting.replace(path)


def _files(root: Path, plan: Plan, language: str) -> dict[str, str]:
    from connectors.kintone.simulator import TOKEN
    from connectors.salesforce.simulator import CLIENT_ID, CLIENT_SECRET
    from connectors.typeform.simulator import DEFAULT_FORM_ID, DEFAULT_TOKEN

    urls = {name: address(plan, name) for name in plan.ports}
    return {
        "renkei.yaml": _HUB.format(
            url=urls[HUB], listen=urls[HUB].removeprefix("http://"), language=language
        ),
        f"connections/{FORM}.yaml": _FORM.format(url=urls[FORM], form=DEFAULT_FORM_ID),
        f"connections/{MA}.yaml": _MA.format(url=urls[MA]),
        f"connections/{SFA}.yaml": _SFA.format(url=urls[SFA], client_id=CLIENT_ID),
        f"connections/{CRM}.yaml": _CRM.format(url=urls[CRM]),
        f"connections/{FAIR}.yaml": _FAIR.format(inbox=root.absolute() / "inbox"),
        f"fields/{MA}.yaml": _MA_FIELDS,
        f"fields/{CRM}.yaml": _CRM_FIELDS,
        f"fields/{FAIR}.yaml": _FAIR_FIELDS,
        "secrets/typeform-token": DEFAULT_TOKEN,
        "secrets/typeform-webhook": HOOK_SECRET,
        "secrets/hubspot-token": "pat-jp1-rehearsal",
        "secrets/salesforce-secret": CLIENT_SECRET,
        "secrets/kintone-token": TOKEN,
        ".gitignore": "/.renkei/\n/data/\n/inbox/\n/secrets/\n/simulators/\n",
    }


_HUB = """\
# A hub between a form tool, MA, SFA and CRM. `renkei check` looks through all of this.
database: sqlite:///data/renkei.sqlite3
public_url: {url}
listen: {listen}
timezone: Asia/Tokyo
language: {language}

# Where two systems disagree, the first of these wins.
trust:
  default: [crm, sfa, ma, form, exhibition]
"""
_FORM = """\
# 資料請求フォーム: answers come by webhook at once, and by pull in case one was lost.
connector: typeform
options:
  base_url: {url}
  token: ${{file:secrets/typeform-token}}
  webhook_secrets: ["${{file:secrets/typeform-webhook}}"]
  forms: [{form}]
"""
_MA = """\
# The portal that marketing works in.
connector: hubspot
options:
  base_url: {url}
  token: ${{file:secrets/hubspot-token}}
  hub_id_property: renkei_lead_id
  index_lag: 0
  overlap: 30
  searches_per_second: 50
  calls_per_10_seconds: 1000
pull:
  streams: [contacts, companies, deals]
push:
  stream: contacts
  create: true
"""
_SFA = """\
# Where field sales keeps leads, contacts and deals.
connector: salesforce
options:
  base_url: {url}
  auth:
    scheme: client_credentials
    client_id: {client_id}
    client_secret: ${{file:secrets/salesforce-secret}}
    login_url: {url}
  overlap: 30
  requests_per_second: 50
pull:
  streams: [Lead, Contact, Account, Opportunity]
push:
  stream: Lead
  create: true
"""
_CRM = """\
# The app リード管理 that inside sales works in.
connector: kintone
options:
  base_url: {url}
  api_tokens: ["${{file:secrets/kintone-token}}"]
  apps:
    leads: {{app: 5, kind: lead, key_field: renkei_id}}
  overlap_minutes: 1
  requests_per_second: 50
push:
  stream: records:leads
  create: true
"""
_FAIR = """\
# Drop a visitors' list into inbox/: CP932 or UTF-8, CSV, TSV or Excel.
connector: file
options:
  path: {inbox}
  profile: exhibition
  campaign: 業務改善EXPO 春
"""
_MA_FIELDS = """\
# What this portal has beyond the usual: properties of the hub's own, made by its administrator.
contacts:
  fields:
    renkei_stage: {from: renkei_stage, direction: push}
    renkei_stage_at: {from: renkei_stage_at, as: datetime, direction: push}
    renkei_reason: {from: renkei_stage_reason, direction: push}
"""
_CRM_FIELDS = """\
# What this app calls things where the usual map does not know it. To try: the app has a choice
# 口コミ that is not mapped, and is set aside. Take away the # of the last five lines, then:
# renkei retry --connection crm
records:
  fields:
    note: メモ
#    channel:
#      from: 流入元
#      values: {Webフォーム: form, 展示会: exhibition, 紹介: referral, 口コミ: referral}
#      other: other
#      direction: pull
"""
_FAIR_FIELDS = """\
# The list has one field for a name, 氏名: what stands before the space is the family name.
# The survey question is kept as it stands.
rows:
  fields:
    family_name: {from: full_name, as: person, split: {on: " ", take: 0}, direction: pull}
    given_name: {from: full_name, as: person, split: {on: " ", take: rest}, direction: pull}
    custom.timing: {from: "アンケート1:導入時期", direction: pull}
"""
