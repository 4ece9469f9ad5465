"""The parts of the crash suite: its story, its faults, its checker, and what it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from email.message import Message
from http.client import HTTPConnection, HTTPException
from string import Formatter
from typing import Any

import pytest

from connectors.kit.serving import serving
from sync.cli.chaos import history
from sync.cli.chaos.faults import SHARES, Faults, Faulty
from sync.cli.chaos.history import Finding, Journal, must
from sync.cli.chaos.people import CRM, FORM, MA, SFA, Story, rank, story
from sync.cli.chaos.recovery import percentile
from sync.cli.chaos.words import WORDS

SEED = 7


@pytest.fixture
def told() -> Story:
    return story(300, SEED)


# The story --------------------------------------------------------------------------------------


def test_a_seed_tells_one_story(told: Story) -> None:
    assert story(300, SEED) == told
    assert story(300, SEED + 1) != told


def test_everybody_is_somebody_and_a_fifth_is_on_file_twice(told: Story) -> None:
    emails = [one.email for one in told.everybody]
    assert len(set(emails)) == len(emails)
    assert sum(len(one.sources) for one in told.everybody) == told.records == 300
    twice = sum(one.sources == (FORM, MA) for one in told.everybody)
    assert twice / len(told.everybody) == pytest.approx(0.2, abs=0.02)


def test_every_value_that_is_said_has_its_rank(told: Story) -> None:
    for one in told.everybody:
        assert rank(one.title(FORM, 3)) == (0, 3)
        assert rank(one.title(MA, 0)) == (1, 0)
        assert rank(one.department(12)) == (0, 12)
    assert rank("部長") is None


def test_what_is_said_last_is_what_must_be(told: Story) -> None:
    wanted = must(told)
    last = {edit.person.email: edit for edit in told.edits if edit.kind == "title"}
    assert last
    for email, edit in last.items():
        assert wanted[email].title == edit.person.title(MA, edit.version)
    assert all(wanted[e.person.email].opted_out for e in told.edits if e.kind == "opt_out")


# The checker ------------------------------------------------------------------------------------


def says(target: str, email: str, title: str, department: str, *, out: bool) -> dict[str, Any]:
    """A row as a target's vendor keeps it."""
    if target == SFA:
        return {"Email": email, "Title": title, "HasOptedOutOfEmail": out}
    consent = "拒否" if out else "未確認"
    values = {"メールアドレス": email, "役職": title, "部署名": department, "メール配信": consent}
    return {"values": values}


class Books:
    """Journals of targets that hold what they must, until somebody spoils them."""

    def __init__(self, told: Story) -> None:
        self.told = told
        self.journals = {target: Journal(target) for target in (SFA, CRM)}
        self.keys: dict[tuple[str, str], str] = {}
        for number, (email, wanted) in enumerate(must(told).items()):
            for target in self.journals:
                self.keys[target, email] = str(number)
                said = (wanted.title, wanted.department)
                self.write(target, str(number), email, *said, out=wanted.opted_out)

    def write(self, target: str, key: str, *said: str, out: bool = False) -> None:
        row = says(target, *said, out=out)
        self.journals[target].note([(history.TABLES[target], key, row)])

    def check(self) -> list[Finding]:
        return history.check(self.told, self.journals)


@pytest.fixture
def books(told: Story) -> Books:
    return Books(told)


def found(books: Books) -> tuple[str, str, str]:
    (finding,) = books.check()
    return finding.wrong, finding.target, finding.email


def test_where_all_is_as_it_must_be_nothing_is_found(books: Books) -> None:
    assert books.check() == []


def test_a_lost_record_is_named_with_what_it_said(books: Books) -> None:
    email = books.told.planted[5].email
    key = books.keys[CRM, email]
    books.journals[CRM].note([(history.TABLES[CRM], key, None)])
    assert found(books) == ("lost", CRM, email)
    (finding,) = books.check()
    assert finding.records == (key,)
    assert [state.deleted for state in finding.history] == [False, True]


def test_a_record_that_was_never_made_is_lost(told: Story) -> None:
    books = Books(told)
    email = told.planted[9].email
    del books.journals[SFA].states[books.keys[SFA, email]]
    assert found(books) == ("lost", SFA, email)


def test_a_doubled_record_is_named_with_both(books: Books) -> None:
    email = books.told.planted[2].email
    wanted = must(books.told)[email]
    books.write(SFA, "other", email, wanted.title, "", out=wanted.opted_out)
    assert found(books) == ("doubled", SFA, email)
    (finding,) = books.check()
    assert finding.records == (books.keys[SFA, email], "other")


def test_a_record_of_nobody_is_found(books: Books) -> None:
    books.write(CRM, "other", "nobody@c0.example", "部長 f0", "営業部 f0")
    assert found(books) == ("doubled", CRM, "nobody@c0.example")


