"""What the company's administrator wrote: one directory, nine connections, every rule in YAML."""

from __future__ import annotations

from pathlib import Path

import orjson

from connectors.chatwork.simulator import BOT, ROOM, WEBHOOK_TOKEN
from connectors.chatwork.simulator import DEFAULT_TOKEN as CHATWORK_TOKEN
from connectors.google_meet.simulator import DEFAULT_USER, DEFAULT_USER_ID, PUSH_ACCOUNT
from connectors.google_meet.simulator import Simulator as GoogleMeet
from connectors.kintone.simulator import TOKEN as KINTONE_TOKEN
from connectors.marketo.simulator import CLIENT_ID as MARKETO_ID
from connectors.marketo.simulator import CLIENT_SECRET as MARKETO_SECRET
from connectors.salesforce.simulator import CLIENT_ID as SALESFORCE_ID
from connectors.salesforce.simulator import CLIENT_SECRET as SALESFORCE_SECRET
from connectors.sansan.simulator import DEFAULT_KEY as SANSAN_KEY
from connectors.slack.simulator import CHANNEL, SIGNING_SECRET
from connectors.slack.simulator import DEFAULT_TOKEN as SLACK_TOKEN
from connectors.typeform.simulator import DEFAULT_FORM_ID
from connectors.typeform.simulator import DEFAULT_TOKEN as TYPEFORM_TOKEN
from connectors.zoom.simulator import ACCOUNT_ID, HOST
from connectors.zoom.simulator import CLIENT_ID as ZOOM_ID
from connectors.zoom.simulator import CLIENT_SECRET as ZOOM_SECRET
from tests.conftest import KEY

PUBLIC = "https://hub.aozora.example"
SECRET = "a-secret-of-the-quarter"

