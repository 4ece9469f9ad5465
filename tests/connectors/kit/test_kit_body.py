"""Walking into bodies and reading the times vendors write."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.body import dig, dig_all, flat, moment_of, since_text


def test_walking_into_bodies() -> None:
    body = {"a": {"b": [{"c": 1}, {"c": [2, 3]}]}, "a.b": 9}
    assert dig(body, "a.b.1.c") == [2, 3]
    assert dig(body, "a.b.7") is None
    assert dig(body, "a.x.y") is None
    assert dig(body, None) is body
    assert list(dig_all(body, "a.b.c")) == [1, 2, 3]
    assert flat({"a": {"b": 1, "c": {"d": None}}, "e": [1]}) == {"a.b": 1, "a.c.d": None, "e": [1]}


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("iso", "2026-04-01T00:00:05Z"),
        ("unix", "1775001605"),
        ("unix_ms", "1775001605900"),
        ("date", "2026-04-01"),
        ("%Y/%m/%d %H:%M", "2026/04/01 09:00"),
    ],
)
def test_a_moment_is_written_as_the_vendor_takes_it(form: str, text: str) -> None:
    moment = datetime(2026, 4, 1, 0, 0, 5, 900_000, tzinfo=UTC)
    assert since_text(moment, form, ZoneInfo("Asia/Tokyo")) == text


@given(
    st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1975 < moment.year < 2100),
    st.sampled_from(["iso", "unix", "unix_ms"]),
)
def test_a_written_moment_is_never_later_than_it_was(moment: datetime, form: str) -> None:
    read = moment_of(since_text(moment, form, UTC), UTC)
    assert read is not None
    assert timedelta(0) <= moment - read < timedelta(seconds=1)


@given(st.one_of(st.text(max_size=40), st.floats(), st.integers(), st.none(), st.booleans()))
def test_no_value_can_break_the_reading_of_times(value: Any) -> None:
    found = moment_of(value, UTC)
    assert found is None or found.tzinfo is not None
