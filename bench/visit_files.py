"""A file of visits as a booking system exports it."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.people import NAMES

HEAD = (
    "Appointment ID",
    "Patient ID",
    "First Name",
    "Last Name",
    "Email",
    "Mobile",
    "Start",
    "Duration",
    "Location",
    "Provider",
    "Status",
)
# So many visits each person has, a week apart.
EACH = 5
PLACES = ("Larkspur Lane", "Prairie Street")


def write(path: Path, rows: int, *, later: bool = False) -> None:
    """``rows`` visits of the weeks to come, all at another hour with ``later``."""
    first = datetime.now(UTC).date() + timedelta(days=10)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEAD)
        for n in range(rows):
            who, turn = divmod(n, EACH)
            day = first + timedelta(days=who % 40 + 7 * turn)
            hour = 9 + who % 8 + later
            out.writerow(
                (
                    f"V{n}",
                    who,
                    NAMES[who % len(NAMES)],
                    f"Family{who}",
                    f"person.{who}@example.org",
                    f"(518) {200 + who // 10_000}-{who % 10_000:04d}",
                    f"{day:%m/%d/%Y} {hour}:00",
                    "60",
                    PLACES[who % 2],
                    "Dr. Moss",
                    "Confirmed",
                )
            )
