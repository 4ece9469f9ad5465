"""What is said about capacity, in Japanese and English, and its help in Japanese."""

from __future__ import annotations

CAPACITY: dict[str, tuple[str, str]] = {
    "column.work": ("処理", "stage"),
    "column.timed": ("計測件数", "timed"),
    "column.speed": ("件/秒", "records/s"),
    "column.load": ("現在の負荷/秒", "load/s"),
    "column.headroom": ("余裕", "room"),
    "work.webhooks": ("Webhook", "webhooks"),
    "work.resolve": ("名寄せ・統合", "resolve"),
    "work.pull": ("読込", "pull"),
    "work.push": ("書込", "push"),
    "work.quota": ("API 枠", "calls of"),
    "work.disk": ("ディスク", "disk"),
    "capacity.unknown": (
        "「–」は計測不足です。まとまった処理（1 回 {full} 件以上）が計 {count} 件以上必要です",
        "–: not known; it needs at least {count} records in batches of {full} or more",
    ),
    "capacity.tried": (
        "* は今回、隣の仮データベースで計測した値です",
        "*: measured just now, on a scratch database",
    ),
    "capacity.disk": (
        "データベース: {size} MB、リード {leads} 件",
        "database: {size} MB, {leads} leads",
    ),
    "capacity.growth": ("増加: 1 日 {growth} MB", "growth: {growth} MB a day"),
    "capacity.growth_unknown": (
        "増加: 不明（1 日以上の記録が必要です）",
        "growth: not known; it needs sizes at least a day apart",
    ),
    "capacity.free": ("空き: {free} MB", "free: {free} MB"),
    "capacity.free_unknown": (
        "空き: データベースサーバーで確認してください",
        "free: ask the database's server",
    ),
    "capacity.behind": (
        "{stage} が {minutes} 分遅れています",
        "{stage} is {minutes} minutes behind",
    ),
    "capacity.no_limit": (
        "限界はまだ分かりません。数日動かしてから、または --measure で確かめてください",
        "no limit is known yet: look again after some days of work, or use --measure",
    ),
    "capacity.first": ("先に限界に達する順:", "what runs out first:"),
    "capacity.at": ("{name}: {at} に尽きます", "{name}: full at {at}"),
    "capacity.spent": (
        "{name}: 本日 {at} に尽きます（{times}）",
        "{name}: used up at {at} ({times})",
    ),
    "capacity.times": ("{name}: 現在の {times}まで", "{name}: {times} the present load"),
    "advice.webhooks.sqlite": (
        "→ PostgreSQL へ移行し、ワーカーを増やしてください",
        "→ move to PostgreSQL, then add workers",
    ),
    "advice.webhooks.postgresql": (
        "→ ワーカー（renkei worker）を増やしてください",
        "→ add a worker (renkei worker)",
    ),
    "advice.resolve.sqlite": (
        "→ PostgreSQL へ移行し、ワーカーを増やしてください",
        "→ move to PostgreSQL, then add workers: SQLite has one writer",
    ),
    "advice.resolve.postgresql": (
        "→ ワーカー（renkei worker）を増やしてください",
        "→ add a worker (renkei worker)",
    ),
    "advice.pull.vendor": (
        "→ {name}: 時間の大半は相手側の応答です。"
        "読み込むストリームを減らすか、間隔を空けてください",
        "→ {name}: most of the time goes by at the vendor: read fewer streams, or less often",
    ),
    "advice.pull.hub": (
        "→ {name}: 時間の大半は保存です。より速いディスクか PostgreSQL を検討してください",
        "→ {name}: most of the time goes into storing: a faster disk, or PostgreSQL",
    ),
    "advice.push.vendor": (
        "→ {name}: 時間の大半は相手側の応答です。書き込む項目（push.fields）や"
        "対象（create_when）を絞るか、上限の引き上げを相談してください",
        "→ {name}: most of the time goes by at the vendor: write fewer fields (push.fields) or"
        " fewer leads (create_when), or ask for a higher limit",
    ),
    "advice.push.hub": (
        "→ {name}: 時間の大半はハブ側です。PostgreSQL への移行かワーカーの追加を検討してください",
        "→ {name}: most of the time is the hub's: PostgreSQL, or another worker",
    ),
    "advice.quota": (
        "→ renkei quota で内訳を確かめ、読み込みの間隔を空けるか、上限の引き上げを相談してください",
        "→ renkei quota says which work takes them: read less often, or ask for a higher limit",
    ),
    "advice.disk": (
        "→ retention.inbox_days を短くするか、ディスクを増やしてください",
        "→ shorten retention.inbox_days, or add disk",
    ),
}
"""Key → (Japanese, English)."""

CAPACITY_HELP: dict[str, str] = {
    "Show what this installation can carry, and what runs out first. From its own work of the last "
    "week: records a second by stage, the present load, the room above it, calls, disk, and what "
    "to do.": (
        "この環境がどこまで処理できるか、何が先に限界に達するかを示します。\n\n"
        "直近 1 週間の実績から、処理ごとの速度・現在の負荷・余裕・API 枠・ディスクと"
        "対処を示します。"
    ),
    "Also measure storing and resolving, on a scratch database beside the real one; takes some "
    "seconds and touches no vendor.": (
        "隣の仮データベースで保存と名寄せの速度も計測します（数秒、外部サービスには触れません）。"
    ),
}
"""English, its white space evened out, → Japanese."""
