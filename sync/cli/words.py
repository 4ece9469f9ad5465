"""Everything the command line says, in Japanese and English."""

from __future__ import annotations

from sync.cli.alert_words import ALERTS
from sync.cli.audit_words import AUDIT
from sync.cli.backup_words import BACKUP
from sync.cli.capacity_words import CAPACITY
from sync.cli.check_words import CHECK
from sync.cli.clock_words import CLOCKS
from sync.cli.dedupe_words import DEDUPE
from sync.cli.doctor_words import DOCTOR
from sync.cli.error_words import ERRORS
from sync.cli.explain_words import EXPLAIN
from sync.cli.handoff_words import HANDOFF
from sync.cli.label_words import LABELS
from sync.cli.match_words import MATCH
from sync.cli.plan_words import PLAN
from sync.cli.quota_words import QUOTA
from sync.cli.rematch_words import REMATCH
from sync.cli.replay_words import REPLAY
from sync.cli.report_words import REPORT
from sync.cli.stages_words import STAGES

__all__ = ["DEFAULT_LANGUAGE", "LANGUAGES", "WORDS"]

LANGUAGES = ("ja", "en")
DEFAULT_LANGUAGE = "en"

WORDS: dict[str, tuple[str, str]] = {
    **LABELS,
    **ALERTS,
    **AUDIT,
    **CAPACITY,
    **BACKUP,
    **CLOCKS,
    **DEDUPE,
    **DOCTOR,
    **EXPLAIN,
    **HANDOFF,
    **MATCH,
    **PLAN,
    **QUOTA,
    **REMATCH,
    **CHECK,
    **REPLAY,
    **REPORT,
    **STAGES,
    **{f"error.{code}": words for code, words in ERRORS.items()},
    "error.line": ("エラー [{code}]: {message}", "error [{code}]: {message}"),
    "hint.near": ("「{near}」のことですか？", 'did you mean "{near}"?'),
    # run, up, worker, pause, resume
    "run.stopping": (
        "このページが終わりしだい停止します（もう一度 Ctrl-C で即時停止）",
        "stopping after this page (Ctrl-C again: at once)",
    ),
    "run.again": (
        "{seconds} 秒後にもう一度実行します（Ctrl-C で終了）",
        "runs again in {seconds} s (Ctrl-C to end)",
    ),
    "run.nothing": ("実行するものはありませんでした", "there was nothing to run"),
    "run.aside": (
        "{count} 件が保留になりました。理由と対処はこちら:",
        "set aside: {count}; see why, and what to do:",
    ),
    "run.paused": (
        "{name} は一時停止中のため飛ばします（{reason}）",
        "{name} is paused and left out ({reason})",
    ),
    "run.needs_auth": (
        "{name} は再認証が必要なため飛ばします（{reason}）",
        "{name} must be signed in again and is left out ({reason})",
    ),
    "up.listening": ("{listen} で待ち受けます", "listening on {listen}"),
    "up.pages": (
        "{listen} でヘルスチェックとメトリクスに答えます",
        "health and metrics are at {listen}",
    ),
    "health.ready": ("{url} は稼働できます", "{url} is ready"),
    "up.stop": ("Ctrl-C で停止します", "Ctrl-C stops it"),
    "up.stopping": (
        "処理中の分を終えてから停止します（もう一度 Ctrl-C で即時停止）",
        "stopping after what is at hand (Ctrl-C again: at once)",
    ),
    "up.stopped": ("停止しました。失われたものはありません", "stopped; nothing is lost"),
    "connection.paused": ("{name} を一時停止しました", "{name} is paused"),
    "connection.paused_already": ("{name} はすでに停止中です", "{name} was paused already"),
    "connection.active": ("{name} を再開しました", "{name} is used again"),
    "connection.active_already": ("{name} はすでに稼働中です", "{name} was in use already"),
    # status, runs, errors, retry
    "status.leads": ("リード: {count} 件", "leads: {count}"),
    "status.paused": ("{name}: 一時停止中（{reason}）", "{name}: paused ({reason})"),
    "status.needs_auth": (
        "{name}: 再認証が必要です（{reason}）",
        "{name}: sign in again ({reason})",
    ),
    "status.unresolved": (
        "受信したレコード {count} 件が処理待ちです",
        "received and waiting to be resolved: {count}",
    ),
    "status.no_connections": ("接続がまだありません", "there are no connections yet"),
    "status.set_aside": ("{count} 件が保留になっています:", "set aside: {count}"),
    "runs.none": ("実行はまだありません", "nothing has run yet"),
    "errors.none": ("保留はありません", "nothing is set aside"),
    "errors.times": ("（{count} 回）", "({count} times)"),
    "errors.sent": ("送信内容", "sent"),
    "errors.received": ("受信内容", "received"),
    "retry.would": ("{count} 件を再試行します", "to be tried again: {count}"),
    "retry.put_back": ("{count} 件を戻しました", "put back: {count}"),
    "retry.hastened": (
        "次の試行を待っていた {count} 件を今すぐ試します",
        "waited for their next try, and are tried now: {count}",
    ),
    "retry.done": (
        "解消 {settled} 件、再び保留 {again} 件",
        "settled: {settled}, set aside again: {again}",
    ),
    "retry.lost": (
        "#{id}: 元のレコードが残っていないため再試行できません。次の取得を待ってください",
        "#{id}: what was received is no longer kept; pull its stream again",
    ),
    "retry.stage": (
        '#{id}: 人の判断が必要です: renkei lead {lead} --stage STAGE --reason "…"',
        '#{id}: a person must decide: renkei lead {lead} --stage STAGE --reason "…"',
    ),
    "retry.conflict": (
        "#{id}: どちらの値にするか決めてください: renkei lead {lead} --set 項目=値",
        "#{id}: a person must say which value holds: renkei lead {lead} --set FIELD=VALUE",
    ),
    # lead
    "lead.cycle": ("{cycle} 巡目", "cycle {cycle}"),
    "lead.deal": ("商談: {name}（{stage}、{amount}）", "deal: {name} ({stage}, {amount})"),
    "lead.activities": ("活動 {count} 件", "activities: {count}"),
    "lead.set_aside": ("保留 {count} 件", "set aside: {count}"),
    "edit.nothing": ("変わるものはありません", "nothing changes"),
    "edit.owed": ("{names} へ書き込む必要があります", "{names} will be written to"),
    # check, discover, preview, mapping
    "check.errors": ("{count} 件の誤りがあります", "mistakes: {count}"),
    "check.fine": (
        "設定に誤りはありません（接続 {count} 件、警告 {warnings} 件）",
        "no mistakes (connections: {count}, warnings: {warnings})",
    ),
    "preview.stage": ("ステージ: {value} → {stages}", "stage: {value} → {stages}"),
    "preview.unread": ("読み取らない項目: {names}", "not read: {names}"),
    "preview.known": ("すでにリード {lead} です", "it is lead {lead} already"),
    "preview.our_id": ("Renkei ID によりリード {lead} です", "by its Renkei id it is lead {lead}"),
    "preview.same": (
        "リード {lead} と同一人物と判定します（{score} 点）",
        "it would join lead {lead} (score {score})",
    ),
    "preview.ask": (
        "リード {lead} かもしれません（{score} 点）。新しいリードとして保留に載ります",
        "it may be lead {lead} (score {score}): a lead of its own, and set aside for a person",
    ),
    "preview.new": ("新しいリードになります", "it would be a new lead"),
    "mapping.failed": (
        "✗ {place}: {want} のはずが {got}",
        "✗ {place}: should be {want}, is {got}",
    ),
    "mapping.done": ("例 {count} 件、不一致 {failed} 件", "examples: {count}, failed: {failed}"),
    # import, simulate
    "import.read_as": (
        "{file}: 文字コード {encoding}、区切り {delimiter}、見出し {row} 行目、種類 {profile}",
        "{file}: read as {encoding}, delimiter {delimiter}, header in row {row}, profile {profile}",
    ),
    "import.would": ("取り込めるのは {count} 件です", "records that can be taken in: {count}"),
    "import.ask": ("{count} 件を取り込みますか？", "Take {count} records in?"),
    "simulate.stop": ("Ctrl-C で停止します", "Ctrl-C stops them"),
    # init, db
    "init.hub": (
        "Renkei の設定。${{env:NAME}} は環境変数に置き換わります",
        "The installation. ${{env:NAME}} is replaced by an environment variable",
    ),
    "init.trust": ("信頼する順（左ほど優先）", "whose word counts, from most to least trusted"),
    "init.fields": (
        "既定の項目割り当てとの差分だけを書きます",
        "only what differs from the connector's default field map",
    ),
    "init.push": ("リードを書き込む場合:", "to write leads to it:"),
    "init.done": ("作成しました。次へ:", "made; go on with:"),
    "db.due": ("{at} から {head} への更新が必要です", "from {at} to {head}: an upgrade is due"),
    "db.current": ("データベースは最新です（{head}）", "the database is current ({head})"),
    "db.upgraded": ("{at} から {head} へ更新しました", "upgraded from {at} to {head}"),
    "db.ask": (
        "{at} から {head} へ更新します。バックアップは済んでいますか？",
        "Upgrade from {at} to {head}? Back it up first.",
    ),
}
"""What is said, as (Japanese, English); braces are filled in."""
