"""``engage campaigns``: what goes out to many, seen and steered from a terminal. They are written on the staff pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

import click

from engage.cli.context import MessageId, fail, print_json, runtime, told
from engage.content.campaign_flaws import CampaignTextError
from engage.domain.campaigns import PAUSED_WORDS, STATE_WORDS, STATES
from engage.domain.forms import InvalidInput
from engage.domain.message_words import REASONS
from engage.runtime import Runtime
from engage.services import campaign_previews, campaign_report, campaign_tests, campaigns, segments
from engage.services.audit import CLI
from engage.services.campaign_letters import draft_of
from engage.services.campaign_previews import Preview
from engage.services.campaign_report import Report
from engage.services.campaigns import NoSuchCampaign, NotNow

NO_SUCH = "There is no campaign with that id; `engage campaigns list` shows them."
LISTED = 200


@click.group("campaigns")
def group() -> None:
    """Campaigns: list them, see what becomes of one, start, pause, resume and cancel it."""


def _wrong(error: InvalidInput) -> NoReturn:
    fail("\n".join(f"{field}: {sentence}" for field, sentence in error.errors.items()))


def _act(act: Callable[[Runtime], Any]) -> Any:
    """What a command does with one campaign; every refusal is one sentence."""
    try:
        return act(runtime())
    except NoSuchCampaign:
        fail(NO_SUCH)
    except NotNow as error:
        fail(str(error))
    except InvalidInput as error:
        _wrong(error)


@group.command("list")
@click.option("--state", type=click.Choice(STATES), default=None, help="Only campaigns in this state.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def list_(state: str | None, as_json: bool) -> None:
    """List campaigns: what is under way first, then the newest.

    Example: engage campaigns list --state running
    """
    found = [row for row in campaigns.listing(runtime(), LISTED) if state in (None, row.state)]
    if as_json:
        print_json([_shown(row) for row in found])
        return
    for row in found:
        far = campaign_report.progress(row)
        click.echo(
            f"{row.id}  {row.channel:<5}  {STATE_WORDS[row.state]:<28}  {far.sent:>7} of {far.audience:<7}  {row.name}"
        )
    if not found:
        click.echo("There are no campaigns yet: staff write them at /staff/campaigns.", err=True)


def _shown(row: Any) -> dict[str, Any]:
    far = campaign_report.progress(row)
    return {
        "id": row.id,
        "name": row.name,
        "channel": row.channel,
        "state": row.state,
        "audience": row.audience,
        "sent": far.sent,
        "waiting": far.waiting,
        "to_come": far.to_come,
        "paused_reason": row.paused_reason if row.state == "paused" else None,
        "begins_at": row.begins_at,
        "ended_at": row.ended_at,
    }


@group.command()
@click.argument("campaign", type=MessageId())
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def show(campaign: UUID, as_json: bool) -> None:
    """Show how far CAMPAIGN is, what came of it, and who was not reached and why.

    Example: engage campaigns show 019ab1c2-...
    """

    def act(rt: Runtime) -> tuple[Any, Report]:
        return campaigns.one(rt, campaign), campaign_report.report(rt, campaign)

    row, report = _act(act)
    far = report.progress
    if as_json:
        told_of = {
            "delivered": far.delivered,
            "bounced": report.bounced,
            "complaints": report.complaints,
            "opted_out": report.opted_out,
            "replied": report.replied,
            "booked": report.booked,
            "left_out": {one.words: one.count for one in report.left_out},
            "not_reached": {one.words: one.count for one in report.not_reached},
        }
        print_json({**_shown(row), **told_of})
        return
    click.echo(f"{row.name}: {STATE_WORDS[row.state].lower()}")
    if row.state == "paused" and row.paused_reason:
        click.echo(PAUSED_WORDS.get(row.paused_reason, row.paused_reason))
    click.echo(
        f"{far.audience} people: {far.sent} sent ({far.delivered} delivered), {far.waiting} waiting, "
        f"{far.ended} not reached, {far.to_come} to come"
    )
    if far.per_minute:
        rest = f", about {far.left.total_seconds() / 60:.0f} min left" if far.left is not None else ""
        click.echo(f"{far.per_minute:.0f} a minute{rest}")
    click.echo(
        f"bounced {report.bounced}, reported as spam {report.complaints}, opted out {report.opted_out}, "
        f"replied {report.replied}, booked within {report.booked_within_days} days {report.booked}"
    )
    for title, reasons in (("not reached", report.not_reached), ("left out", report.left_out)):
        for one in reasons:
            click.echo(f"{title}: {one.count}  {one.words}")


@group.command()
@click.argument("campaign", type=MessageId())
@click.option(
    "--person", type=MessageId(), default=None, help="As this person gets it; the first one without it."
)
@told
def preview(campaign: UUID, person: UUID | None) -> None:
    """Print CAMPAIGN's text as one of its people gets it.

    Example: engage campaigns preview 019ab1c2-...
    """
    seen = _act(lambda rt: _as_somebody(rt, campaign, person))
    if seen is None:
        fail("Nobody would get it: see the audience on its page.")
    if seen.subject:
        click.echo(f"Subject: {seen.subject}\n")
    click.echo(seen.plain)
    if seen.held:
        fail(REASONS[seen.held])


def _as_somebody(rt: Runtime, id: UUID, person: UUID | None) -> Preview | None:
    row = campaigns.one(rt, id)
    try:
        sample = [person] if person is not None else segments.sample(rt, row.rules, row.channel, 1)
        found = campaign_previews.walk(rt, CLI, id, draft_of(row), sample)
    except CampaignTextError as error:
        fail(str(error))
    return found.preview if found is not None else None


@group.command()
@click.argument("campaign", type=MessageId())
@click.argument("to")
@told
def test(campaign: UUID, to: str) -> None:
    """Send CAMPAIGN's text as a test, marked as one, to TO: the address of a member of staff (or, for a text, a mobile
    number). It counts nowhere.

    Example: engage campaigns test 019ab1c2-... dana@clinic.example
    """
    id = _act(lambda rt: campaign_tests.send(rt, CLI, campaign, to))
    click.echo(f"on its way: engage messages explain {id}")


@group.command()
@click.argument("campaign", type=MessageId())
@click.option("--count", default="", help="How many people, where the same went to the same people before.")
@click.option("--grown", is_flag=True, help="Start it although more people match by now; they get nothing.")
@told
def start(campaign: UUID, count: str, grown: bool) -> None:
    """Start an approved CAMPAIGN. It can be taken back for a minute: engage campaigns undo.

    Example: engage campaigns start 019ab1c2-...
    """

    def act(rt: Runtime) -> datetime:
        version = campaigns.one(rt, campaign).version
        return campaigns.start(rt, CLI, campaign, version, count, grown_is_fine=grown)

    click.echo(f"begins at {_act(act):%Y-%m-%d %H:%M:%S} UTC; until then: engage campaigns undo {campaign}")


@group.command()
@click.argument("campaign", type=MessageId())
@told
def undo(campaign: UUID) -> None:
    """Take the start of CAMPAIGN back, before anything has left.

    Example: engage campaigns undo 019ab1c2-...
    """
    _act(lambda rt: campaigns.undo(rt, CLI, campaign, campaigns.one(rt, campaign).version))
    click.echo("taken back: nothing has left")


@group.command()
@click.argument("campaign", type=MessageId())
@told
def pause(campaign: UUID) -> None:
    """Let nothing more of CAMPAIGN leave, until it is resumed.

    Example: engage campaigns pause 019ab1c2-...
    """
    _act(lambda rt: campaigns.pause(rt, CLI, campaign))
    click.echo("paused; what was in a worker's hands a moment ago still arrives")


@group.command()
@click.argument("campaign", type=MessageId())
@told
def resume(campaign: UUID) -> None:
    """Let CAMPAIGN go on where it stopped.

    Example: engage campaigns resume 019ab1c2-...
    """
    click.echo(
        f"resumed; {_act(lambda rt: campaigns.resume(rt, CLI, campaign))} message(s) that it held back are looked at now"
    )


@group.command()
@click.argument("campaign", type=MessageId())
@told
def cancel(campaign: UUID) -> None:
    """End CAMPAIGN: whoever has not got it by now never will.

    Example: engage campaigns cancel 019ab1c2-...
    """
    _act(lambda rt: campaigns.cancel(rt, CLI, campaign))
    click.echo("cancelled")
