"""The objects of a fresh simulated org, with the fields that lead work touches.

Names, lengths and factory picklists are those of the object reference and of the values Salesforce
ships with (Salesforce object reference: Lead, Contact, Account, Opportunity, Task, Event).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connectors.salesforce.simulator_fields import Field, Stage

LEAD_STATUSES = (
    Stage("Open - Not Contacted", default=True),
    Stage("Working - Contacted"),
    Stage("Closed - Converted", converted=True),
    Stage("Closed - Not Converted"),
)
OPPORTUNITY_STAGES = (
    Stage("Prospecting", default=True, probability=10),
    Stage("Qualification", probability=10),
    Stage("Needs Analysis", probability=20),
    Stage("Proposal/Price Quote", probability=75),
    Stage("Negotiation/Review", probability=90),
    Stage("Closed Won", closed=True, won=True, probability=100),
    Stage("Closed Lost", closed=True, probability=0),
)
SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
CHECKBOX, DATE, MOMENT = "boolean", "date", "datetime"


def _text(name: str, label: str, length: int = 255, **more: Any) -> Field:
    return Field(name, label, "string", length, **more)


def _pick(name: str, label: str, values: tuple[str, ...], **more: Any) -> Field:
    return Field(name, label, "picklist", 255, values=values, **more)


def _to(name: str, label: str, *objects: str, relationship: str | None = None) -> Field:
    return Field(
        name, label, "reference", 18, refers_to=objects, relationship=relationship or name[:-2]
    )


def _fixed(name: str, label: str, kind: str, **more: Any) -> Field:
    return Field(name, label, kind, createable=False, updateable=False, **more)


def _system(*, master: bool = False, owned: bool = True) -> tuple[Field, ...]:
    fields = [
        _fixed("Id", "ID", "id", length=18),
        _fixed("IsDeleted", "削除済み", CHECKBOX),
        _fixed("CreatedDate", "作成日", MOMENT),
        _fixed("LastModifiedDate", "最終更新日", MOMENT),
        _fixed("SystemModstamp", "システム更新日時", MOMENT),
    ]
    if owned:
        fields.append(_to("OwnerId", "所有者 ID", "User"))
    if master:
        fields.append(
            replace(_to("MasterRecordId", "マスタレコード ID", "Lead"), relationship=None)
        )
    return tuple(
        replace(f, createable=False, updateable=False) if f.name == "MasterRecordId" else f
        for f in fields
    )


def _person() -> tuple[Field, ...]:
    return (
        _text("FirstName", "名", 40),
        _text("LastName", "姓", 80, required=True),
        _fixed("Name", "氏名", "string", length=121),
        _text("Title", "役職", 128),
        Field("Email", "メール", "email", 80),
        Field("Phone", "電話", "phone", 40),
        Field("MobilePhone", "携帯", "phone", 40),
        Field("Fax", "Fax", "phone", 40),
        _pick("LeadSource", "リードソース", SOURCES),
        Field("Description", "説明", "textarea", 32000),
        Field("HasOptedOutOfEmail", "メール送信除外", CHECKBOX),
        Field("HasOptedOutOfFax", "Fax 送信除外", CHECKBOX),
        Field("DoNotCall", "電話禁止", CHECKBOX),
        _fixed("EmailBouncedDate", "メール不達日", MOMENT),
        _fixed("EmailBouncedReason", "メール不達の理由", "string", length=255),
    )


def _address(prefix: str = "") -> tuple[Field, ...]:
    return (
        Field(f"{prefix}Street", "町名・番地", "textarea", 255),
        _text(f"{prefix}City", "市区郡", 40),
        _text(f"{prefix}State", "都道府県", 80),
        _text(f"{prefix}PostalCode", "郵便番号", 20),
        _text(f"{prefix}Country", "国", 80),
    )


def _ours(stage_fields: bool) -> tuple[Field, ...]:
    if not stage_fields:
        return ()
    return (
        _text("Renkei_Id__c", "連携ID", 64, external_id=True, unique=True, custom=True),
        _text("Renkei_Stage__c", "連携ステージ", 40, custom=True),
        Field("Renkei_Stage_At__c", "連携ステージ日時", MOMENT, custom=True),
        _text("Renkei_Stage_Reason__c", "連携ステージ理由", 255, custom=True),
    )


def objects(ours: bool) -> dict[str, tuple[Field, ...]]:
    """The fields by object; ``ours`` adds the custom fields this hub writes to."""
    record_type = _to("RecordTypeId", "レコードタイプ ID", "RecordType")
    activity = (_text("Subject", "件名", 255), Field("Description", "コメント", "textarea", 32000))
    ties = (
        _to("WhoId", "名前 ID", "Lead", "Contact"),
        _to("WhatId", "関連先 ID", "Opportunity", "Account"),
    )
    statuses = tuple(s.value for s in LEAD_STATUSES)
    converted = tuple(
        replace(
            _to(f"Converted{name}Id", f"取引開始後の {name}", name),
            createable=False,
            updateable=False,
        )
        for name in ("Account", "Contact", "Opportunity")
    )
    return {
        "Lead": (
            *_system(master=True),
            *_person(),
            *_address(),
            _text("Company", "会社名", 255, required=True),
            Field("Website", "Web サイト", "url", 255),
            _pick("Industry", "業種", ()),
            _pick("Rating", "評価", ("Hot", "Warm", "Cold")),
            _pick("Status", "リード状況", statuses, restricted=True, default=statuses[0]),
            record_type,
            _fixed("IsConverted", "取引の開始済み", CHECKBOX),
            _fixed("ConvertedDate", "取引開始日", DATE),
            *converted,
            *_ours(ours),
        ),
        "Contact": (
            *_system(master=True),
            *_person(),
            *_address("Mailing"),
            _to("AccountId", "取引先 ID", "Account"),
            _text("Department", "部署", 80),
            record_type,
            *_ours(ours),
        ),
        "Account": (
            *_system(master=True),
            _text("Name", "取引先名", 255, required=True),
            Field("Website", "Web サイト", "url", 255),
            Field("Phone", "電話", "phone", 40),
            _pick("Industry", "業種", ()),
            Field("NumberOfEmployees", "従業員数", "int"),
            *_address("Billing"),
            Field("Description", "説明", "textarea", 32000),
            record_type,
        ),
        "Opportunity": (
            *_system(),
            _text("Name", "商談名", 120, required=True),
            _pick(
                "StageName",
                "フェーズ",
                tuple(s.value for s in OPPORTUNITY_STAGES),
                required=True,
            ),
            Field("CloseDate", "完了予定日", DATE, required=True),
            Field("Amount", "金額", "currency"),
            Field("Probability", "確度 (%)", "percent"),
            _fixed("IsClosed", "完了", CHECKBOX),
            _fixed("IsWon", "成立", CHECKBOX),
            _to("AccountId", "取引先 ID", "Account"),
            _to("ContactId", "取引先責任者 ID", "Contact"),
            _pick("LeadSource", "リードソース", SOURCES),
            Field("Description", "説明", "textarea", 32000),
            record_type,
        ),
        "Task": (
            *_system(),
            *activity,
            *ties,
            _pick("Status", "状況", ("Not Started", "Completed"), default="Not Started"),
            Field("ActivityDate", "期日", DATE),
            _fixed("CompletedDateTime", "完了日時", MOMENT),
            _pick("TaskSubtype", "ToDo サブタイプ", ("Task", "Email", "Call"), default="Task"),
            _pick("CallType", "コール種別", ("Internal", "Inbound", "Outbound")),
            Field("CallDurationInSeconds", "コール時間", "int"),
            _text("CallDisposition", "コール結果", 255),
        ),
        "Event": (
            *_system(),
            *activity,
            *ties,
            Field("StartDateTime", "開始", MOMENT, required=True),
            Field("EndDateTime", "終了", MOMENT),
            Field("DurationInMinutes", "期間", "int"),
            _text("Location", "場所", 255),
        ),
        "OpportunityContactRole": (
            *_system(owned=False),
            _to("OpportunityId", "商談 ID", "Opportunity"),
            _to("ContactId", "取引先責任者 ID", "Contact"),
            _pick("Role", "役割", ()),
            Field("IsPrimary", "主担当", CHECKBOX),
        ),
        "LeadHistory": (
            *_noted(),
            _to("LeadId", "リード ID", "Lead"),
            _text("Field", "変更された項目"),
            Field("OldValue", "以前の値", "textarea", 255),
            Field("NewValue", "新規値", "textarea", 255),
        ),
        "OpportunityHistory": (
            *_noted(),
            _to("OpportunityId", "商談 ID", "Opportunity"),
            _text("StageName", "フェーズ"),
            Field("Amount", "金額", "currency"),
            Field("CloseDate", "完了予定日", DATE),
            Field("Probability", "確度 (%)", "percent"),
            _fixed("SystemModstamp", "システム更新日時", MOMENT),
        ),
        "Campaign": (*_system(), _text("Name", "キャンペーン名", 80, required=True)),
        "CampaignMember": (
            *_system(owned=False),
            _to("CampaignId", "キャンペーン ID", "Campaign"),
            _to("LeadId", "リード ID", "Lead"),
            _to("ContactId", "取引先責任者 ID", "Contact"),
            _text("Status", "状況", 40),
        ),
        "User": (
            *_system(owned=False),
            _text("Name", "氏名", 121),
            _text("Username", "ユーザー名", 80),
            Field("Email", "メール", "email", 128),
            Field("IsActive", "有効", CHECKBOX),
        ),
        "Organization": (
            *_system(owned=False),
            _text("Name", "組織名", 80),
            Field("IsSandbox", "Sandbox", CHECKBOX),
        ),
        "LeadStatus": _stage_fields("IsConverted"),
        "OpportunityStage": _stage_fields("IsClosed", "IsWon", "IsActive"),
        "RecordType": (
            *_system(owned=False),
            _text("Name", "レコードタイプの表示ラベル", 80),
            _text("SobjectType", "オブジェクト", 40),
            Field("IsActive", "有効", CHECKBOX),
        ),
    }


def _noted() -> tuple[Field, ...]:
    return (
        _fixed("Id", "ID", "id", length=18),
        _fixed("IsDeleted", "削除済み", CHECKBOX),
        _fixed("CreatedDate", "作成日", MOMENT),
    )


def _stage_fields(*flags: str) -> tuple[Field, ...]:
    return (
        *_system(owned=False),
        _text("ApiName", "API 名"),
        _text("MasterLabel", "表示ラベル"),
        Field("SortOrder", "並び順", "int"),
        Field("IsDefault", "デフォルト", CHECKBOX),
        Field("DefaultProbability", "確度", "percent"),
        *(Field(flag, flag, CHECKBOX) for flag in flags),
    )
