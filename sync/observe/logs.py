"""The log: one line for each record of every logger, redacted, as JSON or for people.

It goes to standard error. structlog is imported here, when logging is set up, and nowhere else.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TextIO

from sync.observe.context import now_about
from sync.observe.redact import CODE, Plain, Redactor, is_literal
from sync.observe.trouble import lines, told

if TYPE_CHECKING:
    from sync.engine.hub import Hub

__all__ = ["Form", "logging_to", "redactor_of"]

Form = Literal["json", "text"]

FIELDS = frozenset({"connection", "stream", "job", "run", "lead", "queue", "count", "seconds"})
"""Fields whose names are shown, whoever gives them; of others, where they are literal."""
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}
_LOGGER = re.compile(r"[A-Za-z_][\w.]{0,80}")

log = logging.getLogger("renkei.observe")


class _Lines(logging.StreamHandler[TextIO]):
    """Writes lines; where one cannot be written, it says nothing of what was in it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Say that a line is missing, and where it was to come from."""
        kind = sys.exc_info()[0]
        try:
            name = kind.__name__ if kind is not None else "unknown"
            self.stream.write(f"a log line of line {record.lineno} is missing: {name}\n")
        except (OSError, ValueError):
            return


@contextmanager
def logging_to(
    form: Form | None, level: int, redactor: Redactor, stream: TextIO | None = None
) -> Iterator[None]:
    """All loggers write redacted lines to ``stream`` (standard error) while the block runs.

    ``form`` None: for people on a terminal, else JSON. What ends a thread, or the process, and
    Python's own warnings are logged, too. Loggers that are not ours say warnings and worse only.
    """
    out = stream or sys.stderr
    handler = _Lines(out)
    handler.setFormatter(_formatter(form or ("text" if out.isatty() else "json"), redactor, out))
    root, ours = logging.getLogger(), logging.getLogger("renkei")
    before = root.level, ours.level, [one for one in root.handlers if isinstance(one, _Lines)]
    for one in before[2]:
        root.removeHandler(one)
    root.addHandler(handler)
    root.setLevel(level if level <= logging.DEBUG else max(level, logging.WARNING))
    ours.setLevel(level)
    logging.captureWarnings(capture=True)
    put_back = _hooks()
    try:
        yield
    finally:
        put_back()
        logging.captureWarnings(capture=False)
        root.removeHandler(handler)
        root.setLevel(before[0])
        ours.setLevel(before[1])
        for one in before[2]:
            root.addHandler(one)


def redactor_of(hub: Hub) -> Redactor:
    """The redactor of a hub: its hash is keyed by the hub's key, its words are the operator's."""
    config = hub.config.hub
    words = {"http", *re.split(r"[:/]", f"{config.listen}:{config.metrics}")}
    for name, flow in hub.flows.items():
        pull, push = flow.config.pull, flow.config.push
        words |= {name, flow.config.connector, *flow.manifest.streams}
        words |= set(pull.streams or ()) if pull is not None else set()
        words |= {push.stream} if push is not None else set()
    return Redactor(hub.database.box.log_key, words | _JOBS)


_JOBS = {
    *("pull", "resolve", "push", "webhooks", "describe", "handoff", "subscribe", "sweep"),
    *("import", "replay", "audit", "undo", "lease", "asked"),
}


def _hooks() -> Callable[[], None]:
    """Have what ends a thread or the process logged; what puts it back as it was."""
    before = sys.excepthook, threading.excepthook

    def ended(
        kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.critical("the process ends by an error", exc_info=error)

    def thread_ended(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            log.error("a thread ended by an error", exc_info=args.exc_value)

    sys.excepthook, threading.excepthook = ended, thread_ended

    def put_back() -> None:
        sys.excepthook, threading.excepthook = before

    return put_back


def _formatter(form: Form, redactor: Redactor, stream: TextIO) -> logging.Formatter:
    import orjson
    import structlog

    def redacted(_logger: Any, _name: str, event: Any) -> Any:
        error = (event.get("exc_info") or (None, None))[1]
        return _redacted(redactor, event["_record"], event.get("positional_args"), error)

    renderer: Any
    if form == "json":
        renderer = structlog.processors.JSONRenderer(
            lambda event, **_options: orjson.dumps(event).decode()
        )
    else:
        renderer = _text(structlog.dev.ConsoleRenderer(colors=stream.isatty(), timestamp_key="at"))
    return structlog.stdlib.ProcessorFormatter(
        processors=[redacted, renderer], use_get_message=False, pass_foreign_args=True
    )


def _redacted(
    redactor: Redactor, record: logging.LogRecord, args: Any, error: BaseException | None
) -> dict[str, Any]:
    """A record as it is written: built anew from what may be read."""
    name = record.name if _LOGGER.fullmatch(record.name) else redactor.hashed(record.name)
    literal = is_literal(record, record.msg)
    found: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower() if record.levelno in _LEVELS else str(record.levelno),
        "logger": name,
        "event": redactor.message(record.msg, args, literal=literal),
        **now_about(),
    }
    for key, value in vars(record).items():
        if key in _USUAL or key.startswith("_"):
            continue
        shown = key if key in FIELDS or is_literal(record, key) else redactor.hashed(key)
        coded = key == "code" and isinstance(value, str) and CODE.fullmatch(value)
        found[shown] = redactor.shown(Plain(value) if coded else value)
    if record.levelno >= logging.WARNING:
        found["where"] = f"{record.module}:{record.lineno}"
    if error is not None:
        found["error"] = told(error)
    return found


_LEVELS = frozenset({10, 20, 30, 40, 50})


def _text(console: Any) -> Callable[[Any, str, Any], str]:
    def render(logger: Any, name: str, event: Any) -> str:
        error = event.pop("error", None)
        line: str = console(logger, name, event)
        return "\n".join([line.rstrip(), *(lines(error) if error is not None else ())])

    return render
