"""What a new connection of each connector looks like, for ``renkei init``.

A comment ``#: 日本語 | English`` keeps the half of the language that is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connectors.registry import Installed


@dataclass(frozen=True, slots=True)
class Starter:
    """The lines below ``connector:``, and what the connection is best called."""

    text: str
    names: tuple[str, ...] = ()


STARTERS: dict[str, Starter] = {
    "hubspot": Starter(
        """\
options:
  #: 非公開アプリのアクセストークン（設定 > 連携） | Access token of a private app
  token: ${env:HUBSPOT_TOKEN}
  #: Webhook を使う場合: アプリのクライアントシークレット | For webhooks: the app's client secret
  # webhook_secret: ${env:HUBSPOT_WEBHOOK_SECRET}
  #: 一意の値を持つカスタムプロパティ（リードの二重作成を防ぐ） | A unique custom property
  # hub_id_property: renkei_id
pull:
  schedule: {cron: "*/10 * * * *"}
push:
  stream: contacts
""",
        ("ma", "crm"),
    ),
    "salesforce": Starter(
        """\
options:
  auth:
    #: JWT ベアラーフロー（推奨）。ほかに client_credentials と refresh | The JWT bearer flow
    scheme: jwt
    client_id: ${env:SALESFORCE_CLIENT_ID}
    username: ${env:SALESFORCE_USERNAME}
    private_key: ${env:SALESFORCE_PRIVATE_KEY}
    #: サンドボックスは https://test.salesforce.com | A sandbox is https://test.salesforce.com
    login_url: https://login.salesforce.com
  #: リードID を持つ外部ID項目（一意） | The external id field that holds the hub's lead id
  external_id_field: Renkei_Id__c
pull:
  schedule: {cron: "*/5 * * * *"}
push:
  stream: Lead
  #: MQL 以降だけを新規作成する | Only create leads from MQL on
  create_when:
    stage: [mql, tal, tql, sal, sql]
""",
        ("sfa", "crm"),
    ),
    "kintone": Starter(
        """\
options:
  base_url: ${env:KINTONE_URL:-https://example.cybozu.com}
  #: アプリごとの API トークン（閲覧・追加・編集） | One API token for each app
  api_tokens:
    - ${env:KINTONE_TOKEN}
  apps:
    #: 名前: アプリ番号（/k/5/ の 5） | A name of yours: the app's number
    leads: {app: 5, kind: lead}
  # hook_secret: ${env:KINTONE_HOOK_SECRET}
pull:
  schedule: {cron: "*/10 * * * *"}
push:
  stream: records:leads
""",
        ("crm", "sfa"),
    ),
    "typeform": Starter(
        """\
options:
  #: 個人アクセストークン（tfp_…） | A personal access token
  token: ${env:TYPEFORM_TOKEN}
  #: 空ならすべてのフォーム | Empty: every form
  forms: []
  # webhook_secrets: ["${env:TYPEFORM_WEBHOOK_SECRET}"]
pull:
  schedule: {cron: "*/15 * * * *"}
""",
        ("form",),
    ),
    "file": Starter(
        """\
options:
  #: 展示会・名刺・セミナーのリストを置くフォルダ | Where lists are dropped
  path: data/inbox/*.csv
  #: auto なら見出しから判定（eight, sansan, exhibition, seminar も可） | auto: by its headers
  profile: auto
pull:
  schedule: {cron: "0 * * * *"}
""",
        ("exhibition", "lists"),
    ),
}
"""By connector; others get what their options say (``generic``)."""


def generic(installed: Installed) -> Starter:
    """A starter from the options' model: what must be given, secrets as references."""
    schema: dict[str, Any] = installed.options.model_json_schema()
    lines: list[str] = []
    for name in schema.get("required", ()):
        part = schema["properties"].get(name, {})
        told = str(part.get("description", "")).strip().splitlines()
        lines += [f"  # {told[0]}"] if told else []
        lines.append(f"  {name}: ${{env:{installed.slug.upper()}_{name.upper()}}}")
    options = ["options:", *lines] if lines else ["options: {}"]
    streams = installed.manifest.streams
    push = [name for name, spec in streams.items() if spec.push and spec.kind == "lead"]
    pulls = any(spec.pull for spec in streams.values())
    after = ['pull:\n  schedule: {cron: "*/15 * * * *"}'] if pulls else ["pull: null"]
    if push:
        after.append(f"push:\n  stream: {push[0]}")
    return Starter("\n".join([*options, *after]) + "\n")
