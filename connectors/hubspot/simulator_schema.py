"""What a fresh HubSpot portal is born with: properties, picklists, pipelines, association types.

Names and option values: recorded portal answers in public integration code and the HubSpot
developer docs (CRM properties, pipelines, associations). Labels are those of a Japanese portal, as
far as they matter to a reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.hubspot.simulator_passages import names as passages

LIFECYCLE_STAGES: Mapping[str, str] = {
    "subscriber": "登録読者",
    "lead": "リード",
    "marketingqualifiedlead": "MQL",
    "salesqualifiedlead": "SQL",
    "opportunity": "商談",
    "customer": "顧客",
    "evangelist": "エバンジェリスト",
    "other": "その他",
}
LEAD_STATUSES: Mapping[str, str] = {
    "NEW": "新規",
    "OPEN": "オープン",
    "IN_PROGRESS": "進行中",
    "OPEN_DEAL": "進行中の取引",
    "UNQUALIFIED": "不適格",
    "ATTEMPTED_TO_CONTACT": "コンタクト試行済み",
    "CONNECTED": "連絡済み",
    "BAD_TIMING": "タイミングが悪い",
}
SOURCES = [
    "ORGANIC_SEARCH",
    "PAID_SEARCH",
    "EMAIL_MARKETING",
    "SOCIAL_MEDIA",
    "REFERRALS",
    "OTHER_CAMPAIGNS",
    "DIRECT_TRAFFIC",
    "OFFLINE",
    "PAID_SOCIAL",
    "AI_REFERRALS",
]
INDUSTRIES = [
    "COMPUTER_SOFTWARE",
    "INFORMATION_TECHNOLOGY_AND_SERVICES",
    "MACHINERY",
    "WHOLESALE",
    "RETAIL",
    "CONSTRUCTION",
    "FINANCIAL_SERVICES",
    "LOGISTICS_AND_SUPPLY_CHAIN",
    "MANAGEMENT_CONSULTING",
]
DEAL_STAGES: Sequence[tuple[str, str, str]] = (
    ("appointmentscheduled", "アポイント設定済み", "0.2"),
    ("qualifiedtobuy", "購入の見込みあり", "0.4"),
    ("presentationscheduled", "プレゼン予定", "0.6"),
    ("decisionmakerboughtin", "意思決定者の賛同", "0.8"),
    ("contractsent", "契約書送付済み", "0.9"),
    ("closedwon", "受注", "1.0"),
    ("closedlost", "失注", "0.0"),
)
BORN = "2024-04-01T00:00:00.000Z"
"""When the portal was made."""
MODIFIED: Mapping[str, str] = {"contacts": "lastmodifieddate"}
"""The property that holds the time of the last change; ``hs_lastmodifieddate`` where not named."""
CREATED: Mapping[str, str] = {
    "contacts": "createdate",
    "companies": "createdate",
    "deals": "createdate",
}
"""The property that holds the time of creation; ``hs_createdate`` where not named."""
KINDS: Mapping[str, tuple[str, str]] = {
    "contacts": ("contact", "0-1"),
    "companies": ("company", "0-2"),
    "deals": ("deal", "0-3"),
    "notes": ("note", "0-46"),
    "meetings": ("meeting_event", "0-47"),
    "calls": ("call", "0-48"),
    "emails": ("email", "0-49"),
    "tasks": ("task", "0-27"),
}
"""Path name to singular name and object type id. The ids of activities are from memory."""
SHOWN: Mapping[str, tuple[str, ...]] = {
    "contacts": ("email", "firstname", "lastname"),
    "companies": ("name", "domain"),
    "deals": ("dealname", "dealstage", "pipeline", "amount", "closedate"),
}
"""Properties an answer holds when none are asked for."""

# Association type ids by (from, to): the unlabelled one, then the primary one. From memory, except
# 279/1, 3, 5/341 and 202 (HubSpot developer docs, association type ids).
ASSOCIATION_TYPES: Mapping[tuple[str, str], tuple[int, ...]] = {
    ("contacts", "companies"): (279, 1),
    ("companies", "contacts"): (280, 2),
    ("deals", "contacts"): (3,),
    ("contacts", "deals"): (4,),
    ("deals", "companies"): (341, 5),
    ("companies", "deals"): (342, 6),
    ("notes", "contacts"): (202,),
    ("contacts", "notes"): (201,),
    ("calls", "contacts"): (194,),
    ("contacts", "calls"): (193,),
    ("emails", "contacts"): (198,),
    ("contacts", "emails"): (197,),
    ("meetings", "contacts"): (200,),
    ("contacts", "meetings"): (199,),
    ("tasks", "contacts"): (204,),
    ("contacts", "tasks"): (203,),
    ("notes", "companies"): (190,),
    ("companies", "notes"): (189,),
    ("calls", "companies"): (182,),
    ("companies", "calls"): (181,),
    ("emails", "companies"): (186,),
    ("companies", "emails"): (185,),
    ("meetings", "companies"): (188,),
    ("companies", "meetings"): (187,),
    ("notes", "deals"): (214,),
    ("deals", "notes"): (213,),
    ("calls", "deals"): (206,),
    ("deals", "calls"): (205,),
    ("emails", "deals"): (210,),
    ("deals", "emails"): (209,),
    ("meetings", "deals"): (212,),
    ("deals", "meetings"): (211,),
}


def tied_to(from_: str, type_id: object) -> str | None:
    """The kind of record that an association type ties one of ``from_`` to."""
    for (one, other), types in ASSOCIATION_TYPES.items():
        if one == from_ and type_id in types:
            return other
    return None


def prop(
    name: str,
    label: str,
    type_: str = "string",
    field_type: str = "text",
    *,
    options: Mapping[str, str] | Sequence[str] = (),
    read_only: bool = False,
    unique: bool = False,
    custom: bool = False,
) -> dict[str, Any]:
    """One property as ``GET /crm/v3/properties/{object}`` shows it."""
    pairs = options.items() if isinstance(options, Mapping) else [(o, o) for o in options]
    return {
        "name": name,
        "label": label,
        "type": type_,
        "fieldType": field_type,
        "groupName": "renkei" if custom else "information",
        "description": "",
        "options": [
            {"label": text, "value": value, "displayOrder": order, "hidden": False}
            for order, (value, text) in enumerate(pairs)
        ],
        "displayOrder": -1,
        "calculated": False,
        "externalOptions": False,
        "hasUniqueValue": unique,
        "hidden": False,
        "hubspotDefined": not custom,
        "archived": False,
        "modificationMetadata": {
            "archivable": custom,
            "readOnlyDefinition": not custom,
            "readOnlyValue": read_only,
        },
    }


def _choice(name: str, label: str, options: Mapping[str, str] | Sequence[str]) -> dict[str, Any]:
    return prop(name, label, "enumeration", "select", options=options)


def _moment(name: str, label: str, *, read_only: bool = False) -> dict[str, Any]:
    return prop(name, label, "datetime", "date", read_only=read_only)


def _number(name: str, label: str, *, read_only: bool = False) -> dict[str, Any]:
    return prop(name, label, "number", "number", read_only=read_only)


def _flag(name: str, label: str, *, read_only: bool = False) -> dict[str, Any]:
    yes_no = {"true": "はい", "false": "いいえ"}
    return prop(name, label, "bool", "booleancheckbox", options=yes_no, read_only=read_only)


def _texts(**labels: str) -> list[dict[str, Any]]:
    return [prop(name, label) for name, label in labels.items()]


def _common(kind: str) -> list[dict[str, Any]]:
    return [
        _number("hs_object_id", "レコードID", read_only=True),
        _moment(CREATED.get(kind, "hs_createdate"), "作成日", read_only=True),
        _moment(MODIFIED.get(kind, "hs_lastmodifieddate"), "最終更新日時", read_only=True),
        prop("hs_merged_object_ids", "マージされたレコードID", read_only=True),
        prop("hs_object_source_label", "レコードソース", read_only=True),
        prop("hubspot_owner_id", "担当者", "enumeration", "select"),
    ]


_CONTACT = [
    *_texts(
        email="Eメール", firstname="名", lastname="姓", salutation="敬称", company="会社名",
        jobtitle="役職", website="ウェブサイトURL", zip="郵便番号", state="都道府県",
        city="市区町村", address="番地", country="国／地域", message="メッセージ", fax="FAX番号",
        hs_additional_emails="その他のEメール",
    ),
    prop("phone", "電話番号", "string", "phonenumber"),
    prop("mobilephone", "携帯電話番号", "string", "phonenumber"),
    _choice("lifecyclestage", "ライフサイクルステージ", LIFECYCLE_STAGES),
    _choice("hs_lead_status", "リードステータス", LEAD_STATUSES),
    prop(
        "hs_analytics_source", "オリジナルソース", "enumeration", "select", options=SOURCES,
        read_only=True,
    ),
    _moment("hs_analytics_first_timestamp", "最初の閲覧日時", read_only=True),
    _choice("hs_language", "優先言語", {"ja": "日本語", "en": "英語"}),
    _number("hubspotscore", "HubSpotスコア", read_only=True),
    _flag("hs_email_optout", "全てのEメールを配信停止", read_only=True),
    prop("hs_email_hard_bounce_reason_enum", "ハードバウンスの理由", read_only=True),
    _number("associatedcompanyid", "プライマリー関連会社ID", read_only=True),
    _number("num_associated_deals", "関連する取引の数", read_only=True),
    prop("first_conversion_event_name", "最初のコンバージョン", read_only=True),
    _moment("first_conversion_date", "最初のコンバージョン日", read_only=True),
    prop("recent_conversion_event_name", "直近のコンバージョン", read_only=True),
    _moment("recent_conversion_date", "直近のコンバージョン日", read_only=True),
    *(
        _moment(f"hs_lifecyclestage_{stage}_date", f"{label}になった日", read_only=True)
        for stage, label in LIFECYCLE_STAGES.items()
    ),
    *(_moment(*one, read_only=True) for one in passages(LIFECYCLE_STAGES)),
]  # fmt: skip

_COMPANY = [
    *_texts(
        name="会社名", domain="会社のドメイン名", website="ウェブサイトURL", zip="郵便番号",
        state="都道府県", city="市区町村", address="番地", country="国／地域", description="説明",
    ),
    prop("phone", "電話番号", "string", "phonenumber"),
    _choice("industry", "業種", INDUSTRIES),
    _number("numberofemployees", "従業員数"),
    _number("annualrevenue", "年間売上"),
    _choice("lifecyclestage", "ライフサイクルステージ", LIFECYCLE_STAGES),
    _choice("hs_lead_status", "リードステータス", LEAD_STATUSES),
]  # fmt: skip

_DEAL = [
    *_texts(
        dealname="取引名", description="取引の説明", closed_lost_reason="失注理由",
        closed_won_reason="受注理由",
    ),
    prop("pipeline", "パイプライン", "enumeration", "select"),
    *(
        _moment(*one, read_only=True)
        for one in passages({stage: label for stage, label, _ in DEAL_STAGES})
    ),
    prop("dealstage", "取引ステージ", "enumeration", "radio"),
    _number("amount", "金額"),
    _choice("deal_currency_code", "通貨", {"JPY": "日本円", "USD": "米ドル"}),
    _moment("closedate", "クローズ日"),
    _choice("dealtype", "取引タイプ", {"newbusiness": "新規", "existingbusiness": "既存"}),
    _number("hs_deal_stage_probability", "取引確度", read_only=True),
    _flag("hs_is_closed", "クローズ済みか", read_only=True),
    _flag("hs_is_closed_won", "受注か", read_only=True),
    _number("num_associated_contacts", "関連コンタクト数", read_only=True),
]  # fmt: skip

_ACTIVITY: Mapping[str, list[dict[str, Any]]] = {
    "notes": _texts(hs_note_body="メモの本文"),
    "calls": [
        *_texts(
            hs_call_title="コールのタイトル", hs_call_body="コールメモ",
            hs_call_disposition="コール結果", hs_call_recording_url="録音URL",
            hs_call_from_number="発信元番号", hs_call_to_number="発信先番号",
        ),
        _number("hs_call_duration", "通話時間"),
        _choice("hs_call_direction", "コールの方向", ["INBOUND", "OUTBOUND"]),
        _choice("hs_call_status", "コールステータス", ["COMPLETED", "NO_ANSWER", "BUSY", "FAILED"]),
    ],
    "meetings": [
        *_texts(
            hs_meeting_title="ミーティング名", hs_meeting_body="ミーティングの説明",
            hs_meeting_location="場所", hs_meeting_external_url="外部URL",
        ),
        _moment("hs_meeting_start_time", "開始時刻"),
        _moment("hs_meeting_end_time", "終了時刻"),
        _choice(
            "hs_meeting_outcome", "ミーティングの成果",
            ["SCHEDULED", "COMPLETED", "RESCHEDULED", "NO_SHOW", "CANCELED"],
        ),
    ],
    "emails": [
        *_texts(
            hs_email_subject="件名", hs_email_text="本文", hs_email_from_email="送信元",
            hs_email_to_email="宛先",
        ),
        _choice(
            "hs_email_direction", "Eメールの方向", ["EMAIL", "INCOMING_EMAIL", "FORWARDED_EMAIL"]
        ),
        _choice("hs_email_status", "送信ステータス", ["SENT", "BOUNCED", "FAILED", "SCHEDULED"]),
    ],
    "tasks": [
        *_texts(hs_task_subject="タスク名", hs_task_body="タスクのメモ"),
        _choice("hs_task_status", "ステータス", ["NOT_STARTED", "IN_PROGRESS", "COMPLETED"]),
    ],
}  # fmt: skip


def default_properties(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of one object in a fresh portal, by name."""
    own = {"contacts": _CONTACT, "companies": _COMPANY, "deals": _DEAL}.get(kind)
    if own is None:
        own = [_moment("hs_timestamp", "日時"), *_ACTIVITY[kind]]
    return {one["name"]: one for one in [*_common(kind), *own]}


RENKEI_PROPERTIES = (
    prop("renkei_lead_id", "Renkei リードID", unique=True, custom=True),
    prop("renkei_stage", "Renkei ステージ", custom=True),
    prop("renkei_stage_at", "Renkei ステージ日時", "datetime", "date", custom=True),
    prop("renkei_stage_reason", "Renkei 理由", custom=True),
)
"""The contact properties a careful operator adds for the hub."""


def default_pipelines() -> list[dict[str, Any]]:
    """The deal pipelines of a fresh portal (HubSpot developer docs, CRM pipelines)."""
    born = {"archived": False, "createdAt": BORN, "updatedAt": BORN}
    stages = [
        {
            "id": stage,
            "label": label,
            "displayOrder": order,
            **born,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            "metadata": {
                "isClosed": "true" if stage.startswith("closed") else "false",
                "probability": probability,
            },
        }
        for order, (stage, label, probability) in enumerate(DEAL_STAGES)
    ]
    return [
        {
            "id": "default",
            "label": "セールスパイプライン",
            "displayOrder": 0,
            **born,
            "stages": stages,
        }
    ]
