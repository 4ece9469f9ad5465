"""Mistakes in stages.yaml and match.yaml: one a case, as in ``mistakes.py``."""

from __future__ import annotations

from tests.sync.config.mistakes import Case


def stages(text: str, code: str, hint: str) -> Case:
    return Case("stages.yaml", text, code, hint)


CASES = {
    "a stage that the company lacks": Case(
        "stages.yaml", "optional: [tal, ‸tqll]\n", "UNKNOWN_STAGE", '"tql"'
    ),
    "a move from nowhere": Case(
        "stages.yaml", "transitions: {‸sqll: [won]}\n", "UNKNOWN_STAGE", '"sql"'
    ),
    "a stage of one's own without its place": stages(
        "stages:\n  ‸trial: {ja: 試用, en: Trial}\n", "NO_PLACE", "Add after:"
    ),
    "a stage that is renamed and mistyped": stages(
        "stages:\n  ‸mqll: {ja: 有望}\n", "NO_PLACE", '"mql"'
    ),
    "a stage of one's own with a code that is taken": stages(
        "stages:\n  mql: {ja: 有望, ‸after: inquiry}\n", "FIXED_PLACE", "another code"
    ),
    "a stage of one's own behind none": stages(
        "stages:\n  trial: {ja: 試用, en: Trial, after: ‸sqll}\n", "UNKNOWN_STAGE", '"sql"'
    ),
    "a stage of one's own behind itself": stages(
        "stages:\n  trial: {ja: 試用, en: Trial, after: ‸trial}\n", "AFTER_ITSELF", "trial"
    ),
    "a stage of one's own without a name": stages(
        "stages:\n  ‸trial: {ja: 試用, after: sql}\n", "MISSING_KEY", "Add en"
    ),
    "a stage of one's own with a bad code": stages(
        "stages:\n  ‸Trial-1: {ja: 試用, en: Trial, after: sql}\n", "BAD_CODE", "small letter"
    ),
    "two stages with one name": stages(
        "stages:\n  mql: {ja: ‸商談}\n", "SAME_NAME", "its own name"
    ),
    "an empty name": stages("stages:\n  mql: {ja: ‸''}\n", "WRONG_TYPE", "at least 1"),
    "a stage that no move leads to": stages(
        "stages:\n  trial: {ja: 試用, en: Trial, after: sql}\ntransitions:\n  ‸sql: [lost]\n",
        "NO_WAY",
        "Add trial to transitions: sql",
    ),
    "a way that is cut": stages("transitions: {‸tal: [recycled]}\n", "NO_WAY", "Add tql to"),
    "reasons of a stage that is none": stages(
        "reasons: {‸recycle: {card: {ja: 名刺, en: Card}}}\n", "UNKNOWN_STAGE", '"recycled"'
    ),
    "a reason with a bad code": stages(
        "reasons: {lost: {‸価格: {ja: 価格, en: Price}}}\n", "BAD_CODE", "small letter"
    ),
    "a reason without a name": stages(
        "reasons: {lost: {‸dear: {ja: 高い}}}\n", "MISSING_KEY", "in English"
    ),
    "evidence for a stage that is none": stages(
        "evidence: {‸sqll: [title]}\n", "UNKNOWN_STAGE", '"sql"'
    ),
    "evidence that is no field": stages(
        "evidence: {sql: [phone, ‸titel]}\n", "UNKNOWN_FIELD", '"title"'
    ),
    "evidence that only the hub says": stages(
        "evidence: {sql: [‸renkei_cycle]}\n", "UNKNOWN_FIELD", "custom."
    ),
    "evidence for the first stage": stages(
        "evidence: {‸inquiry: [phone]}\n", "NO_EVIDENCE_ASKED", "open to all"
    ),
    "evidence for a stage that leads back": stages(
        "stages:\n  nurtured: {ja: 育成, en: Nurtured, after: recycled}\n"
        "evidence: {‸nurtured: [phone]}\n",
        "NO_EVIDENCE_ASKED",
        "Remove it",
    ),
    "evidence that is there twice": stages(
        "evidence: {sql: [phone, ‸phone]}\n", "TWICE", "Remove one"
    ),
    "evidence that is no list": stages("evidence: {sql: ‸phone}\n", "WRONG_TYPE", "list"),
    "a step with a stage that is none": stages(
        "purchase:\n  - {ja: 認知, en: A, stages: [inquiry]}\n"
        "  - {ja: 購入, en: B, stages: [‸wonn]}\n",
        "UNKNOWN_STAGE",
        '"won"',
    ),
    "a stage in two steps": stages(
        "purchase:\n  - {ja: 認知, en: A, stages: [inquiry, mql]}\n"
        "  - {ja: 購入, en: B, stages: [won, ‸mql]}\n",
        "IN_TWO_STEPS",
        "in one step",
    ),
    "two steps with one name": stages(
        "purchase:\n  - {ja: 認知, en: A, stages: [inquiry]}\n"
        "  - {ja: 購入, en: ‸A, stages: [won]}\n",
        "TWICE",
        "Remove one",
    ),
    "a funnel of one step": stages(
        "‸purchase: [{ja: 購入, en: Bought, stages: [won]}]\n", "FEW_STEPS", "Add a step"
    ),
    "a step of no stages": stages(
        "purchase:\n  - {ja: 認知, en: A, stages: ‸[]}\n  - {ja: 購入, en: B, stages: [won]}\n",
        "WRONG_TYPE",
        "at least 1",
    ),
    "an unknown key in stages.yaml": Case(
        "stages.yaml", "‸optionel: []\n", "UNKNOWN_KEY", "optional"
    ),
    "hours that end before they begin": Case(
        "stages.yaml", "hours: {from: '18:00', to: ‸'09:00'}\n", "EMPTY_HOURS", "24:00"
    ),
    "hours that begin after the usual end": Case(
        "stages.yaml", "hours: {from: ‸'19:00'}\n", "EMPTY_HOURS", "later"
    ),
    "no time of day": Case("stages.yaml", "hours: {to: ‸'25:00'}\n", "WRONG_TYPE", ""),
    "no day of the week": Case("stages.yaml", "hours: {days: [mon, ‸tues]}\n", "WRONG_TYPE", "tue"),
    "a country without a calendar": Case(
        "stages.yaml", "hours: {holidays: ‸Japan}\n", "UNKNOWN_COUNTRY", '"JP"'
    ),
    "a day off that is no day": Case(
        "stages.yaml", "hours: {closed: [2026-12-29, ‸2026-13-01]}\n", "WRONG_TYPE", ""
    ),
    "a clock for no stage": Case(
        "stages.yaml", "clocks: {‸sall: {hours: 8}}\n", "UNKNOWN_STAGE", '"sal"'
    ),
    "a clock without hours": Case("stages.yaml", "clocks: {‸sal: {}}\n", "MISSING_KEY", "hours"),
    "a clock that has run out": Case(
        "stages.yaml", "clocks: {sal: {hours: ‸0}}\n", "WRONG_TYPE", "0"
    ),
    "silence in no stage": Case(
        "stages.yaml",
        "dormant: {after_days: 90, stages: [mql, ‸recicled]}\n",
        "UNKNOWN_STAGE",
        '"recycled"',
    ),
    "silence that leads nowhere": Case(
        "stages.yaml",
        "dormant: {after_days: 90, stages: [mql, ‸won]}\n",
        "NO_WAY_TO_DORMANT",
        "transitions",
    ),
    "an unknown key in match.yaml": Case("match.yaml", "‸treshold: 1\n", "UNKNOWN_KEY", "Known"),
    "no such evidence": Case("match.yaml", "points: {‸mailbx: 9}\n", "UNKNOWN_EVIDENCE", "mailbox"),
    "points that are no number": Case("match.yaml", "points: {mailbox: ‸x}\n", "WRONG_TYPE", ""),
    "a field to compare that is none": Case(
        "match.yaml",
        "fields: [{field: ‸emial, compare: text, same: 3}]\n",
        "UNKNOWN_FIELD",
        '"email"',
    ),
    "a comparison that is none": Case(
        "match.yaml",
        "fields: [{field: custom.id, compare: ‸fuzzy, same: 3}]\n",
        "WRONG_TYPE",
        "tokens",
    ),
    "a key of a field that is none": Case(
        "match.yaml", "keys: [[family_name, ‸zip]]\n", "UNKNOWN_FIELD", ""
    ),
    "a key of no letters": Case(
        "match.yaml", "keys: [[‸'family_name:all']]\n", "KEY_SIZE", "family_name:4"
    ),
    "bands upside down": Case("match.yaml", "accept: 10\nreview: ‸12\n", "BANDS", "lower review"),
}
