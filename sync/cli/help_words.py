"""The help in Japanese: the English of each verb and option, and what it is called here."""

from __future__ import annotations

from typing import Any

from sync.cli.alert_words import ALERTS_HELP
from sync.cli.audit_words import AUDIT_HELP
from sync.cli.backup_words import BACKUP_HELP
from sync.cli.capacity_words import CAPACITY_HELP
from sync.cli.check_words import CHECK_HELP
from sync.cli.clock_words import CLOCKS_HELP
from sync.cli.dedupe_words import DEDUPE_HELP
from sync.cli.doctor_words import DOCTOR_HELP
from sync.cli.handoff_words import HANDOFF_HELP
from sync.cli.match_words import MATCH_HELP
from sync.cli.plan_words import PLAN_HELP
from sync.cli.quota_words import QUOTA_HELP
from sync.cli.rematch_words import REMATCH_HELP
from sync.cli.replay_words import REPLAY_HELP
from sync.cli.report_words import REPORT_HELP
from sync.cli.stages_words import STAGES_HELP

__all__ = ["JA", "key", "texts", "translated"]

JA: dict[str, str] = {
    **REPLAY_HELP,
    **ALERTS_HELP,
    **AUDIT_HELP,
    **CAPACITY_HELP,
    **BACKUP_HELP,
    **REPORT_HELP,
    **CLOCKS_HELP,
    **STAGES_HELP,
    **DEDUPE_HELP,
    **DOCTOR_HELP,
    **HANDOFF_HELP,
    **MATCH_HELP,
    **PLAN_HELP,
    **QUOTA_HELP,
    **REMATCH_HELP,
    **CHECK_HELP,
    "Keep leads in step between form tools, MA, SFA and CRM.": (
        "フォーム・MA・SFA・CRM のリードをそろえます。"
    ),
    "Exit codes: 0 done, 1 error, 2 usage or configuration, 3 done in part, 4 --dry-run found "
    "changes, 5 a connection must be signed in again.": (
        "終了コード: 0 完了、1 エラー、2 使い方・設定の誤り、3 一部完了、4 --dry-run で変更あり、"
        "5 再認証が必要。"
    ),
    "Print the version.": "バージョンを表示します。",
    "Install completion for the current shell.": "このシェルに補完を組み込みます。",
    "Show completion for the current shell, to copy it or customize the installation.": (
        "このシェル用の補完を表示します。"
    ),
    # init, db, demo, chaos
    "Begin an operator's directory. Writes renkei.yaml, connections/ and fields/, and schemas that "
    "editors complete by.": (
        "設定ディレクトリを作成します。\n\n"
        "renkei.yaml・connections/・fields/ と、エディター補完用のスキーマを書き出します。"
    ),
    "Begin a connection of it. May repeat.": "このコネクタの接続ファイルも作ります（複数可）。",
    "Only print a new key for `key:`; write nothing.": (
        "`key:` 用の新しい鍵を表示するだけにします。"
    ),
    "Only name the files that would be written.": "書き出すファイル名を示すだけにします。",
    "Watch four simulated vendors being kept in step, on this machine alone.": (
        "4つの模擬サービスがそろっていく様子を、この端末だけで体験します。"
    ),
    "The database: upgrade, backup, restore.": "データベースの更新・バックアップ・復元。",
    "Kill a hub again and again between vendors that fail, and check what became of it.": (
        "障害を起こす模擬サービスの間でハブを何度も強制終了し、結果を検査します。"
    ),
    "Bring the database to the schema of this version. Back it up first.": (
        "データベースをこの版のスキーマに更新します。先にバックアップしてください。"
    ),
    "Only say whether there is anything to do.": "更新の要否を示すだけにします。",
    # common
    "The operator's directory; default: RENKEI_DIR, or the current one.": (
        "設定ディレクトリ（省略時は RENKEI_DIR、なければ現在の場所）。"
    ),
    "One JSON object a line, for machines.": "1行に1つの JSON で出力します。",
    "Say nothing but errors.": "エラー以外は出力しません。",
    "Show the log; -vv in full.": "ログを表示します（-vv で詳細）。",
    "ja or en; default: the configuration's.": "ja または en（省略時は設定に従う）。",
    "Do not ask.": "確認を省きます。",
    "Only say what would be.": "何が起きるかを示すだけにします。",
    "Connections; default: all.": "接続名（省略時はすべて）。",
    "The connection.": "接続名。",
    "Only of this connection.": "この接続だけ。",
    "How many, the newest first.": "表示件数（新しい順）。",
    # check, discover, preview, schema, mapping
    "Ask the vendors too: credentials, scopes, fields.": (
        "相手側にも問い合わせます（認証・権限・項目）。"
    ),
    "List a connection's streams, or a stream's fields. Fields and stages are as the vendor tells "
    "them, with the lead fields they are mapped to.": (
        "接続のストリーム、またはストリームの項目を一覧します。\n\n"
        "相手側の項目とステージを、割り当て先のリード項目とともに示します。"
    ),
    "One stream, with its fields.": "ストリーム名（項目を表示）。",
    "Show what becomes of one record; write nothing. A real record goes through the field map: "
    "values, problems, match keys, the lead it would be.": (
        "1件のレコードがどう読まれるかを確かめます（書き込みなし）。\n\n"
        "実際のレコードを割り当てに通し、値・問題・照合キー・該当リードを示します。"
    ),
    "The stream.": "ストリーム名。",
    "A record at the vendor.": "相手側のレコード ID。",
    "A JSON file with a record as the vendor sends it.": "相手側が送る形の JSON ファイル。",
    "Give the JSON Schemas of the operator's files. They know the options of every installed "
    "connector, and your own stages.": (
        "設定ファイルの JSON Schema を出力します。\n\n"
        "導入済みの全コネクタのオプションと、独自のステージを含みます。"
    ),
    "Write .renkei/schema/*.json, which editors read.": (
        ".renkei/schema/*.json に書き出します（エディター用）。"
    ),
    "Field maps.": "項目の割り当て。",
    "Run the examples in field maps.": "割り当てに書かれた例を検証します。",
    # import, simulate
    "Take in a list (CSV, TSV, XLSX). Shows encoding, header, columns and first rows, then asks. "
    "The same file again changes nothing.": (
        "名簿（CSV・TSV・XLSX）を取り込みます。\n\n"
        "文字コード・見出し・列・先頭の行を示し、確認してから取り込みます。"
        "同じファイルを再度取り込んでも変わりません。"
    ),
    "A CSV, TSV or XLSX list.": "CSV・TSV・XLSX の名簿。",
    "The file connection; default: the only one.": "ファイル取込の接続（1つだけなら省略可）。",
    "How many rows are shown.": "表示する行数。",
    "Take in, but write to nobody yet.": "取り込むだけで、他システムへは書き込みません。",
    "Show how the file would be read; take nothing in.": "読み取り結果を示すだけにします。",
    "Serve simulated vendors on this machine. Runs until Ctrl-C. Prints the addresses, and the "
    "options to put into connections/*.yaml.": (
        "模擬サービスをこの端末で動かします。\n\n"
        "Ctrl-C まで動き、アドレスと connections/*.yaml に書く内容を表示します。"
    ),
    "Connections, or connectors by slug.": "接続名、またはコネクタ名。",
    "The first one's port, then one up; 0: any free.": "先頭のポート（以降は連番、0 は自動）。",
    "How many people to plant.": "用意する人数。",
    # run, up, worker, pause, resume
    "Read, merge, and write what is owed, once. All connections, with the webhooks in store, or "
    "these. Ctrl-C stops after the current page; nothing is lost, and the next run goes on from "
    "there.": (
        "取得・名寄せ・書き込みを1回実行します。\n\n"
        "すべて（受信済みの Webhook を含む）、または指定した接続が対象です。"
        "Ctrl-C ではページの区切りで止まり、"
        "失われるものはなく、次回は続きから再開します。"
    ),
    "Read only this stream. May repeat.": "このストリームだけ取得します（複数可）。",
    "Go on: run again and again until Ctrl-C.": "Ctrl-C まで繰り返します。",
    "Seconds between two runs with --watch.": "--watch の間隔（秒）。",
    "Show what is owed to whom; read and write nothing.": (
        "書き込み予定を示すだけにします（読み書きなし）。"
    ),
    "Run the hub until Ctrl-C. Webhooks, schedules and workers in one process.": (
        "Renkei を常駐させます。\n\nWebhook・スケジュール・ワーカーを1プロセスで動かします。"
    ),
    "Take webhooks in at the address of `listen`.": "`listen` のアドレスで Webhook を受けます。",
    "Work in this process, too.": "このプロセスで処理も行います。",
    "Run one more worker host. Takes jobs from the broker that renkei.yaml names, until Ctrl-C.": (
        "ワーカーを1台追加で動かします。\n\nrenkei.yaml の broker から仕事を受け取ります。"
    ),
    "Answer /healthz, /readyz and /metrics there.": (
        "このアドレスで /healthz・/readyz・/metrics に答えます。"
    ),
    "Ask a hub that is up, or a worker, whether it is ready. For the health check of a container: "
    "exit code 0 where it is.": (
        "稼働中の Renkei（またはワーカー）が仕事をできる状態か尋ねます。\n\n"
        "コンテナのヘルスチェック用です。終了コード 0 なら稼働できます。"
    ),
    "Where it listens; default: `listen` of renkei.yaml.": (
        "待ち受けアドレス（省略時は renkei.yaml の listen）。"
    ),
    "Leave a connection alone for now. It is neither read nor written; what is owed to it is "
    "kept.": "接続を一時停止します。\n\n読み書きを止め、書き込み待ちは保持します。",
    "Why, for whoever looks.": "理由（確認する人のために）。",
    "Use a connection again. One that was paused, or that had to be signed in again.": (
        "接続を再開します。\n\n一時停止中、または再認証待ちだった接続が対象です。"
    ),
    # status, runs, errors, retry
    "Show how the hub stands. Leads by stage, each connection, what is owed and what is set aside. "
    "Ends with 5 where a connection must be signed in again.": (
        "現在の状態を示します。\n\n"
        "ステージ別リード数・各接続・書き込み待ち・保留。"
        "再認証が必要な接続があれば 5 で終わります。"
    ),
    "List what ran, with counts and errors.": "実行の履歴を、件数とエラーとともに示します。",
    "One run, with what it set aside.": "1回の実行と、その保留を表示します。",
    "List what was set aside and needs a person. Why, which record, and what to do; -v shows what "
    "was sent and received.": (
        "人の確認が必要な保留を一覧します。\n\n"
        "理由・レコード・対処を示します。-v で送受信内容も表示します。"
    ),
    "Only with this error code.": "このエラーコードだけ。",
    "Only of a kind: record, field, change, hook, stage, conflict, limit, handoff.": (
        "種類で絞ります（record・field・change・hook・stage・conflict・limit・handoff）。"
    ),
    "Give what was set aside another try. It is tried now; what fails again is set aside again. "
    "With --all, or --connection alone, so is what failed for now and waits for its next try.": (
        "保留を再試行します。\n\nただちに試し、再び失敗したものは保留に戻ります。"
        "--all、または --connection だけを指定したときは、次の試行を待っているものも試します。"
    ),
    "Numbers that `renkei errors` shows.": "`renkei errors` が示す番号。",
    "All that was set aside.": "すべての保留。",
    "Only put back; the next run takes it up.": "戻すだけにし、次回の実行に任せます。",
    # lead, explain
    "Show a lead, or correct it by hand. Values, records, stages and deals. A value set by hand "
    "wins over every system and is written to all of them.": (
        "リードを表示し、手動で直します。\n\n"
        "値・レコード・ステージ・商談を示します。手動の値はどのシステムより優先され、"
        "すべてに書き込まれます。"
    ),
    "An id, an e-mail, a record's id, or part of a name or company.": (
        "ID・メール・レコード ID・氏名や会社名の一部。"
    ),
    "Put the lead at this stage by hand.": "ステージを手動で変えます。",
    "Why; due with --stage and to grant a consent, and kept.": (
        "理由（--stage と同意の付与では必須、記録に残ります）。"
    ),
    "Set a field by hand; it wins. May repeat.": "項目を手動で設定します（優先、複数可）。",
    "Take a hand edit back. May repeat.": "手動の設定を取り消します（複数可）。",
    "Whose decision; default: who is logged in here.": "変更者（省略時はログイン名）。",
    "Show what would change; change nothing.": "変わる内容を示すだけにします。",
    "Say why a lead is what it is. Who said each value, when, by which rule it won, what lost, and "
    "which event brought it; how the stage came about; which company it is; why its records are "
    "taken for one person.": (
        "リードがなぜこの値なのかを説明します。\n\n"
        "各値の出どころ・日時・採用の理由・不採用の値・きっかけ、ステージの経緯、会社の判定、"
        "同一人物と判定した理由を示します。"
    ),
    "One field, or stage, account or match; default: everything.": (
        "項目名、stage、account、match のいずれか（省略時はすべて）。"
    ),
    # connectors
    "Connectors: list, begin, test.": "コネクタの一覧・作成・検証。",
    "List every connector there is. Ours, those of installed packages, and the directory's own.": (
        "使えるコネクタを一覧します。\n\n付属のもの・追加パッケージ・自作のすべて。"
    ),
    "Begin a connector of your own. Writes a package that is listed, and that says what is still "
    "to be written.": (
        "コネクタの自作を始めます。\n\n一覧に載り、未実装の箇所を教えるひな形を書き出します。"
    ),
    "What the vendor is called, e.g. Meibo CRM.": "サービスの名前（例: Meibo CRM）。",
    "Its role: form, ma, sfa, crm or communication.": ("役割: form・ma・sfa・crm・communication。"),
    "The directory that gets it; name it under `plugins:`.": (
        "書き出し先（`plugins:` に書いてください）。"
    ),
    "Run the contract that every connector passes. Over its simulator; needs pytest.": (
        "全コネクタ共通の契約テストを実行します。\n\n"
        "模擬サービスに対して行います（pytest が必要）。"
    ),
    "Connectors; default: all.": "コネクタ名（省略時はすべて）。",
    "A directory with connectors of your own.": "自作コネクタのディレクトリ。",
}
"""English, its white space evened out, → Japanese."""


def key(text: str) -> str:
    """A text as the table knows it."""
    return " ".join(text.split())


def texts(command: Any) -> list[str]:
    """Every text of a command's help, and of those below it, as the table knows them."""
    found = [one for one in (command.help, getattr(command, "epilog", None)) if one]
    found += [one.help for one in command.params if getattr(one, "help", None)]
    found = [key(one) for one in found]
    for below in getattr(command, "commands", {}).values():
        found += texts(below)
    return found


def translated(command: Any) -> None:
    """Have a command, and those below it, help in Japanese."""
    for holder in (command, *command.params):
        for name in ("help", "epilog", "short_help"):
            text = getattr(holder, name, None)
            if text:
                setattr(holder, name, JA.get(key(text), text))
    for below in getattr(command, "commands", {}).values():
        translated(below)
