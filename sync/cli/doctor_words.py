"""What ``renkei doctor`` says, in Japanese and English, and its help in Japanese."""

from __future__ import annotations

DOCTOR: dict[str, tuple[str, str]] = {
    "doctor.sum": (
        "OK {ok} 件、WARN {warnings} 件、FAIL {failures} 件",
        "{ok} OK, {warnings} WARN, {failures} FAIL",
    ),
    "doctor.broke": ("確認そのものが失敗しました（{why}）", "the check itself failed ({why})"),
    "doctor.broke_fix": (
        "renkei doctor -vv のログを見てください",
        "look at the log of renkei doctor -vv",
    ),
    "doctor.slow": ("{seconds} 秒以内に答えがありません", "no answer within {seconds} s"),
    "doctor.slow_fix": (
        "接続先が動いているか、ネットワークで届くかを確かめてください",
        "see whether what is asked is up, and reachable from this host",
    ),
    "doctor.python": ("Python {version}（{packages}）", "Python {version} ({packages})"),
    "doctor.python_old": (
        "Python {version} は古すぎます（{packages}）",
        "Python {version} is too old ({packages})",
    ),
    "doctor.python_old_fix": (
        "Python {needed} 以降に入れ直してください",
        "install into Python {needed} or newer",
    ),
    "doctor.names": ("名前の重なるパッケージはありません", "no other package has one of our names"),
    "doctor.names_taken": ("{why}", "{why}"),
    "doctor.names_taken_fix": (
        "専用の仮想環境に入れ直してください",
        "install into an environment of its own",
    ),
    "doctor.config": ("誤りなし（接続 {count} 件）", "no mistakes (connections: {count})"),
    "doctor.config_warnings": ("警告 {count} 件", "{count} warnings"),
    "doctor.config_warnings_fix": ("renkei check", "renkei check"),
    "doctor.config_wrong": (
        "誤り {count} 件。最初は {where}: {why}",
        "{count} mistakes, first {where}: {why}",
    ),
    "doctor.config_wrong_fix": ("renkei check", "renkei check"),
    "doctor.key": ("{path} は所有者だけが読めます", "{path} is readable by its owner only"),
    "doctor.key_set": ("設定の key を使います", "the one that `key` refers to"),
    "doctor.key_none": (
        "まだありません。最初に必要になったときに作ります",
        "none yet; made when it is first needed",
    ),
    "doctor.key_open": (
        "{path} をほかの人も読めます（{mode}）",
        "{path} is readable by others ({mode})",
    ),
    "doctor.key_open_fix": ("chmod 600 {path}", "chmod 600 {path}"),
    "doctor.sealed": ("鍵でデータが開きます", "the key opens what is stored"),
    "doctor.sealed_none": ("暗号化したものはまだありません", "nothing is sealed yet"),
    "doctor.sealed_wrong": (
        "この鍵ではデータが開きません",
        "the key does not open what is stored",
    ),
    "doctor.sealed_wrong_fix": (
        "保存時の鍵を戻してください（新しい鍵の後ろにコンマで並べます）",
        "put the key back that it was stored with, behind the new one after a comma",
    ),
    "doctor.database": ("{name} {version} が答えます", "{name} {version} answers"),
    "doctor.database_none": ("{path} がまだありません", "there is no {path} yet"),
    "doctor.database_none_fix": ("renkei db upgrade", "renkei db upgrade"),
    "doctor.database_silent": ("{name} が答えません（{why}）", "{name} does not answer ({why})"),
    "doctor.database_silent_fix": (
        "起動しているか、renkei.yaml の database を確かめてください",
        "see whether it is up, and look at `database` in renkei.yaml",
    ),
    "doctor.database_old": ("{name} {version} は古すぎます", "{name} {version} is too old"),
    "doctor.database_old_fix": (
        "{name} {least} 以降にしてください",
        "move to {name} {least} or newer",
    ),
    "doctor.schema": ("スキーマは最新です（{at}）", "the schema is this version's ({at})"),
    "doctor.schema_old": (
        "スキーマが {at} のままです（必要なのは {head}）",
        "the schema is at {at}; this version needs {head}",
    ),
    "doctor.schema_old_fix": (
        "renkei db backup FILE のあと renkei db upgrade",
        "renkei db backup FILE, then renkei db upgrade",
    ),
    "doctor.schema_new": (
        "スキーマ {at} はこの版（{head}）より新しいものです",
        "the schema {at} is newer than this version ({head})",
    ),
    "doctor.schema_ahead": (
        "スキーマ {at} はこの版（{head}）より新しいものですが、この版でも使えます",
        "the schema {at} is newer than this version ({head}), which can use it",
    ),
    "doctor.schema_ahead_fix": (
        "順次更新の途中でなければ、データベースを更新した版を入れてください",
        "unless a rolling upgrade is going on, install the Renkei that upgraded it",
    ),
    "doctor.schema_new_fix": (
        "データベースを更新した版の Renkei を入れてください",
        "install the Renkei that upgraded it",
    ),
    "doctor.file": ("壊れていません（{size} MB、WAL）", "sound ({size} MB, WAL)"),
    "doctor.file_large": (
        "WAL です（{size} MB。大きいため中身は renkei db backup で確かめます）",
        "WAL ({size} MB; too large to read through here, renkei db backup does)",
    ),
    "doctor.file_remote": (
        "{path} はネットワーク上のファイルシステム（{kind}）です",
        "{path} is on a network file system ({kind})",
    ),
    "doctor.file_remote_fix": (
        "このホストのディスクに移すか、PostgreSQL を使ってください",
        "move it to a disk of this host, or use PostgreSQL",
    ),
    "doctor.file_mode": ("WAL ではありません（{mode}）", "not in WAL mode ({mode})"),
    "doctor.file_mode_fix": (
        "ファイルシステムが共有メモリーを使えるか確かめてください",
        "see whether the file system can share memory, as WAL needs",
    ),
    "doctor.file_damaged": ("壊れています（{why}）", "damaged ({why})"),
    "doctor.file_damaged_fix": (
        "すべて止めて renkei db restore FILE",
        "stop everything, then renkei db restore FILE",
    ),
    "doctor.disk": ("空き {free} GB（{percent}%）", "{free} GB free ({percent}%)"),
    "doctor.disk_tight": (
        "{path} の空きが {free} GB（{percent}%）しかありません",
        "only {free} GB ({percent}%) free at {path}",
    ),
    "doctor.disk_tight_fix": (
        "空きを増やすか、retention を短くしてください",
        "make room, or shorten `retention`",
    ),
    "doctor.disk_full": (
        "{path} に空きがほとんどありません（{free} GB、{percent}%）",
        "hardly any room at {path} ({free} GB, {percent}%)",
    ),
    "doctor.disk_full_fix": (
        "空きを作ってください。それまで受け取れません",
        "make room; nothing can be taken in until then",
    ),
    "doctor.clock": (
        "データベースの時計との差 {seconds} 秒",
        "{seconds} s apart from the database's",
    ),
    "doctor.clock_one": ("データベースと同じ時計です", "the database's is the same"),
    "doctor.clock_apart": (
        "データベースの時計と {seconds} 秒ずれています",
        "{seconds} s apart from the database's",
    ),
    "doctor.clock_apart_fix": (
        "両方のホストで NTP を動かしてください。署名の検査は 5 分までしか許しません",
        "run NTP on both hosts; signatures of webhooks allow five minutes",
    ),
    "doctor.broker": ("{host} の {kind} が答えます", "{kind} at {host} answers"),
    "doctor.broker_none": ("このプロセスの中です", "in this process"),
    "doctor.broker_unusable": ("{why}", "{why}"),
    "doctor.broker_unusable_fix": (
        "renkei.yaml の broker を直してください",
        "correct `broker` in renkei.yaml",
    ),
    "doctor.broker_silent": ("{host} が答えません（{why}）", "{host} does not answer ({why})"),
    "doctor.broker_silent_fix": (
        "仕事はデータベースで待っています。ブローカーを起動してください",
        "work waits in the database; start the broker",
    ),
    "doctor.url": ("{url}/healthz が答えます", "{url}/healthz answers"),
    "doctor.url_other": ("{url}/healthz が {status} を返します", "{url}/healthz answers {status}"),
    "doctor.url_other_fix": (
        "プロキシの転送先が listen のアドレスか確かめてください",
        "see whether the proxy passes on to the address of `listen`",
    ),
    "doctor.url_silent": ("{url} に届きません（{why}）", "{url} cannot be reached ({why})"),
    "doctor.url_silent_fix": (
        "renkei up が動いているか、プロキシと DNS を確かめてください",
        "see whether renkei up runs, and look at the proxy and at DNS",
    ),
    "doctor.connection": ("使えます", "in use"),
    "doctor.connection_asked": ("{account} として認証済み", "signed in as {account}"),
    "doctor.connection_signed_out": ("再認証が必要です（{why}）", "sign in again ({why})"),
    "doctor.connection_signed_out_fix": (
        "認証情報を直し、renkei check --connect {name} のあと renkei resume {name}",
        "correct its credentials, then renkei check --connect {name} and renkei resume {name}",
    ),
    "doctor.connection_token": (
        "保存した認証を開けません（{why}）",
        "its token does not open ({why})",
    ),
    "doctor.connection_token_fix": (
        "保存時の鍵を戻すか、認証し直してください",
        "put the key back that it was stored with, or sign in again",
    ),
    "doctor.connection_paused": ("一時停止中です（{why}）", "paused ({why})"),
    "doctor.connection_paused_fix": ("renkei resume {name}", "renkei resume {name}"),
    "doctor.connection_restored": (
        "復元後にまだ読み終えていません。それまで配信停止だけを書き込みます",
        "restored and not read to its end since; only opt-outs are written until then",
    ),
    "doctor.connection_restored_fix": ("renkei run {name}", "renkei run {name}"),
    "doctor.connection_silent": ("答えません（{why}）", "no answer ({why})"),
    "doctor.connection_silent_fix": (
        "renkei check --connect {name}",
        "renkei check --connect {name}",
    ),
    "doctor.processes": ("{count} 個（{version}）", "{count} at work, all {version}"),
    "doctor.processes_none": ("動いているものはありません", "none at work"),
    "doctor.processes_differ": (
        "版がそろっていません（動いているのは {versions}、これは {mine}）",
        "of other versions than this one: {versions}; this is {mine}",
    ),
    "doctor.processes_differ_fix": (
        "古いものを順に再起動してください",
        "restart the old ones, one after the other",
    ),
    "doctor.leases": ("置き去りの仕事はありません", "nothing was left behind"),
    "doctor.leases_stale": (
        "途中で置かれた仕事が {count} 件あり、引き継がれていません",
        "{count} were begun, left behind and not taken up",
    ),
    "doctor.leases_stale_fix": (
        "renkei up か renkei worker を動かしてください",
        "start renkei up, or renkei worker",
    ),
    "doctor.queues": ("遅れはありません", "nothing is late"),
    "doctor.queues_late": ("遅れています: {queues}", "late: {queues}"),
    "doctor.queues_late_fix": (
        "renkei up が動いているか、renkei runs と renkei quota を見てください",
        "see whether renkei up runs; look at renkei runs and renkei quota",
    ),
    "doctor.schedules": ("{count} 件", "{count}"),
    "doctor.schedules_alone": (
        "スケジュールが {count} 件ありますが、実行するプロセスがありません",
        "{count}, and no process to keep them",
    ),
    "doctor.schedules_alone_fix": ("renkei up", "renkei up"),
    "doctor.aside": ("ありません", "nothing"),
    "doctor.aside_open": ("{count} 件が人の判断を待っています", "{count} wait for a person"),
    "doctor.aside_open_fix": ("renkei errors", "renkei errors"),
}
"""What is said, as (Japanese, English); braces are filled in."""

DOCTOR_HELP: dict[str, str] = {
    "Look whether the installation is well, and say what to do where it is not. A line for each "
    "check: OK, WARN or FAIL. Writes nothing. Ends with 1 where something fails.": (
        "導入環境を点検し、問題があれば対処を示します。\n\n"
        "項目ごとに OK・WARN・FAIL を 1 行で示します。何も書き込みません。FAIL があれば終了コードは"
        " 1 です。"
    ),
    "Ask the vendors, and call public_url as they would.": (
        "接続先にも問い合わせ、public_url を外から来るのと同じように呼びます。"
    ),
}
"""English, its white space evened out, → Japanese."""
