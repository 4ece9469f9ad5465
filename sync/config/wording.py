"""Words for what others find wrong: pydantic's kinds of errors, and the mapping's codes."""

from __future__ import annotations

EXPECTED: dict[str, tuple[str, str]] = {
    "string_type": ("a text", "文字列"),
    "int_type": ("a whole number", "整数"),
    "int_parsing": ("a whole number", "整数"),
    "int_from_float": ("a whole number", "整数"),
    "float_type": ("a number", "数値"),
    "float_parsing": ("a number", "数値"),
    "finite_number": ("a number", "数値"),
    "bool_type": ("true or false", "true か false"),
    "bool_parsing": ("true or false", "true か false"),
    "list_type": ("a list", "リスト"),
    "tuple_type": ("a list", "リスト"),
    "set_type": ("a list", "リスト"),
    "dict_type": ("keys and values", "「キー: 値」"),
    "mapping_type": ("keys and values", "「キー: 値」"),
    "model_type": ("keys and values", "「キー: 値」"),
    "model_attributes_type": ("keys and values", "「キー: 値」"),
    "dataclass_type": ("keys and values", "「キー: 値」"),
    "date_type": ("a date, as 2026-04-01", "日付（例: 2026-04-01）"),
    "date_parsing": ("a date, as 2026-04-01", "日付（例: 2026-04-01）"),
    "date_from_datetime_parsing": ("a date, as 2026-04-01", "日付（例: 2026-04-01）"),
    "datetime_type": ("a date and time", "日時"),
    "datetime_parsing": ("a date and time", "日時"),
    "url_parsing": ("a web address", "URL"),
    "greater_than_equal": ("a number of at least {ge}", "{ge} 以上の数"),
    "greater_than": ("a number above {gt}", "{gt} より大きい数"),
    "less_than_equal": ("a number of at most {le}", "{le} 以下の数"),
    "less_than": ("a number below {lt}", "{lt} より小さい数"),
    "string_too_short": ("at least {min_length} characters", "{min_length} 文字以上の文字列"),
    "string_too_long": ("at most {max_length} characters", "{max_length} 文字以下の文字列"),
    "too_short": ("at least {min_length} of them", "{min_length} 個以上の項目"),
    "too_long": ("at most {max_length} of them", "{max_length} 個以下の項目"),
    "string_pattern_mismatch": ("a text of the form {pattern}", "{pattern} の形の文字列"),
    "literal_error": ("one of {expected}", "{expected} のいずれか"),
    "enum": ("one of {expected}", "{expected} のいずれか"),
    "union_tag_invalid": ("one of {expected_tags}", "{expected_tags} のいずれか"),
}
"""Pydantic's kind of error, and what should have been written, in English and Japanese."""

MAPPING: dict[str, tuple[str, str]] = {
    "UNKNOWN_FIELD": (
        "その項目はありません",
        "独自の項目は「custom.名前」と書きます。",
    ),
    "UNKNOWN_STAGE": ("そのステージはありません", ""),
    "UNKNOWN_OPERATOR": ("そのキーは使えません", ""),
    "UNKNOWN_KEY": ("そのキーは使えません", "使えるのは kind・fields・stage です。"),
    "UNKNOWN_TYPE": ("その型はありません", ""),
    "UNKNOWN_ZONE": ("そのタイムゾーンはありません", "Asia/Tokyo や UTC と書いてください。"),
    "BAD_LINE": ("項目の行の書き方が正しくありません", "相手側の項目名か、演算子を書きます。"),
    "BAD_OPERATOR": ("演算子の値が正しくありません", ""),
    "BAD_FORMAT": ("日付の書式が正しくありません", "例: %Y/%m/%d"),
    "BAD_KIND": ("種類が正しくありません", "lead・account・deal・activity のいずれかです。"),
    "CONTRADICTION": ("行の指定が矛盾しています", ""),
    "DOUBLE_WRITE": (
        "同じ相手側の項目に2行が書き込みます",
        "どちらかに direction: pull を足してください。",
    ),
    "NOT_A_DEAL_STAGE": ("案件のステージではありません", "opportunity・won・lost のいずれかです。"),
    "NOT_REVERSIBLE": (
        "この行は書き戻せません",
        "direction: pull を足すか、書き込み方を補ってください。",
    ),
    "NO_SOURCE": ("値の出どころがありません", "from・first・concat・const のいずれかを書きます。"),
    "TYPE_MISMATCH": ("項目の型と合いません", "as: を外すか、custom.名前 に入れてください。"),
    "BAD_EXAMPLE": ("例の書き方が正しくありません", ""),
}
"""The mapping's codes, and what they say and advise in Japanese."""
