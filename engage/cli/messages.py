"""``engage messages``: what went out, what waits, and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import get_args
from uuid import UUID

import click

from engage.cli.context import MessageId, fail, print_json, runtime, told
from engage.domain.forms import InvalidInput
from engage.domain.messages import CHANNELS, LANES, Channel, Purpose, Status
from engage.runtime import Runtime
from engage.services import messages as service
from engage.services import staff_messages, trial
from engage.services.audit import CLI

_ROW = "{:<36}  {:<36}  {:<16}  {:<10} {:<44} {}"


@click.group()
def messages() -> None:
    """Messages: what went out, what waits, and why. Prints ids, never names or addresses."""


@messages.command("list")
@click.option("--status", type=click.Choice(get_args(Status)), default=None)
@click.option("--person", type=MessageId(), default=None, help="Only this person's (an id).")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def list_(status: str | None, person: UUID | None, limit: int, as_json: bool) -> None:
    """List messages, latest due first.

    Example: engage messages list --status planned
    """
    rows = service.listing(runtime(), limit, status, person)
    if as_json:
        names = ("id", "kind", "step", "channel", "status", "reason", "due_at", "sent_at", "person_id")
        print_json([{name: getattr(row, name) for name in names} for row in rows])
        return
    if not rows:
        click.echo("no messages", err=True)
        return
    click.echo(_ROW.format("id", "person", "due (UTC)", "status", "what", "reason"))
    for row in rows:
        due, what = f"{row.due_at:%Y-%m-%d %H:%M}", f"{row.kind} {row.step}".strip()
        click.echo(
            _ROW.format(
                str(row.id), str(row.person_id or "-"), due, row.status, what, row.reason or ""
            ).rstrip()
        )


@messages.command()
@click.argument("id", type=MessageId())
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def show(id: UUID, as_json: bool) -> None:
    """Show one message's fields.

    Example: engage messages show 019ab1c2-...
    """
    explained = _explained(id)
    if as_json:
        print_json(
            {k: v for k, v in asdict(explained).items() if k not in ("lines", "words", "status_words")}
        )
        return
    for name in ("id", "kind", "status", "reason", "person_id", "zone"):
        click.echo(f"{name:<10} {getattr(explained, name) or '-'}")
    for attempt in explained.attempts:
        said = " ".join(filter(None, (attempt["state"], attempt["result"], attempt["code"])))
        click.echo(f"attempt    {attempt['id']} {said}")
    for event in explained.events:
        click.echo(f"receipt    {event['attempt_id']} {event['what']} {event['code'] or ''}".rstrip())


@messages.command()
@click.argument("id", type=MessageId())
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def explain(id: UUID, as_json: bool) -> None:
    """Say in plain words what became of a message, and why.

    Example: engage messages explain 019ab1c2-...
    """
    explained = _explained(id)
    if as_json:
        print_json(explained)
        return
    click.echo(explained.words)
    for line in explained.lines:
        mark = " (real time)" if line.clock == "real" else ""
        click.echo(f"  {line.at:%Y-%m-%d %H:%M:%S} UTC{mark}  {line.words}")
    click.echo(f"  {_consent(explained)}")


@messages.command()
@click.argument("id", type=MessageId())
@told
def release(id: UUID) -> None:
    """Let a held message go on, once its cause is mended. One that had left before goes once more: see `arrived`.

    Example: engage messages release 019ab1c2-...
    """
    if not service.release(runtime(), id):
        fail("That message is not held.")
    click.echo("planned again")


@messages.command()
@click.argument("id", type=MessageId())
@told
def arrived(id: UUID) -> None:
    """Note that a held message did arrive: it does not leave again.

    Example: engage messages arrived 019ab1c2-...
    """
    if not staff_messages.arrived(runtime(), CLI, id):
        fail("That message is not held, or it was never tried.")
    click.echo("noted: it does not leave again")


@messages.command()
@click.option("--to", required=True, help="An email address, or a number such as +15185550123.")
@click.option("--channel", type=click.Choice(CHANNELS), default="email", show_default=True)
@click.option("--lane", type=click.Choice(tuple(LANES)), default="service", show_default=True)
@told
def test(to: str, channel: Channel, lane: Purpose) -> None:
    """Send a test message through the whole pipe, by the route that LANE takes.

    Example: engage messages test --channel sms --lane care --to +15185550123
    """
    rt = runtime()
    id = planned(rt, to, channel, lane)
    status = trial.await_sent(rt, id)
    click.echo(f"test message {id}: {status}")
    if status in ("planned", "claimed", "gone", "held"):
        fail("The test message did not leave: `engage messages explain` tells why.")


def planned(rt: Runtime, to: str, channel: Channel, lane: Purpose) -> UUID:
    """The id of a planned test message. Raises BadParameter."""
    try:
        return trial.plan_test(rt, to, channel, lane)
    except InvalidInput as error:
        raise click.BadParameter(error.errors["to"], param_hint="--to") from None


def _consent(explained: service.Explained) -> str:
    entry, purpose = explained.consent, explained.consent_needed
    if purpose is None:
        return "It needs no consent: it answers what somebody asked for, or goes to the clinic itself."
    if entry is None:
        return f"It needs a consent to {purpose}, and names none yet."
    given = f"{entry['action']} {entry['at']:%Y-%m-%d %H:%M:%S} UTC by {entry['actor']} ({entry['source']})"
    return f"It relies on consent {entry['id']}: {entry['purpose']} by {entry['channel']}, {given}."


def _explained(id: UUID) -> service.Explained:
    explained = service.explain(runtime(), id)
    if explained is None:
        fail("There is no message with that id; `engage messages list` prints them.")
    return explained
