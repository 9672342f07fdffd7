"""Logs: one JSON object a line in production, without anything of a person, whoever writes it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from engage import log


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    log.configure(development=True)
    root.handlers[:] = handlers


@pytest.mark.parametrize(
    ("text", "values", "told"),
    [
        (
            "consumer: Cannot connect to %s: %s.\n%s",
            ("redis://u:p@h", "refused", "Trying again"),
            "consumer: Cannot connect to %s: %s. %s",
        ),
        ("to anna@example.org", (), "to [not logged]"),
        ("called +1 (518) 555-0100 back", (), "called [not logged] back"),
        ("two\nlines of 60 s", (), "two lines of 60 s"),
    ],
)
def test_a_librarys_line_is_an_object_with_its_text_alone(
    capfd: pytest.CaptureFixture[str], text: str, values: tuple[str, ...], told: str
) -> None:
    log.configure(development=False)
    logging.getLogger("kombu").warning(text, *values)
    (line,) = capfd.readouterr().err.splitlines()
    found = json.loads(line)
    assert found["event"] == told
    assert (found["level"], found["logger"]) == ("warning", "kombu")
    assert found["where"].startswith("test_log.py:")


def test_an_exception_is_its_name_and_place(capfd: pytest.CaptureFixture[str]) -> None:
    log.configure(development=False)
    try:
        raise ValueError("anna@example.org")
    except ValueError:
        logging.getLogger("celery").exception("task of %s failed", "anna@example.org")
    (line,) = capfd.readouterr().err.splitlines()
    assert json.loads(line)["event"].startswith("ValueError at test_log.py:")
    assert "anna" not in line
