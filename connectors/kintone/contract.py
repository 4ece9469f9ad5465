"""kintone on the bench of the contract suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

from connectors.kintone.simulator import LEADS, TOKEN, Simulator
from connectors.kit.base import Change, Hook
from connectors.kit.rehearsal import Rehearsal

STREAM = "records:leads"
SECRET = "kintone-rehearsal-hook-secret"  # noqa: S105 - of the rehearsal, opens nothing
ADDRESS = f"https://renkei.example/hooks/kintone?token={SECRET}"
FAMILIES = ("佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村")
GIVEN = ("花子", "太郎", "美咲", "健一", "陽子", "大輔", "直美", "翔")
COMPANIES = ("株式会社みなと製作所", "青葉商事株式会社", "合同会社ひかり", "有限会社さくら工業")


@dataclass
class Bench:
    """Stirs one simulated domain."""

    simulator: Simulator
    made: int = 0

    def person(self) -> dict[str, str]:
        """The next invented lead, as field codes and values."""
        self.made += 1
        family = FAMILIES[self.made % len(FAMILIES)]
        given = GIVEN[self.made // len(FAMILIES) % len(GIVEN)]
        return {
            "氏名": f"{family} {given}",
            "姓": family,
            "名": given,
            "会社名": COMPANIES[self.made % len(COMPANIES)],
            "メールアドレス": f"lead{self.made}@kintone.example.jp",
            "ステージ": "リード",
            "メール配信": "許可",
        }

    def seed(self, count: int) -> None:
        """Plant leads."""
        self.simulator.import_records(LEADS, [self.person() for _ in range(count)])

    def change_one(self) -> tuple[str, str]:
        """Edit the oldest lead at the screen."""
        record = self._oldest()
        self.simulator.edit_record(LEADS, record, {"役職": "部長"})
        return STREAM, record

    def delete_one(self) -> tuple[str, str]:
        """Delete the oldest lead at the screen."""
        record = self._oldest()
        self.simulator.delete_record(LEADS, record)
        return STREAM, record

    def changes(self, count: int) -> Sequence[Change]:
        """New leads to push."""
        people = [self.person() for _ in range(count)]
        return [
            Change(STREAM, f"ld_{person['メールアドレス'].partition('@')[0]}", person)
            for person in people
        ]

    def unknown_field(self) -> Change:
        """A new lead with a field code that the app does not have."""
        person = self.person()
        return Change(
            STREAM,
            f"ld_{person['メールアドレス'].partition('@')[0]}",
            {**person, "存在しないフィールド": "値"},
        )

    def hook(self) -> Hook:
        """What the app's webhook posts when the oldest lead is edited."""
        self.simulator.set_webhook(LEADS, ADDRESS)
        if not self.simulator.rows(LEADS):
            self.seed(1)
        self.change_one()
        sent = self.simulator.deliveries[-1]
        return Hook(sent.method, sent.url, dict(sent.headers), sent.body, self._now())

    def forged(self) -> Hook:
        """A post to an address without the secret."""
        body = orjson.dumps({"id": "x", "type": "DELETE_RECORD", "app": {"id": str(LEADS)}})
        url = ADDRESS.replace(SECRET, "guessed")
        return Hook("POST", url, {"content-type": "application/json"}, body, self._now())

    def _oldest(self) -> str:
        return min(self.simulator.rows(LEADS), key=int)

    def _now(self) -> datetime:
        return self.simulator.now()


def rehearsal(tmp_path: Path) -> Rehearsal:  # noqa: ARG001 - its state is in memory
    """A domain with one app, リード管理, and everything that can be done to it."""
    simulator = Simulator()
    bench = Bench(simulator)
    return Rehearsal(
        options={
            "base_url": "http://127.0.0.1:8080",
            "api_tokens": [TOKEN],
            "apps": {"leads": {"app": LEADS, "kind": "lead", "key_field": "renkei_id"}},
            "hook_secret": SECRET,
        },
        streams=[STREAM],
        seed=bench.seed,
        simulator=simulator,
        change_one=bench.change_one,
        delete_one=bench.delete_one,
        changes=bench.changes,
        unknown_field=bench.unknown_field,
        hook=bench.hook,
        forged=bench.forged,
        revoke=simulator.revoke,
    )
