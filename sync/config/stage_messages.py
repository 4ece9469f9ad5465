"""What mistakes in stages.yaml are called: (message, 文, hint, 対処) by code."""

from __future__ import annotations

STAGE_MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "UNKNOWN_STAGE": (
        '"{name}" is not a stage',
        "「{name}」というステージはありません",
        "Stages: {known}.",
        "ステージ: {known}",
    ),
    "NO_PLACE": (
        'nothing says where the stage "{name}" stands',
        "ステージ「{name}」の位置が書かれていません",
        "Add after: with the stage that it stands behind. To rename a stage, use one of: {known}.",
        "after: に直前のステージを書いてください。名前を変えられるステージ: {known}",
    ),
    "FIXED_PLACE": (
        '"{name}" is one of the stages that Renkei comes with: it keeps its place',
        "「{name}」は Renkei の標準ステージです。位置は変えられません",
        "Remove after:, or give your own stage another code.",
        "after: を削除するか、独自ステージには別のコードを付けてください。",
    ),
    "AFTER_ITSELF": (
        '"{name}" stands behind itself',
        "「{name}」の位置が自分自身をたどって循環しています",
        "Let one of these stand behind a stage that Renkei comes with: {known}.",
        "どれかの after: を標準ステージにしてください: {known}",
    ),
    "BAD_CODE": (
        '"{name}" cannot be a code',
        "「{name}」はコードとして使えません",
        "Write a small letter, then small letters, digits and _, 40 at most.",
        "英小文字で始まり、英小文字・数字・_ だけで 40 文字以内にしてください。",
    ),
    "SAME_NAME": (
        '"{name}" is also what "{other}" is called',
        "「{name}」は「{other}」の名前でもあります",
        "Give each its own name: names are read as well as shown.",
        "名前は読み取りにも使われます。それぞれ別の名前にしてください。",
    ),
    "NO_WAY": (
        'no move leads to "{name}"',
        "「{name}」へ進める遷移がありません",
        "Add {name} to transitions: {before}, or to optional:.",
        "transitions: {before} か optional: に {name} を足してください。",
    ),
    "NO_EVIDENCE_ASKED": (
        '"{name}" cannot need evidence',
        "「{name}」には必須項目（evidence）を設定できません",
        "Remove it: leads begin or rest there, and that must be open to all. Reasons may be asked "
        "for with reasons:.",
        "削除してください。最初のステージと、戻る・休むステージには、だれでも入れる必要があります。"
        "理由は reasons: で決められます。",
    ),
    "IN_TWO_STEPS": (
        '"{name}" is in two steps',
        "「{name}」が2つの段階に入っています",
        "A stage is in one step, or in none.",
        "ステージは1つの段階だけに入れるか、どこにも入れないでください。",
    ),
    "FEW_STEPS": (
        "a funnel has two steps or more",
        "ファネルには2つ以上の段階が必要です",
        "Add a step, or remove purchase: for the usual four.",
        "段階を足すか、purchase: を削除してください（標準の4段階になります）。",
    ),
}
