"""Mistakes in YAML, references, renkei.yaml, connections and field maps: one a case.

``‸`` in a file marks where the mistake must be found.
"""

from __future__ import annotations

from dataclasses import dataclass

MARK = "‸"
KINTONE = "connector: kintone\noptions:\n  base_url: https://example.cybozu.com\n"
TOKENS = "  api_tokens: ['${env:KINTONE_TOKEN}']\n"
APPS = "  apps: {leads: {app: 5}}\n"
CRM = KINTONE + TOKENS + APPS
MA = "connector: hubspot\noptions: {token: '${env:HUBSPOT_TOKEN}'}\n"
FORM = "connector: typeform\noptions: {token: '${env:TYPEFORM_TOKEN}'}\n"


@dataclass(frozen=True)
class Case:
    file: str
    text: str
    code: str
    hint: str


def hub(text: str, code: str, hint: str) -> Case:
    return Case("renkei.yaml", f"language: en\n{text}", code, hint)


def crm(text: str, code: str, hint: str) -> Case:
    return Case("connections/crm.yaml", text, code, hint)


def ma(text: str, code: str, hint: str) -> Case:
    return Case("connections/ma.yaml", MA + text, code, hint)


def form(text: str, code: str, hint: str) -> Case:
    return Case("connections/form.yaml", FORM + text, code, hint)


def fields(text: str, code: str, hint: str) -> Case:
    return Case("fields/crm.yaml", text, code, hint)


BOMB = "language: en\ntrust: {default: []}\nx:\n  a: ‸&a [1, 2]\n  b: [" + ", ".join(["*a"] * 30)

