"""``engage appointments``: visits, as the front desk enters and changes them; ``engage reminders``: what they bring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

import click

from engage.cli.context import Distance, MessageId, fail, print_json, runtime, told
from engage.domain.appointments import LONGEST_MINUTES, REPLY_WORDS, STATUS_WORDS, STATUSES, Status, When
from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.domain.timing import local, spoken
from engage.runtime import Runtime
from engage.services import appointments as service
from engage.services import reminder_switches, visit_list, visit_times
from engage.services.appointments import Appointment, Booking, NoSuchVisit
from engage.services.audit import CLI
from engage.services.visit_told import VisitTold

NO_SUCH = "There is no visit with that id; `engage appointments list` shows them."
STARTS = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


@click.group()
def appointments() -> None:
    """Appointments: book, move and cancel visits, and see what they bring."""


def _wrong(error: InvalidInput) -> NoReturn:
    fail("\n".join(f"{field}: {sentence}" for field, sentence in error.errors.items()))


def _when(rt: Runtime, starts: datetime, location: str, zone: str, minutes: int) -> When:
    name = location or rt.clinic.locations[0].name
    place = visit_times.place(rt, name)
    moment = visit_times.at(rt, starts.date(), starts.time(), name, zone)
    return When(moment, zone or place.zone, minutes, name)


@appointments.command()
@click.argument("person", type=MessageId())
@click.option(
    "--starts", required=True, type=STARTS, help="By the clocks of the place, such as 2026-11-30T14:00."
)
@click.option("--location", default="", help="The place's name in clinic.toml; the first without it.")
@click.option("--zone", default="", help="Another time zone than the place's.")
@click.option("--minutes", default=60, type=click.IntRange(1, LONGEST_MINUTES), help="How long it takes.")
@click.option("--status", default="booked", type=click.Choice(STATUSES), help="A status of FHIR's.")
@told
def book(person: UUID, starts: datetime, location: str, zone: str, minutes: int, status: Status) -> None:
    """Book a visit for PERSON. Prints the visit's id.

    Example: engage appointments book 019ab1c2-... --starts 2026-11-30T14:00
    """
    rt = runtime()
    try:
        when = _when(rt, starts, location, zone, minutes)
        click.echo(service.book(rt, CLI, Booking(person, when, status, source="cli")))
    except InvalidInput as error:
        _wrong(error)


@appointments.command()
@click.argument("visit", type=MessageId())
@click.option("--starts", required=True, type=STARTS, help="By the clocks of the place.")
@click.option("--location", default="", help="Another place's name.")
@click.option("--zone", default="", help="Another time zone than the place's.")
@click.option("--minutes", default=0, type=click.IntRange(0, LONGEST_MINUTES), help="Another length.")
@told
def move(visit: UUID, starts: datetime, location: str, zone: str, minutes: int) -> None:
    """Give VISIT another time or place. Whoever was told the old time is told the new one.

    Example: engage appointments move 019ab1c2-... --starts 2026-12-01T15:00
    """
    rt = runtime()
    known = _known(rt, visit)
    try:
        when = _when(rt, starts, location or known.when.location, zone, minutes or known.when.minutes)
        click.echo("moved" if service.move(rt, CLI, visit, when) else "it is then already")
    except InvalidInput as error:
        _wrong(error)


@appointments.command()
@click.argument("visit", type=MessageId())
@told
def cancel(visit: UUID) -> None:
    """Call VISIT off. Undone within a minute (`reinstate`), nobody hears of it.

    Example: engage appointments cancel 019ab1c2-...
    """
    _act(lambda rt: service.cancel(rt, CLI, visit), "cancelled", "was cancelled before")


@appointments.command()
@click.argument("visit", type=MessageId())
@told
def reinstate(visit: UUID) -> None:
    """Call a cancelled VISIT on again.

    Example: engage appointments reinstate 019ab1c2-...
    """
    _act(lambda rt: service.reinstate(rt, CLI, visit), "is on again", "was not cancelled")


@appointments.command()
@click.argument("visit", type=MessageId())
@click.argument("status", type=click.Choice(STATUSES))
@told
def mark(visit: UUID, status: Status) -> None:
    """Say how VISIT went: arrived, fulfilled, noshow and so on.

    Example: engage appointments mark 019ab1c2-... fulfilled
    """
    _act(lambda rt: service.mark(rt, CLI, visit, status), STATUS_WORDS[status].lower(), "was so before")


def _act(act: Callable[[Runtime], bool], done: str, before: str) -> None:
    try:
        click.echo(done if act(runtime()) else before)
    except NoSuchVisit:
        fail(NO_SUCH)
    except InvalidInput as error:
        _wrong(error)
    except ChangedMeanwhile:
        fail("It was changed meanwhile; look at it and say it again.")


def _known(rt: Runtime, visit: UUID) -> Appointment:
    found = service.one(rt, visit)
    if found is None:
        fail(NO_SUCH)
    return found


@appointments.command("list")
@click.option("--ahead", default="7d", type=Distance(), help="How far ahead, such as 7d.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def list_(ahead: timedelta, as_json: bool) -> None:
    """Visits of the time to come, in their order: of a week, without --ahead.

    Example: engage appointments list --ahead 2d
    """
    rt = runtime()
    found = visit_list.ahead(rt, ahead)
    if as_json:
        print_json([_as_json(one) for one in found])
        return
    click.echo(f"{'when':<40} {'place':<16} {'status':<10} {'answer':<22} {'id':<36} person")
    for one in found:
        there = spoken(local(one.when.starts_at, one.when.zone))
        click.echo(
            f"{there:<40} {one.when.location:<16} {one.status:<10} {REPLY_WORDS[one.reply]:<22} {one.id} {one.person_id}"
        )


@appointments.command()
@click.argument("visit", type=MessageId())
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def show(visit: UUID, as_json: bool) -> None:
    """VISIT, what it brought and will bring, and why the rest does not go out.

    Example: engage appointments show 019ab1c2-...
    """
    rt = runtime()
    known = _known(rt, visit)
    told_of = visit_list.told(rt, visit)
    if as_json:
        print_json(_as_json(known) | {"messages": _messages(told_of)})
        return
    click.echo(f"{spoken(local(known.when.starts_at, known.when.zone))}, {known.when.location}")
    click.echo(f"Person {known.person_id}.")
    click.echo(f"{STATUS_WORDS[known.status]}. {REPLY_WORDS[known.reply]}. Version {known.version}.")
    for one in told_of.all:
        click.echo(f"  {one.rule:<16} {one.channel:<6} {one.line}")


def _messages(told_of: VisitTold) -> list[dict[str, object]]:
    """What a visit brought and did not, each with the same keys."""
    sent = [
        _message(one.rule, one.channel, one.line, one.status, one.due_at, one.id) for one in told_of.messages
    ]
    return sent + [_message(one.rule, one.channel, one.line) for one in told_of.not_sent]


def _message(
    rule: str,
    channel: str,
    words: str,
    status: str | None = None,
    due_at: datetime | None = None,
    id: UUID | None = None,
) -> dict[str, object]:
    return {
        "rule": rule,
        "channel": channel,
        "status": status,
        "due_at": due_at,
        "message_id": id,
        "words": words,
    }


def _as_json(one: Appointment) -> dict[str, object]:
    return {
        "id": one.id,
        "person_id": one.person_id,
        "starts_at": one.when.starts_at,
        "zone": one.when.zone,
        "minutes": one.when.minutes,
        "location": one.when.location,
        "status": one.status,
        "version": one.version,
        "reply": one.reply,
        "source": one.source,
    }


@click.group()
def reminders() -> None:
    """Reminders: the rules in the clinic's file, and which are switched on."""


@reminders.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def rules(as_json: bool) -> None:
    """The rules, in their order.

    Example: engage reminders list
    """
    found = reminder_switches.listing(runtime())
    if as_json:
        print_json([{"rule": one.slug, "on": one.enabled, "words": one.words} for one in found])
        return
    for one in found:
        click.echo(f"{'on ' if one.enabled else 'off'} {one.slug:<16} {one.words}")


@reminders.command("on")
@click.argument("rule")
@told
def on(rule: str) -> None:
    """Switch RULE on: visits to come are planned again within a minute.

    Example: engage reminders on text-2-hours
    """
    _switch(rule, True)


@reminders.command("off")
@click.argument("rule")
@told
def off(rule: str) -> None:
    """Switch RULE off: what it has planned is cancelled within a minute.

    Example: engage reminders off text-2-hours
    """
    _switch(rule, False)


def _switch(rule: str, enabled: bool) -> None:
    try:
        changed = reminder_switches.switch(runtime(), CLI, rule, enabled)
    except InvalidInput as error:
        _wrong(error)
    click.echo(f"{'on' if enabled else 'off'}{'' if changed else ' already'}")
