"""``engage simulate``: what would go out and when, without touching data."""

from __future__ import annotations

import os
from datetime import datetime

import click

from engage import clinic as clinic_file
from engage.cli.context import print_json, told
from engage.content.library import Library
from engage.domain.timing import UnknownZone, instant, spoken
from engage.domain.timing import zone as zone_named
from engage.runtime import clinic_text
from engage.services.courses import simulate as simulated
from engage.settings import load


@click.group()
def simulate() -> None:
    """Show what would go out and when. Touches no data."""


@simulate.command()
@click.argument("course")
@click.option("--zone", required=True, help="The person's time zone, such as America/New_York.")
@click.option(
    "--start",
    required=True,
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="The local day (or minute) on which the person confirms.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def course(course: str, zone: str, start: datetime, as_json: bool) -> None:
    """Show which lesson of COURSE a person would get, and when.

    Example: engage simulate course chronic-pain --zone America/New_York --start 2026-11-24
    """
    settings = load(os.environ)
    library = Library.load(settings.templates_dir, clinic_text(clinic_file.load(settings.clinic_file)))
    known = library.courses.get(course)
    if known is None:
        raise click.BadParameter(f"there is no course {course!r}; there is: {', '.join(library.courses)}")
    try:
        zone_named(zone)
    except UnknownZone as error:
        raise click.BadParameter(f"{zone!r} {error}", param_hint="--zone") from None
    try:
        told_of = simulated(known, zone, instant(start.date(), start.time(), zone))
    except OverflowError:
        raise click.BadParameter("is beyond the calendar", param_hint="--start") from None
    if as_json:
        print_json(
            [
                {
                    "lesson": x.lesson,
                    "channel": x.channel,
                    "due_at": x.due_at,
                    "local_time": x.local.isoformat(),
                    "reason": x.reason,
                }
                for x in told_of
            ]
        )
        return
    for x in told_of:
        click.echo(f"{spoken(x.local):<38} {x.channel:<6} {x.lesson:<32} {x.reason}")