FILES = {
    "renkei.yaml": f"""\
database: ${{env:RENKEI_DATABASE}}
public_url: {PUBLIC}
timezone: Asia/Tokyo
language: ja
key: ${{env:RENKEI_KEY}}
trust:
  default: [crm, sfa, ma, form, zoom, cards]
""",
    "connections/form.yaml": f"""\
connector: typeform
options:
  token: ${{env:TYPEFORM_TOKEN}}
  forms: [{DEFAULT_FORM_ID}]
  webhook_secrets: ["${{env:SECRET}}"]
subscribe: true
""",
    "connections/ma.yaml": f"""\
connector: marketo
options:
  base_url: https://123-ABC-456.mktorest.example
  client_id: {MARKETO_ID}
  client_secret: ${{env:MARKETO_SECRET}}
  webhook_secret: ${{env:SECRET}}
push:
  stream: leads
""",
    "connections/crm.yaml": """\
connector: kintone
options:
  base_url: https://aozora.cybozu.example
  api_tokens: ["${env:KINTONE_TOKEN}"]
  apps:
    leads: {app: 5, kind: lead, key_field: renkei_id}
  hook_secret: ${env:SECRET}
push:
  stream: records:leads
""",
    "connections/sfa.yaml": f"""\
connector: salesforce
options:
  auth:
    scheme: client_credentials
    client_id: {SALESFORCE_ID}
    client_secret: ${{env:SALESFORCE_SECRET}}
    login_url: https://aozora.my.salesforce.example
push:
  stream: Lead
  # 営業に渡すのは TQL から
  create_when: {{stage: [tql, sal]}}
""",
    "connections/zoom.yaml": f"""\
connector: zoom
options:
  server:
    account_id: {ACCOUNT_ID}
    client_id: {ZOOM_ID}
    client_secret: ${{env:ZOOM_SECRET}}
  hosts: [{HOST}]
  read: [webinars, calls]
  webhook_secrets: ["${{env:SECRET}}"]
""",
    "connections/meet.yaml": f"""\
connector: google_meet
options:
  auth: {{scheme: service_account, key: "${{file:google-key.json}}"}}
  users: {{sato: {{email: {DEFAULT_USER}, id: "{DEFAULT_USER_ID}"}}}}
  pubsub_topic: {GoogleMeet.topic}
  push_account: {PUSH_ACCOUNT}
  channel_tokens: ["${{env:SECRET}}"]
subscribe: true
""",
    "connections/cards.yaml": """\
connector: sansan
options:
  api_key: ${env:SANSAN_KEY}
  since: 2026-04-01
""",
    "connections/inside.yaml": f"""\
connector: chatwork
options:
  token: ${{env:CHATWORK_TOKEN}}
  account_id: {BOT}
  webhook_tokens: ["${{env:CHATWORK_WEBHOOK}}"]
""",
    "connections/field.yaml": """\
connector: slack
options:
  bot_token: ${env:SLACK_TOKEN}
  signing_secrets: ["${env:SLACK_SECRET}"]
""",
    "fields/crm.yaml": """\
records:
  fields:
    owner: {from: 担当者メール, as: email}
""",
    "fields/ma.yaml": """\
leads:
  fields:
    owner: {to: ownerEmail, direction: push}
    renkei_stage: {from: renkeiStage, direction: push}
    renkei_reason: {from: renkeiStageReason, direction: push}
""",
    "fields/sfa.yaml": """\
Lead: &person
  fields:
    # 担当者は kintone とチャットで決める
    owner: {to: Renkei_Owner__c, direction: push}
    renkei_stage: {from: Renkei_Stage__c, direction: push}
    renkei_reason: {from: Renkei_Stage_Reason__c, direction: push}
Contact: *person
""",
    "fields/cards.yaml": """\
bizCards:
  fields:
    # 名刺はアウトバウンド（BDR）
    origin: {const: teleprospecting, direction: pull}
""",
    "stages.yaml": """\
hours: {from: "09:00", to: "18:00", holidays: JP}
clocks:
  mql: {hours: 8}
  tal: {hours: 40}
  sal: {hours: 72, business: false}
dormant: {after_days: 40, stages: [inquiry, recycled]}
scores:
  interest:
    - {points: 20, when: {activity: form_submission, within_days: 60}}
    - {points: 20, when: {activity: email_clicked, within_days: 60}}
    - {points: 30, when: {activity: webinar, within_days: 60, minutes: 20}}
qualification:
  - id: demo-request
    ja: デモ依頼
    en: Demo request
    from: [inquiry, recycled]
    to: mql
    when: {field: interest, contains: デモ}
  - id: engaged
    ja: 関心度
    en: Engaged
    from: [inquiry, recycled]
    to: mql
    when: {score: interest, at_least: 40}
  - id: called-and-attended
    ja: 通話とウェビナー参加
    en: Called and attended
    from: tal
    to: tql
    when:
      all:
        - {activity: call, outcome: connected, within_days: 30}
        - {activity: webinar, minutes: 20, within_days: 30}
  - id: met
    ja: 商談実施
    en: Met
    from: sal
    to: sql
    when: {activity: meeting, outcome: attended, minutes: 15}
""",
    "handoff.yaml": f"""\
teams:
  inside:
    members:
      - {{owner: yamada@mihon.example, name: 山田 直樹, ids: {{inside: "2001"}}}}
      - {{owner: ito@mihon.example, name: 伊藤 彩, ids: {{inside: "2002"}}}}
  field:
    members:
      - {{owner: suzuki@mihon.example, name: 鈴木 健一, ids: {{field: U0SUZUKI01}}}}
      - {{owner: takahashi@mihon.example, name: 高橋 美咲, ids: {{field: U0TAKAHA01}}}}
handoffs:
  - id: marketing-to-inside
    on: mql
    channel: inside
    room: "{ROOM}"
    team: inside
    answer_within_hours: 4
    escalate_to: [{{room: "{ROOM}", mention: ["2002"]}}]
  - id: inside-to-field
    on: tql
    channel: field
    room: {CHANNEL}
    team: field
    answer_within_hours: 8
""",
}


def write(root: Path, google: GoogleMeet) -> None:
    """Write the directory."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "google-key.json").write_bytes(orjson.dumps(google.service_account_key()))


def environment(database: str) -> dict[str, str]:
    """What the directory refers to."""
    return {
        "RENKEI_DATABASE": database,
        "RENKEI_KEY": KEY,
        "SECRET": SECRET,
        "TYPEFORM_TOKEN": TYPEFORM_TOKEN,
        "MARKETO_SECRET": MARKETO_SECRET,
        "KINTONE_TOKEN": KINTONE_TOKEN,
        "SALESFORCE_SECRET": SALESFORCE_SECRET,
        "ZOOM_SECRET": ZOOM_SECRET,
        "SANSAN_KEY": SANSAN_KEY,
        "CHATWORK_TOKEN": CHATWORK_TOKEN,
        "CHATWORK_WEBHOOK": WEBHOOK_TOKEN,
        "SLACK_TOKEN": SLACK_TOKEN,
        "SLACK_SECRET": SIGNING_SECRET,
        "USER": "sato",
    }
