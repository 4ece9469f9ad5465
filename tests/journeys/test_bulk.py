"""A first load large enough goes out by Salesforce's bulk jobs, and once."""

from __future__ import annotations

from typing import Any

from sync.workers import jobs


def test_a_large_first_load_goes_out_as_one_bulk_job(world: Any) -> None:
    world.options["sfa"]["bulk_push_threshold"] = 200
    world.pushes = {"sfa": world.pushes["sfa"]}
    world.hub = world.open()
    people = [
        {
            "氏名": f"佐藤 花子{n}",
            "会社名": f"青空製作所{n}",
            "メールアドレス": f"p{n}@c{n}.example",
        }
        for n in range(230)
    ]
    world.crm.import_records(5, people)
    world.tick(minutes=5)
    jobs.run_once(world.hub)
    assert len(world.sfa_rows()) == 230
    written = [seen.path for seen in world.sfa.seen if seen.method in ("PUT", "PATCH", "POST")]
    assert sum(path.endswith("/batches") for path in written) == 1
    assert not any("composite" in path for path in written)
    world.settle()
    assert len(world.sfa_rows()) == 230
