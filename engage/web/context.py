"""How a view reaches the runtime, and the words and files that every page may use."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from jinja2 import StrictUndefined

from engage.domain.timing import spoken
from engage.domain.visit_words import clock
from engage.runtime import Runtime

KEY = "engage.runtime"


def runtime() -> Runtime:
    """The runtime that the running app was built with."""
    return cast(Runtime, current_app.extensions[KEY])


def prepare(app: Flask, rt: Runtime) -> None:
    """Hands ``rt`` to the views, and the clinic, ``asset`` and the filters to the templates."""
    app.extensions[KEY] = rt
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        clinic=rt.clinic, development=rt.settings.development, asset=_Assets(Path(str(app.static_folder)))
    )
    app.jinja_env.filters.update(when=when, day=day, date=date, tel=tel, place=place, clock=clock)


def when(moment: datetime) -> str:
    """A moment by the clocks of the zone it carries: "Tuesday, November 24, 9:00 AM, New York time"."""
    zone = _zone_of(moment)
    return f"{spoken(moment)}, {zone if zone == 'UTC' else place(zone) + ' time'}"


def day(moment: datetime) -> str:
    """The date only: "Tuesday, November 24"."""
    return f"{moment:%A}, {moment:%B} {moment.day}"


def date(moment: datetime) -> str:
    """The date with its year: "November 24, 2026"."""
    return f"{moment:%B} {moment.day}, {moment.year}"


def place(zone_name: str) -> str:
    """The part of a zone's name that people say: "America/New_York" is "New York"."""
    return zone_name.rsplit("/", 1)[-1].replace("_", " ")


def tel(number: str) -> str:
    """A telephone number as a ``tel:`` address."""
    return "tel:" + "".join(char for char in number if char.isdigit() or char == "+")


def _zone_of(moment: datetime) -> str:
    if isinstance(moment.tzinfo, ZoneInfo):
        return moment.tzinfo.key
    return moment.tzname() or "UTC"


class _Assets:
    """Addresses of static files that change with their content, so that browsers may keep them for a year."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._addresses: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        address = self._addresses.get(name)
        if address is None:
            mark = sha256((self._folder / name).read_bytes()).hexdigest()[:10]
            address = self._addresses[name] = f"/static/{name}?v={mark}"
        return address
