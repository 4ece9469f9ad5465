from __future__ import annotations

import json
import os
import shutil
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.file import Options, open_file
from connectors.file.pull import PAGE
from connectors.file.simulator import people
from connectors.kit.base import Describes, Flattens, Identifies, Pulls, Pushes, Record
from connectors.kit.errors import RecordRejected, Unavailable


def _ids(records: list[Record]) -> set[tuple[str, str | None]]:
    return {(record.external_id, record.version) for record in records}


def test_pull_moves_the_cursor_page_by_page_and_file_by_file(bench: Any) -> None:
    bench.drop.write("generic", people(PAGE + 1), name="b")
    bench.drop.write("generic", people(2, seed=9), name="a")
    pages = list(bench.connector().pull("rows", None))
    assert [len(page.records) for page in pages] == [2, PAGE, 1]
    marks = [json.loads(page.cursor) for page in pages]
    assert [sorted(mark) for mark in marks] == [["a.csv"], ["a.csv", "b.csv"], ["a.csv", "b.csv"]]
    assert [mark.get("b.csv", {}).get("done") for mark in marks] == [None, False, True]


def test_a_pull_from_any_page_goes_on_where_it_stopped(bench: Any) -> None:
    bench.drop.write("generic", people(2 * PAGE + 3))
    pages = list(bench.connector().pull("rows", None))
    everything = _ids([record for page in pages for record in page.records])
    for stopped, page in enumerate(pages):
        before = [record for kept in pages[: stopped + 1] for record in kept.records]
        after, _ = bench.pull(page.cursor)
        assert len(before) + len(after) == 2 * PAGE + 3
        assert _ids([*before, *after]) == everything


def test_a_half_read_file_that_was_replaced_is_read_from_its_beginning(bench: Any) -> None:
    bench.drop.write("generic", people(PAGE + 1), name="list")
    half = next(iter(bench.connector().pull("rows", None))).cursor
    assert len(bench.pull(half, campaign="春の展示会")[0]) == PAGE + 1
    bench.drop.write("generic", people(PAGE + 2, seed=4), name="list")
    assert len(bench.pull(half)[0]) == PAGE + 2


def test_the_same_file_twice_changes_nothing(bench: Any) -> None:
    path = bench.drop.write("exhibition", people(20))
    _, cursor = bench.pull()
    assert list(bench.connector().pull("rows", cursor)) == []
    os.utime(path, (time.time() - 30, time.time() - 30))
    assert bench.pull(cursor)[0] == []
    shutil.copy2(path, path.with_name("コピー.csv"))
    assert bench.pull(cursor)[0] == []


def test_the_same_rows_in_another_file_change_nothing(bench: Any) -> None:
    persons = people(20)
    bench.drop.write("exhibition", persons, name="one")
    first, cursor = bench.pull()
    bench.drop.write("exhibition", list(reversed(persons)), name="two", encoding="utf-8-sig")
    second, _ = bench.pull(cursor)
    assert len(second) == 20
    assert _ids(second) == _ids(first)


def test_only_changed_rows_have_a_new_version(bench: Any) -> None:
    persons = people(20)
    bench.drop.write("exhibition", persons, name="list")
    first, cursor = bench.pull()
    persons[4] = {**persons[4], "title": "執行役員"}
    bench.drop.write("exhibition", [*people(1, seed=5), *persons], name="list")
    second, _ = bench.pull(cursor)
    assert len(_ids(second) - _ids(first)) == 2
    assert {record.external_id for record in first} < {record.external_id for record in second}


def test_width_and_spaces_make_no_new_version(bench: Any) -> None:
    bench.drop.drop("a.csv", "氏名,会社名,メール\n山田 太郎,ABC商会,t@abc.example\n".encode())
    first, cursor = bench.pull()
    bench.drop.drop(
        "b.csv", "会社名,氏名,メール\n ＡＢＣ商会 ,山田　太郎,ｔ@abc.example\n".encode()
    )
    assert _ids(bench.pull(cursor)[0]) == _ids(first)


def test_a_row_that_is_gone_is_no_deletion(bench: Any) -> None:
    bench.drop.write("exhibition", people(3), name="list")
    _, cursor = bench.pull()
    bench.drop.write("exhibition", people(3)[:2], name="list")
    records, _ = bench.pull(cursor)
    assert [record.deleted for record in records] == [False, False]


def test_a_file_that_may_still_grow_waits(bench: Any) -> None:
    path = bench.drop.write("generic", people(3))
    now = bench.now().timestamp()
    os.utime(path, (now - 5, now - 5))
    assert bench.pull(settle=60)[0] == []
    bench.ahead = timedelta(seconds=56)
    assert len(bench.pull(settle=60)[0]) == 3