def test_a_record_that_went_back_is_named_although_it_ends_well(books: Books) -> None:
    one = next(one for one in books.told.planted if one.sources == (FORM,))
    wanted = must(books.told)[one.email]
    key = books.keys[CRM, one.email]
    version = (rank(wanted.title) or (0, 0))[1]
    for title in (one.title(FORM, version + 1), wanted.title):
        books.write(CRM, key, one.email, title, wanted.department, out=wanted.opted_out)
    assert found(books) == ("regressed", CRM, one.email)
    (finding,) = books.check()
    assert "went back" in finding.why
    assert len(finding.history) == 3


def test_a_record_that_ends_with_an_older_word_is_named(books: Books) -> None:
    edit = next(edit for edit in books.told.edits if edit.kind == "title")
    one = edit.person
    wanted = must(books.told)[one.email]
    states = books.journals[SFA].states[books.keys[SFA, one.email]]
    states[:] = [states[0]._replace(title=one.title(MA, edit.version - 1))]
    assert found(books) == ("regressed", SFA, one.email)
    (finding,) = books.check()
    assert repr(wanted.title) in finding.why


def test_an_opt_out_that_was_taken_back_is_named(books: Books) -> None:
    one = next(one for one in books.told.planted if one.opted_out)
    wanted = must(books.told)[one.email]
    key = books.keys[SFA, one.email]
    for out in (False, True):
        books.write(SFA, key, one.email, wanted.title, "", out=out)
    assert found(books) == ("regressed", SFA, one.email)
    (finding,) = books.check()
    assert "opt-out" in finding.why


def test_what_a_request_took_back_itself_is_no_change(books: Books) -> None:
    one = books.told.planted[0]
    wanted = must(books.told)[one.email]
    good = says(CRM, one.email, wanted.title, wanted.department, out=wanted.opted_out)
    bad = says(CRM, one.email, "部長 f0", "営業部 f0", out=False)
    key = books.keys[CRM, one.email]
    books.journals[CRM].note([(history.TABLES[CRM], key, row) for row in (bad, good)])
    assert books.check() == []


# Faults -----------------------------------------------------------------------------------------


def hello(environ: Any, start_response: Any) -> Iterator[bytes]:
    assert environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])) == b"{}"
    start_response("200 OK", [("Content-Length", "10")])
    return iter([b"0123456789"])


def test_a_seed_deals_one_fate_to_a_request() -> None:
    def fates(seed: int) -> list[str]:
        return [Faults(seed).fate(SFA, number) for number in range(2000)]

    assert fates(1) == fates(1)
    assert fates(1) != fates(2)
    assert set(fates(1)) == {"", *SHARES}


def test_only_who_has_a_daily_quota_meets_it() -> None:
    faults = Faults(1, quota=frozenset({MA}), shares={})
    assert [n for n in range(400) if faults.fate(MA, n) == "quota"] == [20, 21, 22]
    assert all(faults.fate(SFA, number) == "" for number in range(400))


def ask(line: Faulty) -> tuple[int, Message, bytes]:
    """What a client gets from a vendor behind this line."""
    with serving(line) as url:
        client = HTTPConnection(url.removeprefix("http://"), timeout=5)
        with closing(client):
            client.request("POST", "/", body=b"{}")
            answer = client.getresponse()
            return answer.status, answer.headers, answer.read()


def dealt(fate: str) -> tuple[int, Message, bytes]:
    """What a client gets where every request meets this fate."""
    return ask(Faulty(hello, SFA, Faults(0, shares={fate: 1.0})))


@pytest.mark.parametrize(("fate", "status"), [("down", 503), ("gateway", 502)])
def test_a_vendor_may_be_down(fate: str, status: int) -> None:
    assert dealt(fate)[0] == status


@pytest.mark.parametrize("fate", ["wait_seconds", "wait_date"])
def test_a_vendor_asks_to_wait_in_both_forms(fate: str) -> None:
    status, headers, _ = dealt(fate)
    assert status == 429
    assert headers["Retry-After"].isdigit() is (fate == "wait_seconds")


@pytest.mark.parametrize("fate", ["cut", "lost"])
def test_an_answer_breaks_off_or_is_lost(fate: str) -> None:
    with pytest.raises((HTTPException, ConnectionError)):
        dealt(fate)


def test_an_answer_is_a_page_with_a_good_status() -> None:
    status, headers, body = dealt("page")
    assert (status, headers["Content-Type"]) == (200, "text/html")
    assert body.startswith(b"<!DOCTYPE html>")


def test_what_is_slow_or_over_is_answered_as_it_would_be() -> None:
    assert dealt("slow")[2] == b"0123456789"
    over = Faults(0, shares={"down": 1.0}, on=False)
    assert ask(Faulty(hello, SFA, over))[2] == b"0123456789"
    assert over.dealt == Counter()


# What it says -----------------------------------------------------------------------------------


def test_percentiles_are_figures_that_occurred() -> None:
    assert percentile([], 0.5) is None
    assert percentile([3.0], 0.99) == 3.0
    assert percentile([float(n) for n in range(100)], 0.99) == 99.0


def test_both_languages_say_the_same_things() -> None:
    def gaps(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    for key, (ja, en) in WORDS.items():
        assert ja, key
        assert gaps(ja) == gaps(en), key
