"""A visit as a message about it keeps it, for its calendar file."""

from __future__ import annotations

from typing import Any

APPOINTMENT = "01923456-789a-7bcd-8ef0-123456789abc"
LINK = "https://clinic.example/appointments/" + "x" * 48


def visit(**changed: Any) -> dict[str, Any]:
    """An invitation to a visit on 24 November 2026 at 9:00 in New York, 45 minutes."""
    return {
        "method": "REQUEST",
        "uid": f"{APPOINTMENT}@clinic.example",
        "sequence": 0,
        "start": "2026-11-24T14:00:00+00:00",
        "zone": "America/New_York",
        "minutes": 45,
        "summary": "Appointment, Harmonia Health",
        "location": "120 Larkspur Lane, Suite 4, Albany, NY 12207",
        "url": LINK,
        **changed,
    }
