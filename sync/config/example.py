"""A starter directory for ``renkei init``: every option with a word about it, secrets by reference.

What is written depends on the connectors that are asked for, and is never written over what is
there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sync.config.schema import first_line
from sync.config.starters import Starter, starter_of

if TYPE_CHECKING:
    from connectors.registry import Installed, Registry

_REFERENCE = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)(:-[^}]*)?\}")

HUB = {
    "ja": """\
{schema}
# Renkei の設定。秘密の値は ${{env:名前}} か ${{file:パス}} で参照します。
# 変更したら「renkei check」で確認してください。
database: ${{env:RENKEI_DATABASE:-sqlite:///data/renkei.sqlite3}}
# 相手側のサービスから届くアドレス（Webhook 用）
public_url: ${{env:RENKEI_PUBLIC_URL:-http://127.0.0.1:8420}}
listen: 127.0.0.1:8420
timezone: Asia/Tokyo
language: ja
# 保存されるトークンを暗号化する鍵。指定しなければ .renkei/key に作られます。
# key: ${{env:RENKEI_KEY}}

# 値が食い違うとき、どの接続を信じるか（左ほど強い）
trust:
  default: [{trust}]
  fields: {{}}
  # 項目ごとに変えられます。例:
  # fields:
  #   phone: [sfa, crm]

retention:
  inbox_days: 30
  runs_days: 365
""",
    "en": """\
{schema}
# Renkei's configuration. Secrets are references: ${{env:NAME}} or ${{file:path}}.
# After a change, run "renkei check".
database: ${{env:RENKEI_DATABASE:-sqlite:///data/renkei.sqlite3}}
# Where vendors reach this hub's webhooks.
public_url: ${{env:RENKEI_PUBLIC_URL:-http://127.0.0.1:8420}}
listen: 127.0.0.1:8420
timezone: Asia/Tokyo
language: en
# The key that stored tokens are encrypted with. Left out, one is made in .renkei/key.
# key: ${{env:RENKEI_KEY}}

# Whom to believe when values differ, most trusted first.
trust:
  default: [{trust}]
  fields: {{}}
  # Single fields may differ, e.g.:
  # fields:
  #   phone: [sfa, crm]

retention:
  inbox_days: 30
  runs_days: 365
""",
}
FIELDS_README = {
    "ja": """\
# 項目マップ

接続ごとに `<接続名>.yaml` を置き、コネクタの既定のマップと**違うところだけ**を書きます。
実際のレコードがどう読まれるかは「renkei preview <接続名> <ストリーム>」で確認できます。

```yaml
# fields/crm.yaml
contacts:
  fields:
    department: busho_mei          # 自社の項目「部署名」
    interest: {from: kyomi, direction: pull}
    fax: null                      # 既定の行を使わない
  stage:
    read: {trial: [sql]}           # 選択肢を追加した場合
```
""",
    "en": """\
# Field maps

One `<connection>.yaml` for a connection, holding **only what differs** from the connector's default
map. "renkei preview <connection> <stream>" shows a real record read through it.

```yaml
# fields/crm.yaml
contacts:
  fields:
    department: busho_mei          # a property of your own
    interest: {from: kyomi, direction: pull}
    fax: null                      # take a default line out
  stage:
    read: {trial: [sql]}           # a status that you added
```
""",
}
GITIGNORE = """\
# Secrets and data do not belong in Git.
.env
/.renkei/key
*.pem
/data/
/secrets/
"""
ENV_HEAD = {
    "ja": "# .env に写し、値を入れてください。.env は Git に入りません。\n",
    "en": "# Copy to .env and fill in the values. Git ignores .env.\n",
}


def init(
    root: Path, connectors: Sequence[str], language: str, *, registry: Registry | None = None
) -> list[Path]:
    """Write a starter directory for some connectors; the files that were written.

    A file that is there stays as it is. The connections are named for the role they play: ``form``,
    ``ma``, ``sfa``, ``crm``; a second one of a role is named for its connector. Raises
    UnknownConnector before anything is written.
    """
    if registry is None:
        from connectors.registry import find

        registry = find()
    tongue = "ja" if language == "ja" else "en"
    files = dict(_files([registry.get(slug) for slug in connectors], tongue))
    written = []
    for name, text in files.items():
        path = root / name
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def names_of(installed: Sequence[Installed]) -> dict[str, Installed]:
    """A name for each connection, by the first role that is not taken yet."""
    names: dict[str, Installed] = {}
    for one in installed:
        wanted = (*starter_of(one).names, *one.manifest.roles, one.slug)
        spare = [f"{one.slug}-{number}" for number in range(2, len(installed) + 2)]
        name = next(name for name in (*wanted, *spare) if name not in names)
        names[name] = one
    return names


def _files(installed: Sequence[Installed], language: str) -> Iterator[tuple[str, str]]:
    connections = {name: _connection(one, language) for name, one in names_of(installed).items()}
    hub = HUB[language].format(
        schema=first_line("renkei", depth=0), trust=", ".join(_by_trust(names_of(installed)))
    )
    yield "renkei.yaml", hub
    for name, text in connections.items():
        yield f"connections/{name}.yaml", text
    yield "fields/README.md", FIELDS_README[language]
    yield ".gitignore", GITIGNORE
    yield ".env.example", _env([hub, *connections.values()], language)


def _by_trust(names: dict[str, Installed]) -> list[str]:
    """Sales knows people best, then marketing, then what they typed, then lists."""
    order = ("sfa", "crm", "ma", "form", "communication", "ads", "file")
    roles = {n: n if n in order else one.manifest.roles[0] for n, one in names.items()}
    return sorted(names, key=lambda name: order.index(roles[name]))


def _connection(installed: Installed, language: str) -> str:
    manifest = installed.manifest
    title = (manifest.name_ja or manifest.name) if language == "ja" else manifest.name
    told = manifest.description.ja if language == "ja" else manifest.description.en
    head = [first_line("connection", depth=1), f"# {title}: {told or manifest.description.en}"]
    body = _in(starter_of(installed), language)
    return "\n".join([*head, f"connector: {installed.slug}", body.rstrip("\n"), ""])


def _in(starter: Starter, language: str) -> str:
    """The text in one language: ``# ja | en`` comments keep their half."""
    lines = []
    for line in starter.text.splitlines():
        before, marked, comment = line.partition("#: ")
        if not marked:
            lines.append(line)
            continue
        ja, _, en = comment.partition(" | ")
        lines.append(f"{before}# {ja if language == 'ja' else en or ja}")
    return "\n".join(lines)


def _env(texts: Sequence[str], language: str) -> str:
    """A line for each variable; of what is optional, or has a default, behind a #."""
    lines = {"": ENV_HEAD[language]}
    for line in (line for text in texts for line in text.splitlines()):
        for name, default in _REFERENCE.findall(line):
            optional = default or line.lstrip().startswith("#")
            value = default.removeprefix(":-")
            if name != "NAME":
                lines.setdefault(name, f"# {name}={value}\n" if optional else f"{name}=\n")
    return "".join(lines.values())
