"""What a log line says, and what it keeps to itself."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import orjson
import pytest

from connectors.kit.errors import Unavailable
from sync.observe.context import about
from sync.observe.logs import logging_to
from sync.observe.redact import Plain, Redactor
from sync.observe.trouble import told

KEY = b"k" * 32
log = logging.getLogger("renkei.test")


class Verdict(StrEnum):
    STRANGER = "stranger"


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(KEY, ["crm", "people", "push"])


@contextmanager
def alone() -> Iterator[None]:
    """Without pytest's own handlers, which fail on lines that cannot be put together."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logging.getLogger(), "handlers", [])
        yield


def written(redactor: Redactor, write: Callable[[], Any], *, level: int = logging.INFO) -> Any:
    """The one line, as JSON, that is written meanwhile."""
    stream = io.StringIO()
    with alone(), logging_to("json", level, redactor, stream):
        write()
    (line,) = stream.getvalue().splitlines()
    return orjson.loads(line)


NAME = "田中 太郎"
MAIL = "tanaka@example.jp"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("crm", "crm", id="a connection"),
        pytest.param("run_06h0877k2bh0pdn0j4dl2at0h8", None, id="an id of ours"),
        pytest.param(Plain("SIGNATURE_WRONG"), "SIGNATURE_WRONG", id="vouched for"),
        pytest.param("KeyError", "KeyError", id="an exception class"),
        pytest.param(KeyError, "KeyError", id="a class"),
        pytest.param(Verdict.STRANGER, "stranger", id="a word of the code"),
        pytest.param(12, 12, id="a count"),
        pytest.param(0.5, 0.5, id="a duration"),
        pytest.param(None, None, id="nothing"),
        pytest.param(True, True, id="a yes"),
        pytest.param(["crm", "push"], "crm, push", id="a list of words"),
        pytest.param(Unavailable(MAIL, code="NO_ANSWER"), "Unavailable NO_ANSWER", id="an error"),
        pytest.param(Unavailable(MAIL, code=NAME), "Unavailable", id="an error's odd code"),
    ],
)
def test_what_is_of_the_vocabulary_passes(redactor: Redactor, value: Any, shown: Any) -> None:
    wanted = value if isinstance(value, str) and shown is None else shown
    assert redactor.shown(value) == wanted


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(NAME, id="a name"),
        pytest.param(MAIL, id="an address"),
        pytest.param("Tanaka", id="one like a class"),
        pytest.param("TANAKA_TARO", id="one like a code"),
        pytest.param(9087654321, id="a telephone as a number"),
        pytest.param("crm tanaka", id="a word and more"),
        pytest.param(f"tanaka/{MAIL}", id="a path of strangers"),
        pytest.param({"email": MAIL}, id="a payload"),
        pytest.param(b"tanaka", id="bytes"),
        pytest.param("https://x.example/?email=tanaka", id="a URL"),
        pytest.param("run_06h0877k2bh0pdn0j4dl2at0h8x", id="nearly an id of ours"),
    ],
)
def test_everything_else_is_a_hash(redactor: Redactor, value: Any) -> None:
    shown = redactor.shown(value)
    assert isinstance(shown, str)
    assert len(shown) == 10
    assert shown.startswith("h:")


def test_a_link_is_shown_as_far_as_its_words_go(redactor: Redactor) -> None:
    assert redactor.shown(f"crm/people/{MAIL}") == f"crm/people/{redactor.hashed(MAIL)}"


def test_a_hash_is_the_same_for_one_person_and_another_under_another_key(
    redactor: Redactor,
) -> None:
    assert redactor.hashed(MAIL) == redactor.hashed(f" {MAIL.upper()} ")
    assert redactor.hashed(MAIL) != redactor.hashed(NAME)
    assert redactor.hashed(MAIL) != Redactor(b"l" * 32).hashed(MAIL)


def test_a_line_keeps_its_words_and_hides_its_arguments(redactor: Redactor) -> None:
    line = written(redactor, lambda: log.info("%s: %d of %s", "crm", 3, MAIL))
    assert line["event"] == f"crm: 3 of {redactor.hashed(MAIL)}"
    assert (line["level"], line["logger"]) == ("info", "renkei.test")


def test_a_text_that_was_put_together_is_hidden_whole(redactor: Redactor) -> None:
    built = f"hello {MAIL}"
    assert written(redactor, lambda: log.info(built))["event"] == redactor.hashed(built)
    line = written(redactor, lambda: log.info(f"{built} %s", "crm"))  # noqa: G004 - what is tested
    assert line["event"] == f"{redactor.hashed(built + ' %s')} (crm)"


def test_words_of_other_peoples_code_are_shown_too(redactor: Redactor) -> None:
    other = logging.getLogger("uvicorn.error")
    line = written(redactor, lambda: other.warning("Invalid HTTP request received."))
    assert (line["event"], line["logger"]) == ("Invalid HTTP request received.", "uvicorn.error")


def test_other_loggers_say_warnings_only(redactor: Redactor) -> None:
    stream = io.StringIO()
    with logging_to("json", logging.INFO, redactor, stream):
        logging.getLogger("alembic.runtime").info("a detail")
        logging.getLogger("renkei.x").debug("a detail")
    assert stream.getvalue() == ""


