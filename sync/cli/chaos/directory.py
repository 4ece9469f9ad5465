"""The operator's directory of one trial of the crash suite."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sync.cli.chaos.people import CRM, FORM, MA, SFA
from sync.cli.chaos.world import HOOK_SECRET, INDEX_LAG

TOKEN = "secrets/sfa-refresh-token"  # noqa: S105 - where it is kept


def write_files(
    root: Path, ports: Mapping[str, int], *, database: str, broker: str, refresh_token: str
) -> None:
    """Write everything that an operator would have written."""
    from connectors.kintone.simulator import TOKEN as CRM_TOKEN
    from connectors.salesforce.simulator import CLIENT_ID, CLIENT_SECRET
    from connectors.typeform.simulator import DEFAULT_FORM_ID, DEFAULT_TOKEN

    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    files = {
        "renkei.yaml": _HUB.format(
            url=urls["hub"],
            listen=urls["hub"].removeprefix("http://"),
            database=database,
            broker=broker,
        ),
        f"connections/{FORM}.yaml": _FORM.format(url=urls[FORM], form=DEFAULT_FORM_ID),
        f"connections/{MA}.yaml": _MA.format(url=urls[MA], lag=INDEX_LAG),
        f"connections/{SFA}.yaml": _SFA.format(url=urls[SFA], client_id=CLIENT_ID, token=TOKEN),
        f"connections/{CRM}.yaml": _CRM.format(url=urls[CRM]),
        "secrets/form-token": DEFAULT_TOKEN,
        "secrets/ma-token": "pat-jp1-rehearsal",
        "secrets/webhooks": HOOK_SECRET,
        "secrets/sfa-secret": CLIENT_SECRET,
        "secrets/crm-token": CRM_TOKEN,
        TOKEN: refresh_token,
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


_HUB = """\
database: {database}
broker: "{broker}"
public_url: {url}
listen: {listen}
timezone: Asia/Tokyo
language: en
trust:
  default: [ma, form]
"""
_FORM = """\
connector: typeform
subscribe: true
options:
  base_url: {url}
  token: ${{file:secrets/form-token}}
  webhook_secrets: ["${{file:secrets/webhooks}}"]
  forms: [{form}]
pull:
  schedule: {{cron: "* * * * *"}}
"""
_MA = """\
connector: hubspot
options:
  base_url: {url}
  token: ${{file:secrets/ma-token}}
  webhook_secret: ${{file:secrets/webhooks}}
  index_lag: {lag}
  overlap: 30
  searches_per_second: 50
  calls_per_10_seconds: 1000
pull:
  streams: [contacts]
  schedule: {{cron: "* * * * *"}}
"""
_SFA = """\
connector: salesforce
options:
  base_url: {url}
  auth:
    scheme: refresh
    client_id: {client_id}
    client_secret: ${{file:secrets/sfa-secret}}
    refresh_token: ${{file:{token}}}
    login_url: {url}
  requests_per_second: 50
pull: null
push:
  stream: Lead
"""
_CRM = """\
connector: kintone
options:
  base_url: {url}
  api_tokens: ["${{file:secrets/crm-token}}"]
  apps:
    leads: {{app: 5, kind: lead, key_field: renkei_id}}
  requests_per_second: 50
  requests_per_day: 1000000
pull: null
push:
  stream: records:leads
"""
