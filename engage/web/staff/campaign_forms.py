"""What the forms of campaigns have in common: the version they were made for, what was typed, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from engage.domain.forms import InvalidInput
from engage.domain.timing import exact, local
from engage.services.campaigns import NoSuchCampaign, NotNow, Written
from engage.web import errors
from engage.web.context import runtime
from engage.web.staff.visit_forms import a_day, a_time, read

# A pasted book is told how much too long it is, and shown again: it has to be read for that.
LONGEST_BODY = 4 * 1024 * 1024


def refusals(pages: Blueprint) -> None:
    """What a page says where there is no such campaign, or where it is not the time for what was asked."""
    pages.register_error_handler(NoSuchCampaign, _no_such)
    pages.register_error_handler(NotNow, _not_now)


def _no_such(error: NoSuchCampaign) -> Response:
    return errors.page(404)


def _not_now(error: NotNow) -> tuple[str, int]:
    id = (request.view_args or {})["id"]
    return render_template("staff/campaign_not_now.html", id=id, sentence=str(error), kept={}), 409


def version_seen() -> int:
    """Which version of the campaign the form was made for. 422 for what no form of ours holds."""
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        abort(422)
    return int(text)


def written(row: Any, **changes: Any) -> Written:
    """What is written in a campaign's row, with what a form changes."""
    now = {
        "name": row.name,
        "rules": row.rules,
        "subject": row.subject,
        "preheader": row.preheader,
        "body": row.body,
        "segment_id": row.segment_id,
        "segment_version": row.segment_version,
        "rate_per_minute": row.rate_per_minute,
        "begin_wish": row.begin_wish,
    }
    return Written(**(now | changes))


def typed_text(form: Mapping[str, str]) -> dict[str, str]:
    """The name and the words, with one kind of line end."""
    return {
        "name": form.get("name", ""),
        "subject": form.get("subject", ""),
        "preheader": form.get("preheader", ""),
        "body": form.get("body", "").replace("\r\n", "\n"),
    }


def typed_timing(row: Any) -> dict[str, str]:
    """When and how fast it goes, as the form shows it."""
    wish = local(row.begin_wish, runtime().clinic.zone) if row.begin_wish is not None else None
    return {
        "begin": "at" if wish else "now",
        "day": f"{wish:%Y-%m-%d}" if wish else "",
        "time": f"{wish:%H:%M}" if wish else "",
        "rate_per_minute": str(row.rate_per_minute or ""),
    }


def timing(typed: Mapping[str, str]) -> dict[str, Any]:
    """What the form about time means. Raises InvalidInput, with a sentence for each field."""
    wrong: dict[str, str] = {}
    found: dict[str, Any] = {"begin_wish": None, "rate_per_minute": None}
    if typed["begin"] not in ("now", "at"):
        wrong["begin"] = "Please choose when it begins."
    if typed["begin"] == "at":
        found["begin_wish"] = _moment(typed, wrong)
    rate = typed["rate_per_minute"].strip().replace(",", "")
    if rate:
        if rate.isascii() and rate.isdigit() and len(rate) < 9:
            found["rate_per_minute"] = int(rate)
        else:
            wrong["rate_per_minute"] = "Please give a number, such as 200, or leave it empty."
    if wrong:
        raise InvalidInput(wrong)
    return found


def _moment(typed: Mapping[str, str], wrong: dict[str, str]) -> datetime | None:
    """The moment by the clinic's clocks; of an hour that comes twice the first."""
    on = read(wrong, "day", lambda: a_day(typed["day"]), "Please choose a day, such as 2026-11-24.")
    wall: time | None = read(
        wrong, "time", lambda: a_time(typed["time"]), "Please give the hour, such as 09:00."
    )
    if on is None or wall is None:
        return None
    there = exact(on, wall, runtime().clinic.zone)
    if not there:
        wrong["time"] = f"The clocks go forward that night: there is no {wall:%H:%M} then."
        return None
    return there[0]
