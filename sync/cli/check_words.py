"""What is said of a look at the vendors, in Japanese and English, and its help in Japanese."""

from __future__ import annotations

CHECK: dict[str, tuple[str, str]] = {
    "error.PATCH_ALONE": (
        "--patch は --connect と、--write は --patch とともに指定してください",
        "--patch goes with --connect, and --write with --patch",
    ),
    "check.news": ("前回から相手側で変わったこと:", "changed there since the last look:"),
    "check.news_aside": (
        "{count} 件が保留になりました。直すと自動で解消します:",
        "set aside: {count}; mend the map or the vendor, and they close by themselves:",
    ),
    "patch.none": ("{name}: 提案はありません", "{name}: there is nothing to propose"),
    "patch.written": (
        "{file} に書き込みました。# check の行は確認してください",
        "written: {file}; look at the lines marked # check",
    ),
    "retry.field": (
        "#{id}: 割り当てか相手側を直してください。renkei check --connect --patch が案を示します",
        "#{id}: mend the map or the vendor; renkei check --connect --patch proposes how",
    ),
}
"""What is said, as (Japanese, English); braces are filled in."""

CHECK_HELP: dict[str, str] = {
    "Find every mistake in the directory. Each comes with its file, line and column. With "
    "--connect each connection tells if it is reachable, as whom, which scopes are missing, what "
    "is left of the quota, how far the clocks are apart, where field maps do not fit, which "
    "options a map cannot read or write, and what has changed at the vendor since the last look.": (
        "設定の誤りをすべて見つけます。\n\nファイル・行・桁とともに示します。\n\n"
        "--connect を付けると接続ごとに、到達性・認証先・不足権限・API の残り・時計のずれ・"
        "項目の割り当ての不一致・読み書きできない選択肢・前回からの相手側の変更を確認します。"
    ),
    "With --connect: propose a patch of fields/*.yaml that has every option read and written.": (
        "--connect とともに: すべての選択肢を読み書きできるようにする fields/*.yaml の差分を"
        "提案します。"
    ),
    "Apply the patch that --patch proposes.": "--patch の提案を書き込みます。",
}
"""English, its white space evened out, → Japanese."""
