"""Logs: one event a line, ids only. JSON in production, readable text in development."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog

# A log line is for ids, counts and names of things. Anything else that somebody adds is
# dropped here rather than trusted.
ALLOWED = frozenset(
    [
        "event",
        "level",
        "timestamp",
        "logger",
        "pid",
        "kind",
        "channel",
        "lane",
        "purpose",
        "status",
        "reason",
        "count",
        "seconds",
        "ms",
        "route",
        "method",
        "code",
        "error",
        "where",
        "message_id",
        "person_id",
        "attempt_id",
        "signup_id",
        "enrolment_id",
        "batch",
        "task",
        "task_id",
        "name",
        "state",
        "sender",
        "worker",
        "planned",
        "sent",
        "ended",
        "moved",
        "lesson",
        "course",
        "check",
        "version",
        "host_port",
        "receipt_id",
        "vendor",
    ]
)


def _only_ids(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in [key for key in event if key not in ALLOWED]:
        event[key] = "[not logged]"
    return event


def _exception_by_name(record: logging.LogRecord) -> bool:
    """Keeps an exception's type and place, never its text, which may quote a row or an input."""
    if record.exc_info and record.exc_info[0] is not None:
        trace = record.exc_info[2]
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "?"
        record.msg = f"{record.exc_info[0].__name__} at {where}"
        record.args = ()
        record.exc_info = None
        record.exc_text = None
    return True


# What a library says is its own text: an address or a number in it is nobody's here.
_PRIVATE = re.compile(r"\S*@\S+|\+?\d[\d ()/-]{5,}\d")


class _JsonLine(logging.Formatter):
    """A library's line as one JSON object. What was put into its text is left out: only the text itself is the same
    whatever happened."""

    def format(self, record: logging.LogRecord) -> str:
        text = str(record.msg) if record.args else _PRIVATE.sub("[not logged]", str(record.msg))
        line = {
            "event": " ".join(text.split()),
            "level": record.levelname.lower(),
            "logger": record.name,
            "where": f"{record.filename}:{record.lineno}",
            "timestamp": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{int(record.msecs):03d}Z",
        }
        return json.dumps(line, sort_keys=True)


class _Stderr:
    """Standard error as it is now: a test or a command may have put another in its place meanwhile."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure(*, development: bool, level: str = "info") -> None:
    """Sets up structlog and the standard library's loggers, once for a process."""
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=False, pad_event_to=24)
        if development
        else structlog.processors.JSONRenderer(sort_keys=True)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _only_ids,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=lambda *_: structlog.PrintLogger(file=cast(TextIO, _Stderr())),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_exception_by_name)
    readable = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    handler.setFormatter(readable if development else _JsonLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def get(name: str) -> Any:
    """A logger whose lines keep only the allowed keys."""
    return structlog.get_logger(name)
