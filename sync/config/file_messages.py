"""What mistakes in a file as such, and in its references, are called; see messages.py."""

from __future__ import annotations

_OPEN = "Save the file as UTF-8."
_OPEN_JA = "UTF-8 で保存し直してください。"

FILE_MESSAGES: dict[str, tuple[str, str, str, str]] = {
    # The file
    "NO_ROOT": (
        "there is no directory {name}",
        "ディレクトリ {name} がありません",
        'Name an existing directory, or make one with "renkei init".',
        "既存のディレクトリを指定するか、「renkei init」で作成してください。",
    ),
    "NO_HUB_FILE": (
        "there is no renkei.yaml here",
        "renkei.yaml がありません",
        'Make one with "renkei init", or go to the directory that holds it.',
        "「renkei init」で作成するか、renkei.yaml のあるディレクトリで実行してください。",
    ),
    "UNREADABLE": (
        "the file cannot be read: {why}",
        "ファイルを読めません: {why}",
        "Check its permissions.",
        "アクセス権を確認してください。",
    ),
    "NOT_UTF8": (
        "the file is not UTF-8; it looks like {looks}",
        "ファイルが UTF-8 ではありません（{looks} のようです）",
        _OPEN,
        _OPEN_JA,
    ),
    "TOO_LARGE": (
        "the file is larger than {most} bytes",
        "ファイルが {most} バイトを超えています",
        "Split it, or remove what is not configuration.",
        "分割するか、設定以外の内容を取り除いてください。",
    ),
    "TOO_DEEP": (
        "the file is nested more than {most} levels deep",
        "入れ子が {most} 段を超えています",
        "Write it flatter.",
        "入れ子を浅くしてください。",
    ),
    "BAD_CHARACTER": (
        "a control character that YAML does not allow",
        "YAML で使えない制御文字があります",
        "Delete it; it often comes along when text is pasted.",
        "その文字を削除してください（貼り付け時に混入しがちです）。",
    ),
    "TAB": (
        "the line is indented with a tab",
        "字下げにタブが使われています",
        "Indent with spaces, two a level.",
        "1段につき半角スペース2個で字下げしてください。",
    ),
    "INDENT": (
        "this does not fit the lines above: indentation, or a colon too many",
        "上の行と合いません（字下げの誤り、または余分なコロン）",
        "Line it up with its neighbours; put a text with a colon in quotes.",
        "前後の行と桁をそろえ、コロンを含む文字列は引用符で囲んでください。",
    ),
    "OPEN_QUOTE": (
        "a quote is opened here and never closed",
        "ここで始まる引用符が閉じられていません",
        "Close the quote.",
        "引用符を閉じてください。",
    ),
    "SYNTAX": (
        "this is no YAML: {why}",
        "YAML として読めません: {why}",
        "Put a text with special characters in quotes.",
        "記号を含む文字列は引用符で囲んでください。",
    ),
    "TWO_DOCUMENTS": (
        "a second document begins here",
        "ここから2つ目の文書が始まっています",
        "Remove the line ---, or put the second part in a file of its own.",
        "「---」の行を削除するか、別のファイルに分けてください。",
    ),
    "UNDEFINED_ALIAS": (
        "the alias names an anchor that does not exist",
        "参照先のアンカーがありません",
        "Write the value out; put a text that begins with * in quotes.",
        "値を直接書いてください。* で始まる文字列は引用符で囲みます。",
    ),
    "ALIASES": (
        "aliases that multiply, or more than {most} of them",
        "エイリアスが増殖しているか、{most} 個を超えています",
        "Write the values out.",
        "エイリアスを使わず値を直接書いてください。",
    ),
    "TAG": (
        "the tag {tag} is not allowed",
        "タグ {tag} は使えません",
        "Remove it; put a text that begins with ! in quotes.",
        "タグを削除してください。! で始まる文字列は引用符で囲みます。",
    ),
    "MERGE_KEY": (
        "<<: is not supported",
        "<<: は使えません",
        "Write the keys out.",
        "キーを直接書いてください。",
    ),
    "BAD_KEY": (
        "a key must be a word or a number",
        "キーには語か数を書きます",
        "Put it in quotes.",
        "引用符で囲んでください。",
    ),
    "DUPLICATE_KEY": (
        '"{key}" is written twice; the first is in line {first}',
        "「{key}」が重複しています（最初は {first} 行目）",
        "Remove one of the two.",
        "どちらかを削除してください。",
    ),
    "NOT_A_MAPPING": (
        "the file must hold keys and values",
        "ファイルには「キー: 値」を書きます",
        "Begin with a key, as in connector: hubspot.",
        "「connector: hubspot」のようにキーから書き始めてください。",
    ),
    "WRONG_SUFFIX": (
        "the file is not read: its name does not end in .yaml",
        "拡張子が .yaml ではないため読み込まれません",
        "Rename it to {name}.",
        "{name} に改名してください。",
    ),
    "UNKNOWN_FILE": (
        "{name} is not read by the hub",
        "{name} は読み込まれません",
        "Rename it, or move it elsewhere.",
        "改名するか、別の場所に移してください。",
    ),
    # References and secrets
    "BAD_REFERENCE": (
        "{text} is no reference",
        "{text} は参照として正しくありません",
        "Write ${{env:NAME}}, ${{env:NAME:-default}} or ${{file:path}}.",
        "${{env:NAME}}、${{env:NAME:-既定値}}、${{file:パス}} のいずれかで書いてください。",
    ),
    "BAD_VARIABLE": (
        '"{name}" cannot be the name of an environment variable',
        "「{name}」は環境変数名として使えません",
        "Use letters, digits and _ only: ${{env:HUBSPOT_TOKEN}}.",
        "英字・数字・_ だけを使います: ${{env:HUBSPOT_TOKEN}}",
    ),
    "NO_VARIABLE": (
        "the environment variable {name} is not set, or is empty",
        "環境変数 {name} が設定されていないか、空です",
        "Set {name} (in .env or the service's environment), or write ${{env:{name}:-default}}.",
        "{name} を設定するか（.env など）、${{env:{name}:-既定値}} と書いてください。",
    ),
    "NO_FILE": (
        'there is no file "{name}"',
        "ファイル「{name}」がありません",
        "Paths are relative to the directory of renkei.yaml; or write an absolute path.",
        "renkei.yaml のあるディレクトリからの相対パスか、絶対パスで書いてください。",
    ),
    "BAD_FILE": (
        'the file "{name}" cannot be used ({why})',
        "ファイル「{name}」を使えません（{why}）",
        "It must be a small text file in UTF-8 that this user may read.",
        "このユーザーが読める、UTF-8 の小さなテキストファイルにしてください。",
    ),
    "SECRET_LITERAL": (
        '"{name}" is a secret: secrets only by reference',
        "「{name}」は秘密の値です。参照でのみ指定できます",
        "Write ${{env:NAME}} or ${{file:path}}, and change the secret if this file was shared.",
        "${{env:NAME}} か ${{file:パス}} で書き、共有済みなら値を再発行してください。",
    ),
    "SECRET_DEFAULT": (
        '"{name}" is a secret: its reference may have no default',
        "「{name}」は秘密の値です。参照に既定値は書けません",
        "Remove what follows :- in the reference.",
        "参照の「:-」以降を削除してください。",
    ),
    "SECRET_IN_URL": (
        '"{name}" holds a password in clear',
        "「{name}」にパスワードがそのまま書かれています",
        "Write ${{env:NAME}} in the place of the password, or of the whole address.",
        "パスワード部分、またはアドレス全体を ${{env:NAME}} で書いてください。",
    ),
}
"""By code: message, 文, hint, 対処."""