def test_a_template_that_does_not_fit_its_arguments_still_tells_no_more(
    redactor: Redactor,
) -> None:
    line = written(redactor, lambda: log.info("%d rows of %s", "tanaka", 2))
    assert line["event"] == f"%d rows of %s ({redactor.hashed('tanaka')}, 2)"


def test_fields_are_named_by_the_code_and_redacted_by_value(redactor: Redactor) -> None:
    more = {"email": MAIL, "count": 3, "code": "NO_ANSWER", "connection": "crm"}
    line = written(redactor, lambda: log.info("told", extra={**more, MAIL: 1}))
    assert line["count"], line["code"] == (3, "NO_ANSWER")
    assert line["connection"] == "crm"
    assert redactor.hashed(MAIL) in line.values()
    assert MAIL not in str(line)


def test_what_is_at_hand_stands_in_the_line(redactor: Redactor) -> None:
    def work() -> None:
        with about(job="push", connection="crm", stream=None):
            log.info("at work")

    line = written(redactor, work)
    assert (line["job"], line["connection"], "stream" in line) == ("push", "crm", False)


def fail() -> None:
    """An exception with another one before it, both with words about somebody."""
    try:
        {}[NAME]
    except KeyError as cause:
        raise Unavailable(f"{MAIL} said no", status=503) from cause


def test_an_exception_is_told_by_class_code_and_frames(redactor: Redactor) -> None:
    def work() -> None:
        try:
            fail()
        except Unavailable:
            log.exception("it failed")

    error = written(redactor, work)["error"]
    assert (error["class"], error["code"], error["status"]) == ("Unavailable", "UNAVAILABLE", 503)
    assert error["cause"]["class"] == "KeyError"
    files = [frame.partition(":")[0] for frame in error["frames"]]
    assert files == ["tests/sync/observe/test_logs.py"] * 2


def test_a_group_of_exceptions_is_told_one_by_one() -> None:
    found = told(ExceptionGroup(NAME, [KeyError(MAIL), ValueError(MAIL)]))
    assert [one["class"] for one in found["group"]] == ["KeyError", "ValueError"]
    assert MAIL not in str(found)
    assert NAME not in str(found)


def test_what_ends_a_thread_is_told_without_its_words(redactor: Redactor) -> None:
    def work() -> None:
        def fail() -> None:
            raise ValueError(MAIL)

        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()

    line = written(redactor, work)
    assert (line["event"], line["error"]["class"]) == ("a thread ended by an error", "ValueError")
    assert MAIL not in str(line)


def test_a_warning_is_told_without_its_words(redactor: Redactor) -> None:
    def work() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(MAIL, stacklevel=1)

    line = written(redactor, work)
    assert line["logger"] == "py.warnings"
    assert MAIL not in str(line)


def test_a_line_that_cannot_be_written_says_nothing_of_what_was_in_it(
    redactor: Redactor, capsys: pytest.CaptureFixture[str]
) -> None:
    class Bad:
        def __str__(self) -> str:
            raise ValueError(MAIL)

    stream = io.StringIO()
    with alone(), logging_to("json", logging.INFO, redactor, stream):
        log.info(Bad())
    captured = capsys.readouterr()
    assert "is missing: ValueError" in stream.getvalue()
    assert MAIL not in stream.getvalue() + captured.err + captured.out


def test_for_people_the_frames_stand_below_the_line(redactor: Redactor) -> None:
    stream = io.StringIO()
    with logging_to("text", logging.INFO, redactor, stream):
        try:
            fail()
        except Unavailable:
            log.exception("it failed for %s", "crm")
    first, kind, frame, *_, because, cause, _ = stream.getvalue().splitlines()
    assert "it failed for crm" in first
    assert kind == "  Unavailable (UNAVAILABLE 503)"
    assert frame.startswith("    tests/sync/observe/test_logs.py:")
    assert (because, cause) == ("  because of", "  KeyError")


def test_what_was_set_up_is_put_back(redactor: Redactor) -> None:
    def state() -> Any:
        root = logging.getLogger()
        return list(root.handlers), root.level, sys.excepthook, threading.excepthook

    before = state()
    with (
        logging_to("json", logging.INFO, redactor, io.StringIO()),
        logging_to("text", logging.DEBUG, redactor, io.StringIO()),
    ):
        assert state() != before
    assert state() == before


def test_two_set_ups_write_a_line_once(redactor: Redactor) -> None:
    outer, inner = io.StringIO(), io.StringIO()
    with logging_to("json", logging.INFO, redactor, outer):
        with logging_to("json", logging.INFO, redactor, inner):
            log.info("inner")
        log.info("outer")
    assert [len(one.getvalue().splitlines()) for one in (outer, inner)] == [1, 1]


def test_structlog_is_not_imported_before_there_is_a_log() -> None:
    code = (
        "import sys, sync.workers.runner, sync.web.server, sync.cli.app;"
        "wanted = ('structlog', 'prometheus_client', 'opentelemetry');"
        "sys.exit(str([one for one in wanted if one in sys.modules]) if"
        " any(one in sys.modules for one in wanted) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
