"""The canonical names that a default field map may use; the mapping itself is another package."""

from __future__ import annotations

import re

from connectors.kit.base import Kind

BANTCH = ("budget", "authority", "needs", "timing", "competitor", "human_resources")
CHANNELS = ("email", "phone", "post")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


LEAD = _names(
    """
    email emails phone phones mobile fax full_name family_name given_name family_kana given_kana
    family_romaji given_romaji honorific company company_kana corporate_number website department
    title country postal_code prefecture city street address channel lead_source campaign
    first_touch_at first_touch_channel first_touch_source origin score owner language note tags
    interest consent_at stage_reason revisit_on renkei_id renkei_stage renkei_stage_at renkei_reason
    renkei_cycle occurred_on
    """
) | {
    *(f"bantch.{need}.{part}" for need in BANTCH for part in ("text", "state", "by")),
    *(f"consent.{way}.{use}" for way in CHANNELS for use in ("marketing", "transactional")),
}
ACCOUNT = _names(
    "name name_kana corporate_number website phone prefecture city address industry employees"
)
DEAL = _names("name amount currency close_on probability reason owner")
ACTIVITY = _names("activity subject at duration_seconds outcome body email phone url")
FIELDS = {Kind.LEAD: LEAD, Kind.ACCOUNT: ACCOUNT, Kind.DEAL: DEAL, Kind.ACTIVITY: ACTIVITY}
CUSTOM = re.compile(r"custom\.\w+")

STAGES = _names(
    """
    inquiry mql tal tql sal sql opportunity won lost recycled dormant disqualified customer churned
    """
)
OPERATORS = _names(
    """
    from first concat with const split lower values other write default when as formats zone
    max_length direction examples placeholder to on format
    """
)
DIRECTIONS = _names("pull push both")


def is_canonical(kind: Kind, name: str) -> bool:
    """Whether a field map of this kind may give this field a value."""
    return name in FIELDS[kind] or CUSTOM.fullmatch(name) is not None
