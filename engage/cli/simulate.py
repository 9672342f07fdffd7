"""``engage simulate``: what would go out and when, without touching data."""

from __future__ import annotations

import os
from datetime import datetime

import click

from engage import clinic as clinic_file
from engage.cli.context import Moment, print_json, told
from engage.content.library import Library
from engage.domain.appointments import LONGEST_MINUTES, When
from engage.domain.messages import Channel
from engage.domain.timing import UnknownZone, exact, instant, spoken
from engage.domain.timing import zone as zone_named
from engage.runtime import clinic_text
from engage.services.courses import simulate as simulated
from engage.services.visit_simulation import simulate as simulated_visit
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


@simulate.command()
@click.option(
    "--starts",
    required=True,
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    help="When the visit begins, by the clocks of its zone.",
)
@click.option("--zone", default="", help="The visit's time zone; the first location's without it.")
@click.option(
    "--booked-at", required=True, type=Moment(), help="When it is booked, such as 2026-11-27T16:00Z."
)
@click.option("--minutes", default=60, type=click.IntRange(1, LONGEST_MINUTES), help="How long it takes.")
@click.option("--home", default="", help="The person's time zone, if it is another.")
@click.option("--first", is_flag=True, help="It is the person's first visit.")
@click.option(
    "--closed",
    multiple=True,
    type=click.Choice(["email", "sms"]),
    help="A channel on which the person can't be reached.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def appointment(
    starts: datetime,
    zone: str,
    booked_at: datetime,
    minutes: int,
    home: str,
    first: bool,
    closed: tuple[Channel, ...],
    as_json: bool,
) -> None:
    """Show which messages a visit would bring, and when, by the reminders in the clinic's file.

    Example: engage simulate appointment --starts 2026-11-30T14:00 --zone America/Chicago --booked-at 2026-11-27T16:00Z
    """
    clinic = clinic_file.load(load(os.environ).clinic_file)
    zone = zone or clinic.locations[0].zone
    for name, option in ((zone, "--zone"), (home or zone, "--home")):
        try:
            zone_named(name)
        except UnknownZone as error:
            raise click.BadParameter(f"{name!r} {error}", param_hint=option) from None
    moments = exact(starts.date(), starts.time(), zone)
    if len(moments) != 1:
        what = "comes twice, as the clocks go back" if moments else "does not exist, as the clocks go forward"
        raise click.BadParameter(f"{starts:%H:%M} {what} that night in {zone}", param_hint="--starts")
    if moments[0] <= booked_at:
        raise click.BadParameter("is after the visit begins", param_hint="--booked-at")
    location = next(
        (place.name for place in clinic.locations if place.zone == zone), clinic.locations[0].name
    )
    outcomes = simulated_visit(
        clinic.reminders.policy,
        clinic.decent_hours.policy,
        When(moments[0], zone, minutes, location),
        booked_at,
        home=home,
        first=first,
        closed=closed,
    )
    if as_json:
        print_json(
            [
                {
                    "rule": x.rule,
                    "channel": x.channel,
                    "due_at": x.due_at,
                    "local_time": x.local.isoformat() if x.local is not None else None,
                    "not_after": x.not_after,
                    "reason": x.reason,
                }
                for x in outcomes
            ]
        )
        return
    for x in outcomes:
        moment = spoken(x.local) if x.local is not None else "not sent"
        click.echo(f"{moment:<38} {x.channel:<6} {x.rule:<16} {x.reason}")