def test_a_file_from_a_clock_that_is_ahead_does_not_wait_for_ever(bench: Any) -> None:
    path = bench.drop.write("generic", people(3))
    os.utime(path, (time.time() + 86_400, time.time() + 86_400))
    records, _ = bench.pull()
    assert len(records) == 3
    assert records[0].changed_at <= bench.now()


def test_a_file_that_changes_while_it_is_read_waits(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bench.drop.write("generic", people(3))
    found = next(iter(bench.connector()._folder.files()))
    with path.open("ab") as file:
        file.write(b"\r\n")
    assert bench.connector()._folder.read(found, 10_000) is None


def test_a_bad_file_is_set_aside_and_the_others_are_read(bench: Any) -> None:
    bench.drop.drop("a.csv", b"nothing,here\n1,2\n")
    bench.drop.drop("b.xlsx", b"no zip at all")
    bench.drop.drop("c.xls", b"\xd0\xcf\x11\xe0 old")
    bench.drop.write("generic", people(3), name="d")
    bench.drop.drop("readme.md", b"not ours")
    records, cursor = bench.pull()
    codes = [record.payload["_error"] for record in records if "_error" in record.payload]
    assert codes == ["FILE_NO_HEADER", "FILE_BROKEN", "FILE_TYPE"]
    assert len(records) == 6
    assert {"_error", "_message"} == set(bench.flat(records)[0])
    assert bench.pull(cursor)[0] == []


def test_a_file_larger_than_allowed_is_set_aside_unread(bench: Any) -> None:
    bench.drop.write("generic", people(30))
    records, cursor = bench.pull(max_bytes=100)
    assert [record.payload["_error"] for record in records] == ["FILE_TOO_LARGE"]
    assert bench.pull(cursor, max_bytes=100)[0] == []
    assert len(bench.pull(cursor)[0]) == 30


def test_new_options_read_the_files_again(bench: Any) -> None:
    bench.drop.write("generic", people(3))
    first, cursor = bench.pull()
    again, later = bench.pull(cursor, campaign="春の展示会")
    assert [record.external_id for record in again] == [record.external_id for record in first]
    assert not _ids(again) & _ids(first)
    assert bench.pull(later, campaign="春の展示会", settle=0)[0] == []


@pytest.mark.parametrize("cursor", ["", "{", "[]", "7", '{"a.csv": {}}', '{"a.csv": 1}', "null"])
def test_a_cursor_that_is_none_reads_from_the_beginning(bench: Any, cursor: str) -> None:
    bench.drop.write("generic", people(3))
    assert len(bench.pull(cursor)[0]) == 3


def test_the_cursor_forgets_files_that_are_gone(bench: Any) -> None:
    path = bench.drop.write("generic", people(1), name="old")
    _, cursor = bench.pull()
    path.unlink()
    bench.drop.write("generic", people(1, seed=3), name="new")
    assert list(json.loads(bench.pull(cursor)[1])) == ["new.csv"]


def test_read_files_are_moved_one_pull_later(bench: Any, tmp_path: Path) -> None:
    away = tmp_path / "済"
    bench.drop.write("generic", people(2), name="list")
    _, cursor = bench.pull(move_to=str(away))
    assert (bench.folder / "list.csv").exists()
    assert bench.pull(cursor, move_to=str(away))[0] == []
    assert [path.name for path in away.iterdir()] == ["list.csv"]
    assert list(bench.folder.iterdir()) == []
    bench.drop.write("generic", people(2, seed=2), name="list")
    records, cursor = bench.pull(cursor, move_to=str(away))
    assert len(records) == 2
    bench.pull(cursor, move_to=str(away))
    assert sorted(path.name for path in away.iterdir()) == ["list-2.csv", "list.csv"]


def test_moved_files_are_not_read_again_from_below_the_folder(bench: Any) -> None:
    away = bench.folder / "done"
    options = {"path": f"{bench.folder}/**/*.csv", "move_to": str(away)}
    bench.drop.write("generic", people(2))
    _, cursor = bench.pull(**options)
    bench.pull(cursor, **options)
    assert len(list(away.iterdir())) == 1
    assert bench.pull(None, **options)[0] == []


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("", ["a.csv", "b.tsv"]),
        ("/*.csv", ["a.csv"]),
        ("/a.csv", ["a.csv"]),
        ("/**/*.csv", ["a.csv", "sub/c.csv"]),
        ("/s?b/*", ["sub/c.csv"]),
        ("/[ab].*", ["a.csv", "b.tsv"]),
    ],
)
def test_a_path_is_a_folder_a_file_or_a_pattern(bench: Any, path: str, names: list[str]) -> None:
    bench.drop.write("generic", people(1, seed=1), name="a")
    bench.drop.write("seminar", people(1, seed=2), name="b")
    (bench.folder / "sub").mkdir()
    shutil.copy2(bench.folder / "a.csv", bench.folder / "sub" / "c.csv")
    bench.drop.drop(".hidden.csv", b"email\n")
    bench.drop.drop("~$b.xlsx", b"the lock of an open workbook")
    _, cursor = bench.pull(path=f"{bench.folder}{path}")
    assert sorted(json.loads(cursor or "{}")) == names


