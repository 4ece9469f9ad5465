"""What is said of picklists and of later edits at a vendor, in English and Japanese.

Rows are (message, Japanese message, hint, Japanese hint); braces are filled in.
"""

from __future__ import annotations

CHOICE_TEXTS: dict[str, tuple[str, str, str, str]] = {
    "OPTION_UNMAPPED": (
        '"{name}" may be "{option}", which the line does not know',
        "「{name}」の選択肢「{option}」が行にありません",
        "Add {option}: … to values:, or other:.",
        "values: に「{option}: …」を足すか、other: を書いてください。",
    ),
    "OPTION_INACTIVE": (
        '"{name}" once had "{option}", which the line does not know; it is no longer chosen',
        "「{name}」の廃止された選択肢「{option}」が行にありません",
        "Records may still hold it: add {option}: … to values:, or other:.",
        "古いレコードに残りえます。values: に足すか、other: を書いてください。",
    ),
    "OPTION_MISSING": (
        '"{name}" takes no "{option}", which the line writes',
        "「{name}」に、行が書き込む選択肢「{option}」がありません",
        "Add the option there, or write another value.",
        "相手側に選択肢を足すか、別の値を書いてください。",
    ),
    "OPTION_RETIRED": (
        '"{name}" no longer offers "{option}", which the line writes',
        "「{name}」の選択肢「{option}」は廃止されていますが、行が書き込みます",
        "Offer it again there, or write another value.",
        "相手側で選択肢を有効に戻すか、別の値を書いてください。",
    ),
    "OPTION_RECORD_TYPE": (
        '"{name}" takes no "{option}" in the record types {others}',
        "「{name}」の選択肢「{option}」は、レコードタイプ {others} では使えません",
        "Allow it there, or write another value.",
        "相手側で許可するか、別の値を書いてください。",
    ),
    "LABEL_NOT_VALUE": (
        'the line has "{label}", which is only the label of "{option}" in "{name}"',
        "行の「{label}」は表示名です。「{name}」の値は「{option}」です",
        "Write {option} in its place.",
        "「{option}」に書き換えてください。",
    ),
    "WRITE_UNMAPPED": (
        'nothing says how {others} is written to "{name}"',
        "{others} を「{name}」にどう書き込むかが決まっていません",
        "Add them to write:, or direction: pull.",
        "write: に足すか、direction: pull にしてください。",
    ),
    "FREE_TEXT": (
        'any text is written to "{name}", which takes its options only',
        "選択肢の項目「{name}」に任意の文字列を書き込みます",
        "Add values:, or direction: pull.",
        "values: を書くか、direction: pull にしてください。",
    ),
    "SEVERAL_AS_ONE": (
        '"{name}" may hold several options at once, and the line reads one',
        "「{name}」は複数の選択肢を持てますが、行は 1 つだけ読みます",
        "Read it as: list, or join the options with on:.",
        "as: list で読むか、on: で区切りを指定してください。",
    ),
    "TYPE_DIFFERS": (
        '"{name}" of {stream} holds {there}, and the line {here}',
        "{stream} の「{name}」の型は {there} ですが、行の型は {here} です",
        "Map another field, or change the type with as:.",
        "別の項目を割り当てるか、as: で型を変えてください。",
    ),
    "TOO_LONG_THERE": (
        '"{name}" of {stream} takes {there} characters, and the line writes up to {here}',
        "{stream} の「{name}」は {there} 文字までですが、行は {here} 文字まで書き込みます",
        "Set max_length: {there}.",
        "max_length: {there} にしてください。",
    ),
    "STAGE_UNMAPPED": (
        '"{name}" may be "{option}", which stands for no stage',
        "「{name}」の値「{option}」に対応するステージがありません",
        "Add {option}: [stage] to stage: read.",
        "stage: read に「{option}: [ステージ]」を足してください。",
    ),
    "STAGE_INACTIVE": (
        '"{name}" once had "{option}", which stands for no stage; it is no longer chosen',
        "「{name}」の廃止された値「{option}」に対応するステージがありません",
        "Records may still hold it: add {option}: [stage] to stage: read.",
        "古いレコードに残りえます。stage: read に「{option}: [ステージ]」を足してください。",
    ),
    "STAGE_MISSING": (
        '"{name}" takes no "{option}", which is written for {stage}',
        "「{name}」に、{stage} で書き込む値「{option}」がありません",
        "Add it there, or change stage: write.",
        "相手側に値を足すか、stage: write を変えてください。",
    ),
    "STAGE_RETIRED": (
        '"{name}" no longer offers "{option}", which is written for {stage}',
        "「{name}」の値「{option}」は廃止されていますが、{stage} で書き込みます",
        "Offer it again there, or change stage: write.",
        "相手側で値を有効に戻すか、stage: write を変えてください。",
    ),
}
"""A map beside the picklists."""

