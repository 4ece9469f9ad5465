"""What the hub has to make of the story: the specification of this journey, written by hand.

Times are Japan's. Nothing here is worked out by the product, and nothing from what it answered.
"""

from __future__ import annotations

from typing import NamedTuple

# who, cycle, stage, since, by: a connection, "rule ID", "inferred CONNECTION" or "person NAME";
# and the reason where one is due: a code of the list, or other words.
_STAYS = """
tanaka    1 inquiry      04-02 10:00 form
tanaka    1 mql          04-02 10:00 rule demo-request
tanaka    1 tal          04-02 13:00 inside
tanaka    1 tql          04-10 14:00 rule called-and-attended
tanaka    1 sal          04-13 11:00 field
tanaka    1 sql          04-16 10:00 rule met
tanaka    1 opportunity  04-20 15:00 sfa
tanaka    1 won          05-14 10:00 sfa
tanaka    2 opportunity  06-10 11:00 sfa
watanabe  1 inquiry      04-03 15:00 form
watanabe  1 dormant      05-14 03:00 rule dormant
watanabe  1 recycled     06-01 10:00 person 佐藤           | 春の掘り起こし
watanabe  2 mql          06-08 10:00 rule demo-request
watanabe  2 tal          06-09 10:00 inside
sasaki    1 inquiry      04-06 09:30 form
sasaki    1 mql          04-09 12:00 rule engaged
sasaki    1 tal          04-10 10:00 inside
sasaki    1 tql          04-17 16:00 crm
sasaki    1 sal          04-20 10:00 field
sasaki    1 sql          04-24 11:00 crm
sasaki    1 opportunity  04-28 14:00 sfa
sasaki    1 lost         05-29 16:00 sfa                   | price
kobayashi 1 inquiry      04-14 09:40 form
kobayashi 1 mql          04-14 09:40 rule demo-request
kobayashi 1 tal          04-14 15:00 inside
kobayashi 1 tql          04-16 13:00 crm
kobayashi 1 recycled     04-17 10:00 field                 | timing_later
kobayashi 2 mql          05-26 10:00 rule engaged
kobayashi 2 tal          05-27 09:00 inside
kato      1 tal          04-15 10:20 cards
kato      1 tql          05-08 13:00 crm
kato      1 sal          05-11 09:30 field
kato      1 sql          05-18 14:00 rule met
inoue     1 inquiry      04-21 09:00 ma
inoue     1 mql          04-23 13:00 rule engaged
inoue     1 tal          04-24 10:00 inside
inoue     1 recycled     05-15 17:00 crm                   | no_contact
inoue     1 dormant      06-25 03:00 rule dormant
shimizu   1 inquiry      04-28 17:30 form
shimizu   1 mql          04-28 17:30 rule demo-request
shimizu   1 tal          05-01 10:00 inside
shimizu   1 tql          05-08 10:00 crm
shimizu   1 recycled     05-12 10:00 crm                   | no_budget
yoshida   1 inquiry      05-07 10:00 form
yoshida   1 disqualified 05-08 11:00 crm                   | student_or_individual
matsumoto 1 inquiry      05-11 11:00 zoom
matsumoto 1 mql          05-13 14:00 rule engaged
matsumoto 1 recycled     05-14 11:00 inside                | insufficient_information
matsumoto 1 dormant      06-24 03:00 rule dormant
kimura    1 inquiry      05-18 09:00 form
kimura    1 mql          05-18 09:00 rule demo-request
kimura    1 tal          05-18 10:00 inside
kimura    1 tql          05-20 10:00 crm
kimura    1 sal          05-21 10:00 field
kimura    1 sql          05-25 13:00 rule met
kimura    1 opportunity  05-27 10:00 sfa
kimura    1 won          06-19 16:00 sfa
hayashi   1 inquiry      06-01 11:00 form
hayashi   1 mql          06-12 15:00 inferred crm
hayashi   1 tal          06-12 15:00 inferred crm
hayashi   1 tql          06-12 15:00 inferred crm
hayashi   1 sal          06-12 15:00 inferred crm
hayashi   1 sql          06-12 15:00 inferred crm
hayashi   1 opportunity  06-12 15:00 crm
yamaguchi 1 inquiry      06-25 10:00 form
yamaguchi 1 mql          06-25 10:00 rule demo-request
"""

REASONS = {
    "price": "価格",
    "timing_later": "時期が先",
    "no_contact": "連絡がつかない",
    "no_budget": "予算なし",
    "student_or_individual": "学生・個人",
    "insufficient_information": "情報不足",
}
"""What people call the reasons, as every system has to show them."""


class Stay(NamedTuple):
    """One line of a lead's history."""

    who: str
    cycle: int
    stage: str
    since: str
    by: str
    reason: str | None

    @property
    def is_inferred(self) -> bool:
        return self.by.startswith("inferred ")

    @property
    def row(self) -> tuple[object, ...]:
        """The stored line: system, rule, reason (code, words), inferred or not, whose override."""
        kind, _, name = self.by.partition(" ")
        system = {"rule": "renkei", "person": "override", "inferred": name}.get(kind, kind)
        listed = self.reason if self.reason in REASONS else self.reason and "other"
        words = None if self.reason in REASONS else self.reason
        return (
            *(self.cycle, self.stage, self.since, system, name if kind == "rule" else None),
            *(listed, words, self.is_inferred, name if kind == "person" else None),
        )


