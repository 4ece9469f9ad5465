"""The words of the life cycle: stages, the moves between them, and reasons.

The stages and moves follow how Japanese B2B companies divide lead work between marketing, inside
sales, field sales and customer success. ``tgl`` and ``sgl`` are origins, not stages.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """A place in the life cycle. ``rank`` orders stages by how much is known, for "furthest"."""

    code: str
    rank: int
    ja: str
    en: str


STAGES: dict[str, Stage] = {
    stage.code: stage
    for stage in (
        Stage("inquiry", 0, "リード", "Inquiry"),
        Stage("mql", 4, "MQL", "MQL"),
        Stage("tal", 5, "TAL", "TAL"),
        Stage("tql", 6, "TQL", "TQL"),
        Stage("sal", 7, "SAL", "SAL"),
        Stage("sql", 8, "SQL", "SQL"),
        Stage("opportunity", 9, "商談", "Opportunity"),
        Stage("won", 11, "受注", "Won"),
        Stage("lost", 10, "失注", "Lost"),
        Stage("recycled", 2, "ナーチャリング", "Recycled"),
        Stage("dormant", 3, "休眠", "Dormant"),
        Stage("disqualified", 1, "対象外", "Disqualified"),
        Stage("customer", 12, "顧客", "Customer"),
        Stage("churned", 13, "解約", "Churned"),
    )
}
"""Stages in the order people read them. Of two systems' first words on a person, the higher rank
stands: inquiry < disqualified < recycled < dormant < mql < tal < tql < sal < sql < opportunity <
lost < won < customer < churned."""

PATH = ("inquiry", "mql", "tal", "tql", "sal", "sql", "opportunity")
"""The way of a lead that is being worked on. Who skips a part of it has been there all the same."""

TRANSITIONS: dict[str, frozenset[str]] = {
    "inquiry": frozenset({"mql", "tal", "recycled", "dormant", "disqualified"}),
    "mql": frozenset({"tal", "tql", "sal", "recycled", "disqualified"}),
    "tal": frozenset({"tql", "recycled", "disqualified"}),
    "tql": frozenset({"sal", "recycled", "disqualified"}),
    "sal": frozenset({"sql", "recycled", "disqualified"}),
    "sql": frozenset({"opportunity", "recycled", "lost", "disqualified"}),
    "opportunity": frozenset({"won", "lost"}),
    "lost": frozenset({"recycled", "dormant", "opportunity"}),
    "recycled": frozenset({"mql", "tal", "dormant", "disqualified"}),
    "dormant": frozenset({"recycled", "mql", "disqualified"}),
    "won": frozenset({"opportunity", "churned", "customer"}),
    "disqualified": frozenset({"inquiry"}),
    "customer": frozenset({"opportunity", "churned"}),
    "churned": frozenset({"recycled", "dormant", "opportunity"}),
}
"""Moves that need no override. ``customer`` and ``churned`` are for firms that follow their
customers: their moves are ours, in the spirit of the rest."""

BACK = ("recycled", "lost", "dormant", "disqualified")
"""Stages that lead back, or out."""

STARTS: dict[str | None, str] = {None: "inquiry", "teleprospecting": "tal", "sales": "sal"}
"""Where a new lead starts, by its origin."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a lead was lost, recycled or disqualified."""

    code: str
    ja: str
    en: str


UNSTATED = Reason("unstated", "理由の記載なし", "No reason given")
"""A reason was due and the system gave none: listed for people to complete."""
OTHER = Reason("other", "その他", "Other")


def _reasons(*reasons: Reason) -> dict[str, Reason]:
    return {reason.code: reason for reason in (*reasons, OTHER, UNSTATED)}


REASONS: dict[str, dict[str, Reason]] = {
    "recycled": _reasons(
        Reason("no_contact", "連絡がつかない", "No contact after several attempts"),
        Reason("timing_later", "時期が先", "Timing later"),
        Reason("no_budget", "予算なし", "No budget"),
        Reason("no_authority", "決裁者に届かない", "No authority reached"),
        Reason("need_unclear", "ニーズが不明確", "Need unclear"),
        Reason("insufficient_information", "情報不足", "Insufficient information"),
        Reason("wrong_owner", "担当違い", "Wrong owner"),
        Reason("duplicate_of_open_lead", "対応中リードと重複", "Duplicate of an open lead"),
    ),
    "lost": _reasons(
        Reason("price", "価格", "Price"),
        Reason("feature", "機能不足", "Feature"),
        Reason("competitor", "競合に決定", "Competitor"),
        Reason("status_quo", "現状維持", "Status quo"),
        Reason("no_decision", "決定に至らず", "No decision"),
        Reason("timing", "時期", "Timing"),
        Reason("lost_contact", "連絡途絶", "Lost contact"),
        Reason("approval_denied", "社内稟議否決", "Internal approval denied"),
        Reason("contact_left", "担当者異動・退職", "Contact moved or left"),
    ),
    "disqualified": _reasons(
        Reason("competitor", "競合他社", "Competitor"),
        Reason("student_or_individual", "学生・個人", "Student or individual"),
        Reason("vendor", "売り込み", "Vendor or sales pitch"),
        Reason("customer_support", "既存顧客の問い合わせ", "Existing customer's support"),
        Reason("out_of_area", "対象地域・規模外", "Out of area or size"),
        Reason("false_data", "虚偽情報", "False data"),
        Reason("opted_out", "連絡拒否", "Opted out"),
        Reason("closed_company", "逝去・廃業", "Deceased, or company closed"),
    ),
}
"""The reasons that people choose from; the stages named here are not entered without one."""
