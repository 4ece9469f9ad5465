from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.file import Options, open_file
from connectors.file.flat import flatten
from connectors.file.identity import row_id, row_version
from connectors.file.reading import read_list
from connectors.file.text import decode
from connectors.kit.errors import ConnectorError

HEAD = "会社名,氏名,メールアドレス,備考\n"
OPTIONS = Options(path="in")
cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12)
tables = st.lists(st.lists(cells, min_size=4, max_size=4), max_size=8)
noise = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=100).map(lambda text: (HEAD + text).encode("utf-8", "replace")),
    st.tuples(st.sampled_from(["cp932", "euc_jp", "utf-16"]), st.binary(max_size=80)).map(
        lambda pair: HEAD.encode(pair[0]) + pair[1]
    ),
    st.text('",\n\r;\t|=a山@', max_size=60).map(lambda text: (HEAD + text).encode()),
)


def _csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([HEAD.strip().split(","), *rows])
    return out.getvalue().encode("utf-8-sig")


def _read(raw: bytes, name: str = "list.csv") -> list[Any]:
    return list(read_list(name, raw, OPTIONS).records)


def _refusal(attempt: Callable[[], Any]) -> ConnectorError | None:
    """The error of ours that the attempt ended in; any other error is a bug and goes through."""
    try:
        attempt()
    except ConnectorError as error:
        return error
    return None


@given(noise)
@settings(max_examples=200, deadline=None)
def test_no_bytes_whatever_break_the_reader(raw: bytes) -> None:
    read: list[Any] = []
    refusal = _refusal(lambda: read.extend(_read(raw)))
    assert refusal is None or refusal.code.startswith("FILE_")
    for record in read:
        assert flatten(record.payload, OPTIONS)
        assert "\0" not in str(record.payload)
        assert str(record.payload).encode("utf-8")


@given(st.binary(max_size=200))
@settings(max_examples=40, deadline=None)
def test_no_bytes_break_a_one_off_import(raw: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(raw)
        refusal = _refusal(lambda: list(open_file(path, OPTIONS)))
        assert refusal is None or folder not in str(refusal)


@given(tables)
@settings(deadline=None)
def test_reading_again_yields_the_same_records(rows: list[list[str]]) -> None:
    first, second = _read(_csv(rows)), _read(_csv(rows), name="other.csv")
    good = [(r.external_id, r.version) for r in first if "_error" not in r.payload]
    assert good == [(r.external_id, r.version) for r in second if "_error" not in r.payload]
    assert [r.external_id for r in first] == [r.external_id for r in second]


@given(tables, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_rows_does_not_change_who_is_in_the_list(
    rows: list[list[str]], chance: Any
) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)

    def ids(table: list[list[str]]) -> set[str]:
        return {r.external_id for r in _read(_csv(table)) if "_error" not in r.payload}

    assert ids(shuffled) == ids(rows)


@given(tables)
@settings(deadline=None)
def test_no_id_comes_twice_in_a_file(rows: list[list[str]]) -> None:
    ids = [record.external_id for record in _read(_csv(rows * 2))]
    assert len(ids) == len(set(ids))


@given(st.dictionaries(st.sampled_from(["email", "company", "full_name", "title"]), cells))
def test_identity_and_version_do_not_depend_on_the_order_of_columns(flat: dict[str, str]) -> None:
    turned = dict(reversed(flat.items()))
    assert (row_id(flat), row_version(flat)) == (row_id(turned), row_version(turned))


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_utf8_is_always_read_as_utf8(text: str) -> None:
    decoded = decode(text.encode("utf-8"), "utf-8", lambda _: 0)
    assert decoded.text == text