def _stay(line: str) -> Stay:
    told, _, reason = line.partition("|")
    who, cycle, stage, day, hour, *by = told.split()
    return Stay(who, int(cycle), stage, f"{day} {hour}", " ".join(by), reason.strip() or None)


STAYS = tuple(_stay(line) for line in _STAYS.strip().splitlines())


class HandOff(NamedTuple):
    """One hand-off: to whom it was given in turn, until when, and what became of it.

    ``answer`` is empty where nobody answered; ``withdrawn``, where the lead went another way.
    """

    who: str
    rule: str
    at: str
    due: str
    given: str
    ended: str = ""
    answer: str = ""
    by: str = ""
    reason: str | None = None


MI, IF = "marketing-to-inside", "inside-to-field"
# 29 April and 3 to 6 May are holidays; 2 May is a Saturday. What polls bring is handed over then.
HANDOFFS = (
    HandOff(
        *("tanaka", MI, "04-02 10:00", "04-02 14:00", "yamada"),
        *("04-02 13:00", "accept", "yamada"),
    ),
    HandOff("sasaki", MI, "04-09 12:10", "04-09 16:10", "ito", "04-10 10:00", "accept", "ito"),
    HandOff(
        *("tanaka", IF, "04-13 09:30", "04-13 17:30", "suzuki"),
        *("04-13 11:00", "accept", "suzuki"),
    ),
    HandOff(
        *("kobayashi", MI, "04-14 09:40", "04-14 13:40", "yamada"),
        *("04-14 15:00", "accept", "yamada"),
    ),
    HandOff(
        *("kobayashi", IF, "04-16 13:00", "04-17 12:00", "takahashi"),
        *("04-17 10:00", "hand_back", "takahashi", "時期が先"),
    ),
    HandOff(
        *("sasaki", IF, "04-17 16:00", "04-20 15:00", "suzuki"),
        *("04-20 10:00", "accept", "takahashi"),
    ),
    HandOff("inoue", MI, "04-23 13:00", "04-23 17:00", "ito", "04-24 10:00", "accept", "ito"),
    HandOff(
        *("shimizu", MI, "04-28 17:30", "04-30 12:30", "yamada"), *("05-01 10:00", "accept", "ito")
    ),
    HandOff("shimizu", IF, "05-08 10:00", "05-08 18:00", "takahashi", "05-12 10:00", "withdrawn"),
    HandOff(
        *("kato", IF, "05-08 13:00", "05-11 12:00", "suzuki"), *("05-11 09:30", "accept", "suzuki")
    ),
    HandOff(
        *("matsumoto", MI, "05-14 09:30", "05-14 13:30", "ito"),
        *("05-14 11:00", "hand_back", "yamada", "情報不足"),
    ),
    HandOff(
        *("kimura", MI, "05-18 09:00", "05-18 13:00", "yamada"),
        *("05-18 10:00", "accept", "yamada"),
    ),
    HandOff(
        *("kimura", IF, "05-20 10:00", "05-20 18:00", "takahashi"),
        *("05-21 10:00", "accept", "suzuki"),
    ),
    HandOff(
        *("kobayashi", MI, "05-26 10:00", "05-26 14:00", "ito"), *("05-27 09:00", "accept", "ito")
    ),
    HandOff(
        *("watanabe", MI, "06-08 10:00", "06-08 14:00", "yamada"),
        *("06-09 10:00", "accept", "yamada"),
    ),
    HandOff("yamaguchi", MI, "06-25 10:00", "06-25 14:00", "ito"),
)

CARD_OWNERS = {"kato": "ito"}
"""Who had a lead before any hand-off."""

CLOCKS = {"mql": (8.0, True), "tal": (40.0, True), "sal": (72.0, False)}
HOLIDAYS = ("04-29", "05-03", "05-04", "05-05", "05-06")
PURCHASE = {
    "awareness": ("inquiry",),
    "interest": ("mql", "tal"),
    "comparison": ("tql", "sal", "sql", "opportunity"),
    "purchase": ("won", "customer"),
}
PATH = ("inquiry", "mql", "tal", "tql", "sal", "sql", "opportunity", "won")
BACK = ("recycled", "lost", "dormant", "disqualified")
CRM = {
    "inquiry": "リード",
    "mql": "MQL",
    "tal": "架電中",
    "tql": "TQL",
    "sal": "SAL",
    "sql": "SQL",
    "opportunity": "商談",
    "won": "受注",
    "lost": "失注",
    "recycled": "ナーチャリング",
    "dormant": "休眠",
    "disqualified": "対象外",
}
MA = {
    "inquiry": "Inquiry",
    "mql": "MQL",
    "tal": "TAL",
    "tql": "TQL",
    "sal": "SAL",
    "sql": "SQL",
    "opportunity": "Opportunity",
    "won": "Won",
    "lost": "Lost",
    "recycled": "Recycled",
    "dormant": "Dormant",
    "disqualified": "Disqualified",
}
SFA = {
    **dict.fromkeys(("inquiry", "mql", "recycled", "dormant"), "Open - Not Contacted"),
    **dict.fromkeys(("tal", "tql", "sal", "sql"), "Working - Contacted"),
}
"""How the three systems that have everybody's stage call it (Salesforce until the conversion)."""