CASES = {
    # YAML
    "a key twice": hub("timezone: Asia/Tokyo\n‸timezone: UTC\n", "DUPLICATE_KEY", "Remove one"),
    "a tab": hub("trust:\n‸\tdefault: []\n", "TAB", "spaces"),
    "a tab behind spaces": hub("trust:\n  ‸\tdefault: []\n", "TAB", "spaces"),
    "bad indentation": hub("trust:\n  default: []\n ‸fields: {}\n", "INDENT", "Line it up"),
    "a colon too many": hub("public_url: a‸: b\n", "INDENT", "quotes"),
    "an open quote": hub("public_url: ‸'https://renkei.example\n", "OPEN_QUOTE", "Close"),
    "an at sign": hub("listen: ‸@here\n", "SYNTAX", "quotes"),
    "an alias without its anchor": hub("listen: ‸*star\n", "UNDEFINED_ALIAS", "quotes"),
    "an alias bomb": Case("renkei.yaml", f"{BOMB}]\n", "ALIASES", "Write the values out"),
    "an alias of itself": hub("trust: {default: ‸&a [*a]}\n", "ALIASES", "Write the values out"),
    "a merge key": hub("trust:\n  ‸<<: {default: []}\n", "MERGE_KEY", "Write the keys out"),
    "a tag": hub("listen: ‸!!python/name:os.system x\n", "TAG", "quotes"),
    "a key that is a list": hub("‸[a, b]: 1\n", "BAD_KEY", "quotes"),
    "a control character": hub("listen: ‸\x07\n", "BAD_CHARACTER", "Delete it"),
    "two documents": hub(
        "listen: 127.0.0.1:1\n‸---\nlisten: 127.0.0.1:2\n", "TWO_DOCUMENTS", "---"
    ),
    "a list at the root": Case("renkei.yaml", "‸- language: en\n", "NOT_A_MAPPING", "キー"),
    "a word at the root": fields("‸records\n", "NOT_A_MAPPING", "Begin with a key"),
    # References and secrets
    "a variable that is not set": crm(
        f"{KINTONE}  api_tokens: ['‸${{env:NO_SUCH}}']\n{APPS}", "NO_VARIABLE", "Set NO_SUCH"
    ),
    "a variable within a text": hub(
        "public_url: https://‸${env:NO_HOST}/x\n", "NO_VARIABLE", "${env:NO_HOST:-default}"
    ),
    "a variable with a bad name": hub("listen: ‸${env:my-host}\n", "BAD_VARIABLE", "letters"),
    "a reference cut off": hub("listen: ‸${env:HOST\n", "BAD_REFERENCE", "${env:NAME}"),
    "a file that is not there": hub("key: ‸${file:secrets/key}\n", "NO_FILE", "relative"),
    "a secret in clear": crm(
        f"{KINTONE}  api_tokens: [‸abcDEF123]\n{APPS}", "SECRET_LITERAL", "${env:NAME}"
    ),
    "a secret in clear deep down": Case(
        "connections/ma.yaml",
        "connector: hubspot\noptions:\n  oauth:\n    client_id: x\n    client_secret: ‸shh\n"
        "    refresh_token: ${env:HUBSPOT_TOKEN}\n",
        "SECRET_LITERAL",
        "${file:path}",
    ),
    "a secret that is a number": crm(
        f"{CRM}  hook_secret: ‸12345678\n", "SECRET_LITERAL", "${env:NAME}"
    ),
    "a secret half in clear": hub("key: ‸abc${env:HUBSPOT_TOKEN}\n", "SECRET_LITERAL", "${env"),
    "a secret as a default": hub("key: ‸${env:NO_SUCH:-shh}\n", "SECRET_DEFAULT", "Remove"),
    # renkei.yaml
    "an unknown key": hub("‸databse: sqlite:///x.db\n", "UNKNOWN_KEY", '"database"'),
    "an unknown key below": hub("retention: {‸inbox_day: 3}\n", "UNKNOWN_KEY", '"inbox_days"'),
    "a wrong type": hub("retention: {inbox_days: ‸a month}\n", "WRONG_TYPE", "whole number"),
    "too small a number": hub("retention: {inbox_days: ‸0}\n", "WRONG_TYPE", "at least 1"),
    "a list that is none": hub("plugins: ‸connectors\n", "WRONG_TYPE", "list"),
    "an unknown language": Case("renkei.yaml", "language: ‸eng\n", "WRONG_TYPE", "「en」"),
    "a zone": hub("timezone: ‸Asia/Tokio\n", "BAD_ZONE", '"Asia/Tokyo"'),
    "a zone's short name": hub("timezone: ‸JST\n", "BAD_ZONE", '"Asia/Tokyo"'),
    "two slashes": hub("database: ‸sqlite://data/x.db\n", "BAD_DATABASE", "sqlite:///data/x.db"),
    "another database": hub("database: ‸mysql://h/d\n", "BAD_DATABASE", "postgresql://"),
    "a database without a host": hub("database: ‸postgresql:///d\n", "BAD_DATABASE", "user@host"),
    "a broker": hub("broker: ‸kafka://h:1\n", "BAD_BROKER", "redis://"),
    "a public address": hub("public_url: ‸renkei.example.jp\n", "BAD_URL", "https://"),
    "a port": hub("listen: ‸127.0.0.1:http\n", "BAD_LISTEN", "127.0.0.1:8420"),
    "a plugin directory": hub("plugins: [‸connectors]\n", "NO_PLUGIN", "relative"),
    "trust in nobody": hub("trust: {default: [crm, ‸mma]}\n", "NO_CONNECTION", '"ma"'),
    "trust twice": hub("trust: {default: [crm, ma, ‸crm]}\n", "TWICE", "Remove one"),
    "trust for no field": hub("trust: {fields: {‸e_mail: [crm]}}\n", "UNKNOWN_FIELD", '"email"'),
    "a field's trust in nobody": hub(
        "trust:\n  fields:\n    phone: [‸salesforce]\n", "NO_CONNECTION", "crm, form, ma"
    ),
    "an owner that is none": hub("trust: {owners: {title: ‸sfa}}\n", "NO_CONNECTION", "crm"),
    "an owner of no field": hub("trust: {owners: {‸titel: crm}}\n", "UNKNOWN_FIELD", '"title"'),
    "a policy that is none": hub("trust: {policies: {title: ‸latest}}\n", "WRONG_TYPE", "newest"),
    # Connections
    "a connection's name": Case("connections/My CRM.yaml", f"‸{MA}", "BAD_NAME", "my-crm.yaml"),
    "a suffix": Case("connections/sfa.yml", f"‸{MA}", "WRONG_SUFFIX", "sfa.yaml"),
    "no connector": crm("‸options: {}\n", "MISSING_KEY", "Add connector"),
    "an unknown connector": crm("connector: ‸kinton\n", "UNKNOWN_CONNECTOR", '"kintone"'),
    "a connector nobody has": crm("connector: ‸zzz\n", "UNKNOWN_CONNECTOR", "typeform"),
    "an option": crm(f"{CRM}  ‸pagesize: 5\n", "UNKNOWN_KEY", '"page_size"'),
    "an option too large": crm(f"{CRM}  page_size: ‸501\n", "WRONG_TYPE", "at most 500"),
    "an option below": crm(
        f"{KINTONE}{TOKENS}  apps:\n    leads: {{app: 5, ‸kinds: lead}}\n", "UNKNOWN_KEY", '"kind"'
    ),
    "a choice": crm(
        f"{KINTONE}{TOKENS}  apps: {{leads: {{app: 5, kind: ‸leed}}}}\n", "WRONG_TYPE", '"lead"'
    ),
    "a missing option": crm(
        f"connector: kintone\n‸options:\n{TOKENS}{APPS}", "MISSING_KEY", "base_url"
    ),
    "options that clash": crm(
        f"connector: kintone\n‸options:\n  base_url: https://x.example\n{TOKENS}{APPS}  user: a\n",
        "BAD_OPTIONS",
        "either api_tokens",
    ),
    "an unknown scheme": Case(
        "connections/ma.yaml",
        "connector: salesforce\noptions:\n  auth:\n    scheme: ‸jtw\n    client_id: x\n",
        "WRONG_TYPE",
        '"jwt"',
    ),
    "an option that a connector refuses": Case(
        "connections/ma.yaml",
        "connector: file\noptions:\n  path: data\n  profile: ‸sansann\n",
        "BAD_VALUE",
        "auto",
    ),
    "an unknown stream to read": ma(
        "pull: {streams: [contacts, ‸contcats]}\n", "UNKNOWN_STREAM", '"contacts"'
    ),
    "cron of four": ma("pull: {schedule: {cron: ‸'* * * *'}}\n", "BAD_CRON", "Five fields"),
    "cron out of range": ma("pull: {schedule: {cron: ‸'61 * * * *'}}\n", "BAD_CRON", "*/15"),
    "cron of a day that never comes": ma(
        "pull: {sweep: {cron: ‸'0 9 31 2 *'}}\n", "BAD_CRON", "day"
    ),
    "cron's nickname": ma("pull: {schedule: {cron: ‸'@daily'}}\n", "BAD_CRON", '"0 0 * * *"'),
    "a schedule's zone": ma(
        "pull: {schedule: {cron: '0 9 * * *', timezone: ‸Tokyo}}\n", "BAD_ZONE", '"Asia/Tokyo"'
    ),
    "a schedule without cron": ma("pull: {‸schedule: {overlap: skip}}\n", "MISSING_KEY", "cron"),
    "push where nothing can be pushed": form(
        "push: {stream: ‸responses}\n", "CANNOT_PUSH", "Remove push:"
    ),
    "push to an unknown stream": ma("push: {stream: ‸contact}\n", "UNKNOWN_STREAM", '"contacts"'),
    "push to a stream that is only read": ma("push: {stream: ‸deals}\n", "CANNOT_PUSH", "contacts"),
    "push without a stream": ma("‸push: {create: true}\n", "MISSING_KEY", "stream"),
    "create when a field that is none": ma(
        "push: {stream: contacts, create_when: {‸stages: [mql]}}\n",
        "UNKNOWN_FIELD",
        '"stage"',
    ),
    "create at a stage that is none": ma(
        "push: {stream: contacts, create_when: {stage: [mql, ‸sqll]}}\n", "UNKNOWN_STAGE", '"sql"'
    ),
    "create for a value that never comes": ma(
        "push: {stream: contacts, create_when: {channel: [‸webinor]}}\n",
        "UNKNOWN_CHOICE",
        "webinar",
    ),
    "push an unknown field": ma(
        "push: {stream: contacts, fields: [email, ‸emial]}\n", "UNKNOWN_FIELD", '"email"'
    ),
    "push a field that the map only reads": ma(
        "push: {stream: contacts, fields: [email, ‸score]}\n", "NOT_WRITABLE", "fields/ma.yaml"
    ),
    # Field maps
    "fields of nobody": Case("fields/crn.yaml", "‸records: {}\n", "NO_CONNECTION", '"crm"'),
    "fields of an unknown stream": fields("‸record: {}\n", "UNKNOWN_STREAM", '"records"'),
    "an unknown field": fields(
        "records:\n  fields:\n    ‸departmnt: 部署\n", "UNKNOWN_FIELD", '"department"'
    ),
    "an unknown operator": fields(
        "records:\n  fields:\n    phone: {‸form: 電話}\n", "UNKNOWN_OPERATOR", '"from"'
    ),
    "an unknown type": fields(
        "records:\n  fields:\n    phone: {from: 電話, as: ‸phon}\n", "UNKNOWN_TYPE", '"phone"'
    ),
    "a date format": fields(
        "records:\n  fields:\n    occurred_on: {from: 日付, formats: [‸'%H:%M']}\n",
        "BAD_FORMAT",
        "%Y",
    ),
    "a stage that is none": fields(
        "records:\n  stage:\n    read: {新規: [‸inquery]}\n", "UNKNOWN_STAGE", '"inquiry"'
    ),
    "a stage that is written and never read": fields(
        "records:\n  stage:\n    write: {‸mql: 有望}\n", "NOT_REVERSIBLE", "add mql to read"
    ),
    "two lines that write one field": fields(
        "records:\n  fields:\n    ‸fax: 電話番号\n", "DOUBLE_WRITE", "direction: pull"
    ),
    "a line that writes what a default line writes": fields(
        "records:\n  fields:\n    ‸full_name: メモ\n", "DOUBLE_WRITE", "direction: pull"
    ),
    "another kind than the stream's": fields("records: {kind: ‸deal}\n", "BAD_KIND", "lead"),
    "a key that a stream does not have": fields(
        "records: {‸feilds: {}}\n", "UNKNOWN_KEY", "fields"
    ),
}
