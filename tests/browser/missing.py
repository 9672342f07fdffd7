"""What happens where there is no Chromium: one line that names the tests not run, or a failure."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest

HERE = "tests/browser/"
REQUIRED = "ENGAGE_REQUIRE_BROWSER"
REASON = "Chromium was not found (set CHROMIUM to its path)"


def chromium() -> str | None:
    """Where Chromium is: CHROMIUM, the usual place, or the search path."""
    for place in (os.environ.get("CHROMIUM", ""), "/usr/bin/chromium", "chromium"):
        if place and (found := shutil.which(place)):
            return found
    return None


def demand() -> None:
    """Skips the test without Chromium, or fails it where a browser is required."""
    if chromium() is None:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{REASON}, and {REQUIRED}=1 asks for it", pytrace=False)
        pytest.skip(REASON)


def tell(terminal: Any) -> None:
    """Writes the line, for ``pytest_terminal_summary``; nothing when all of them ran."""
    names = [report.nodeid for report in terminal.stats.get("skipped", []) if report.nodeid.startswith(HERE)]
    if names:
        files = ", ".join(sorted({name.split("::", 1)[0] for name in names}))
        terminal.write_line(f"Not run, {len(names)} browser tests in {files}: {REASON}")