def test_links_out_of_the_folder_are_refused(bench: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("email\nhidden@elsewhere.example\n")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.csv").write_text("email\nhidden@elsewhere.example\n")
    (bench.folder / "a.csv").symlink_to(secret)
    (bench.folder / "sub").symlink_to(outside, target_is_directory=True)
    records, _ = bench.pull(path=f"{bench.folder}/*", settle=0)
    records += bench.pull(None, path=f"{bench.folder}/s*/*", settle=0)[0]
    assert [record.payload["_error"] for record in records] == ["FILE_LINK", "FILE_LINK"]
    assert "hidden" not in str(records)


def test_a_link_to_itself_is_refused_like_any_other(bench: Any, tmp_path: Path) -> None:
    (bench.folder / "loop.csv").symlink_to(bench.folder / "loop.csv")
    records, _ = bench.pull(settle=0, move_to=str(tmp_path / "done"))
    assert [record.payload["_error"] for record in records] == ["FILE_LINK"]


def test_what_is_no_plain_file_is_not_read(bench: Any) -> None:
    os.mkfifo(bench.folder / "pipe.csv")
    assert [r.payload["_error"] for r in bench.pull(settle=0)[0]] == ["FILE_LINK"]
    (bench.folder / "folder.csv").mkdir()
    with pytest.raises(RecordRejected, match="no plain file"):
        next(bench.connector().pull_file(bench.folder / "folder.csv"))


def test_a_missing_folder_says_what_to_do(bench: Any) -> None:
    with pytest.raises(Unavailable, match=r"create it or correct options\.path"):
        bench.pull(path=str(bench.folder / "nowhere"))
    with pytest.raises(Unavailable):
        bench.connector(path=str(bench.folder / "nowhere")).identify()


def test_a_file_we_may_not_open_does_not_stop_the_others(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.drop.write("generic", people(2, seed=1), name="a")
    bench.drop.write("generic", people(2, seed=2), name="b")
    opened = os.open

    def locked(path: Any, *rest: Any, **more: Any) -> int:
        if str(path).endswith("a.csv"):
            raise PermissionError(13, "locked")
        return opened(path, *rest, **more)

    monkeypatch.setattr(os, "open", locked)
    pages = bench.connector().pull("rows", None)
    page = next(pages)
    assert list(json.loads(page.cursor)) == ["b.csv"]
    with pytest.raises(Unavailable, match=r"a\.csv could not be read"):
        next(pages)


def test_one_file_can_be_imported_from_anywhere(bench: Any, tmp_path: Path) -> None:
    path = bench.drop.write("exhibition", people(PAGE + 20))
    away = shutil.move(path, tmp_path / "anywhere.csv")
    pages = list(bench.connector().pull_file(away))
    assert [(len(p.records), p.cursor, p.total) for p in pages] == [
        (PAGE, None, PAGE + 20),
        (20, None, PAGE + 20),
    ]
    alone = [record for page in open_file(away, Options(path=".")) for record in page.records]
    assert _ids(alone) == _ids([record for page in pages for record in page.records])


def test_an_import_of_a_file_that_is_not_there_says_so(bench: Any) -> None:
    with pytest.raises(Unavailable, match=r"gone\.csv could not be opened"):
        next(bench.connector().pull_file(bench.folder / "gone.csv"))


def test_a_list_without_rows_is_through_at_once(bench: Any) -> None:
    bench.drop.drop("empty.csv", b"email,name\n")
    pages = list(bench.connector().pull("rows", None))
    assert [list(page.records) for page in pages] == [[]]
    assert list(bench.connector().pull("rows", pages[0].cursor)) == []


def test_the_connector_has_the_capabilities_of_a_source(bench: Any) -> None:
    connector = bench.connector()
    for capability in (Pulls, Flattens, Describes, Identifies):
        assert isinstance(connector, capability)
    assert not isinstance(connector, Pushes)
    assert connector.streams() == ["rows"]
    assert {"email", "company", "full_name"} <= {spec.name for spec in connector.fields("rows")}
    assert connector.identify().account == str(bench.folder)
