"""What ``explain`` says, in Japanese and English."""

from __future__ import annotations

EXPLAIN: dict[str, tuple[str, str]] = {
    "explain.by_hand": ("手動（{user}）", "by hand ({user})"),
    "explain.inferred": ("{system}（途中の段階を補完）", "{system} (inferred on the way)"),
    "explain.lost": ("不採用: {rule}", "lost: {rule}"),
    "explain.nobody_else": ("ほかの値はありません", "no other value is known"),
    "explain.adds": ("{who}: {values}（{at}）", "{who}: {values} ({at})"),
    "explain.event": ("きっかけ: {how}（{about}）", "brought by: {how} ({about})"),
    "explain.run": ("実行", "run"),
    "explain.inbox": ("受信", "received as"),
    "explain.no_account": ("どの会社かは分かっていません", "no company is known"),
    "explain.other_account": (
        "別の会社: {name}（{id}、{sign} が共通）",
        "another company: {name} ({id}; it shares {sign})",
    ),
    "account.number": (
        "会社: {name}（{id}）。法人番号 {value} による。{who}、{at}",
        "company: {name} ({id}), by its corporate number {value}; {who}, {at}",
    ),
    "account.domain": (
        "会社: {name}（{id}）。ドメイン {value} による。{who}、{at}",
        "company: {name} ({id}), by its domain {value}; {who}, {at}",
    ),
    "account.name": (
        "会社: {name}（{id}）。会社名「{value}」による。{who}、{at}",
        'company: {name} ({id}), by its name "{value}"; {who}, {at}',
    ),
    "account.earlier": (
        "会社: {name}（{id}）。以前の値による",
        "company: {name} ({id}), by values the lead had before",
    ),
    "brought.pull": ("取得", "pulled"),
    "brought.webhook": ("Webhook", "a webhook"),
    "brought.import": ("取り込み", "imported"),
    "brought.reread": ("読み直し", "read again"),
    "brought.replay": ("再読込", "replayed"),
    "brought.created": ("リードの作成", "the lead was created"),
    "brought.changed": ("リードの変更", "the lead changed"),
    "brought.edited": ("手動の修正", "edited by hand"),
    "brought.merged": ("リードの統合", "leads were merged"),
    "brought.split": ("リードの分離", "leads were parted"),
    "brought.moved": ("レコードの統合・変換", "the record moved at the vendor"),
    "brought.stage": ("ステージの移動", "the stage moved"),
    "brought.first": ("最初の受信", "first received"),
}
"""Key → (Japanese, English)."""