DRIFT_TEXTS: dict[str, tuple[str, str, str, str]] = {
    "FIELD_NEW": (
        '{stream} has a new field "{name}"',
        "{stream} に項目「{name}」が追加されました",
        "New records need it: map it in fields/{connection}.yaml, or set push: create: false.",
        "新規レコードで必須です。fields/{connection}.yaml で割り当てるか、"
        "push: create: false にしてください。",
    ),
    "FIELD_GONE": (
        '{stream} no longer has the field "{name}"',
        "{stream} の項目「{name}」がなくなりました",
        "Bring it back there, or name another in fields/{connection}.yaml.",
        "相手側で元に戻すか、fields/{connection}.yaml で別の項目を指定してください。",
    ),
    "FIELD_RENAMED": (
        '{stream} no longer has the field "{name}"; "{instead}" stands in its place',
        "{stream} の項目「{name}」がなくなりました。代わりに「{instead}」があります",
        'Name "{instead}" in fields/{connection}.yaml.',
        "fields/{connection}.yaml で「{instead}」を指定してください。",
    ),
    "FIELD_RELABELLED": (
        '"{name}" of {stream} is now called "{label}"',
        "{stream} の「{name}」の表示名が「{label}」になりました",
        "",
        "",
    ),
    "FIELD_CHANGED": (
        '"{name}" of {stream} has changed: {changes}',
        "{stream} の「{name}」が変わりました: {changes}",
        "Change it back there, or its line in fields/{connection}.yaml.",
        "相手側で元に戻すか、fields/{connection}.yaml の行を変えてください。",
    ),
    "OPTION_NEW": (
        '"{name}" of {stream} may now be "{option}"',
        "{stream} の「{name}」に選択肢「{option}」が追加されました",
        "",
        "",
    ),
    "OPTION_GONE": (
        '"{name}" of {stream} no longer has "{option}"',
        "{stream} の「{name}」の選択肢「{option}」がなくなりました",
        "",
        "",
    ),
    "OPTION_RENAMED": (
        '"{name}" of {stream} no longer has "{option}"; "{instead}" stands in its place',
        "{stream} の「{name}」の選択肢「{option}」がなくなりました。"
        "代わりに「{instead}」があります",
        "",
        "",
    ),
    "OPTION_OFF": (
        '"{name}" of {stream} no longer offers "{option}"',
        "{stream} の「{name}」の選択肢「{option}」は廃止されました",
        "",
        "",
    ),
    "OPTION_RELABELLED": (
        '"{option}" of "{name}" of {stream} is now called "{label}"',
        "{stream} の「{name}」の選択肢「{option}」の表示名が「{label}」になりました",
        "",
        "",
    ),
    "PATCH_LINE": (
        "add to fields/{connection}.yaml: {line}",
        "fields/{connection}.yaml に足す行: {line}",
        "renkei check --connect {connection} --patch",
        "renkei check --connect {connection} --patch",
    ),
}
"""Edits at a vendor; those of options get their hint from the gap that they leave."""
