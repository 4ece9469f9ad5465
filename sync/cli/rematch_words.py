"""What the verbs that match again say, in Japanese and English, and their help in Japanese."""

from __future__ import annotations

REMATCH: dict[str, tuple[str, str]] = {
    "error.NO_BULK": (
        "この件数の照合には追加パッケージが要ります: {why}",
        "so many records need an extra: {why}",
    ),
    "match.would_join": (
        "{records} レコード・{leads} リードを照合: {groups} 組（{merged} 件）を統合し、"
        "{asked} 組を確認に回します",
        "{records} records of {leads} leads: {groups} groups would come together ({merged} leads"
        " fewer), {asked} pairs would be asked about",
    ),
    "match.joined": (
        "{records} レコード・{leads} リードを照合: {merged} 件を統合、{asked} 組を確認に回しました",
        "{records} records of {leads} leads: {merged} merged into others, {asked} pairs to be"
        " asked about",
    ),
    "match.left": (
        "{left} 組は照合中に変わったため次回に回します",
        "{left} groups changed meanwhile and wait for the next time",
    ),
    "error.NO_TRAINING": (
        "点数の推定には追加パッケージが要ります: {why}",
        "estimating points needs an extra: {why}",
    ),
    "match.trained": (
        "{records} レコードの {pairs} 組から点数を推定しました（何も変更していません）",
        "points estimated from {pairs} pairs of {records} records; nothing was changed",
    ),
    "match.trained_none": (
        "変更の提案はありません（根拠となる組が少ないか、今の点数が合っています）",
        "nothing is proposed: too few pairs tell, or the points fit",
    ),
    "match.accept": (
        "自動統合の点数 accept: 今 {now}、提案 {proposed}",
        "accept, the score from which on nobody is asked: now {now}, proposed {proposed}",
    ),
    "column.says": ("意味", "says"),
    "column.now": ("今", "now"),
    "column.proposed": ("提案", "proposed"),
    "match.rekeyed": (
        "{leads} リードの照合キーを作り直しました（追加 {added}、削除 {removed}）",
        "keys of {leads} leads made anew: {added} added, {removed} removed",
    ),
}
"""Key → (Japanese, English)."""

REMATCH_HELP: dict[str, str] = {
    "Who is who: judge the matching, and match again.": "名寄せの精度を調べ、照合をやり直します。",
    "Match all leads again, by the rules as they are now. Joins leads that are one person and puts "
    "up for review those that may be. It never parts what is together, and keeps what people "
    "decided. Each merge can be taken back.": (
        "全リードを今の規則で照合し直します。\n\n"
        "同一人物のリードを統合し、可能性のある組を確認に回します。まとまったものは分けず、"
        "人の判断は守ります。統合はいずれも取り消せます。"
    ),
    "Propose points for match.yaml, estimated from your own records. Says what each piece of "
    "evidence counts now and what it would, and the diff that takes it over. Changes nothing: look "
    "at it, and judge it by `match eval` or `match all --dry-run`.": (
        "自社のレコードから match.yaml の点数を推定して提案します。\n\n"
        "根拠ごとの今の点数と提案、取り込むための差分を示します。何も変更しません。"
        "`match eval` か `match all --dry-run` で確かめてから取り込んでください。"
    ),
    "Print nothing but the diff, to be piped into patch.": (
        "差分だけを出力します（patch に渡す用）。"
    ),
    "Make the keys anew by which records find each other. Done by itself after an upgrade and "
    "after `keys` in match.yaml changed; safe to stop and to run again.": (
        "照合キーを作り直します。\n\n"
        "更新後や match.yaml の keys の変更後は自動で行われます。"
        "途中で止めても、再実行しても安全です。"
    ),
}
"""English, its white space evened out, → Japanese."""
