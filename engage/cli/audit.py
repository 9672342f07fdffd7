"""``engage audit``: who saw or changed what, and whether the trail is whole."""

from __future__ import annotations

from uuid import UUID

import click

from engage.cli.context import MessageId, print_json, runtime, told
from engage.services import audit as service


@click.group()
def audit() -> None:
    """The audit trail: who saw, changed or took out what. Prints ids, never names or addresses."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def verify(as_json: bool) -> None:
    """Recompute the whole chain; exit 1 when a row was changed, taken out or put in.

    Example: engage audit verify
    """
    verdict = service.verify(runtime())
    if as_json:
        print_json(
            {
                "sound": verdict.sound,
                "checked": verdict.checked,
                "unchained": verdict.unchained,
                "oldest_unchained": verdict.oldest_unchained,
                "differences": verdict.differences,
            }
        )
    else:
        for found in verdict.differences:
            click.echo(f"{found.what}: {found.words}", err=True)
        click.echo(f"{verdict.checked} rows checked")
        if verdict.unchained:
            click.echo(
                f"{verdict.unchained} newer rows are not in the chain yet and so not covered, "
                f"the oldest of {verdict.oldest_unchained:%Y-%m-%d %H:%M:%S} UTC"
            )
        click.echo("the chain is whole" if verdict.sound else "the chain is NOT whole")
    if not verdict.sound:
        raise SystemExit(1)


@audit.command("list")
@click.option("--person", type=MessageId(), default=None, help="Only about this person (an id).")
@click.option("--staff", type=MessageId(), default=None, help="Only by this member of staff (an id).")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def list_(person: UUID | None, staff: UUID | None, limit: int, as_json: bool) -> None:
    """List who did what, newest first. Looking is written down too.

    Example: engage audit list --person 019ab1c2-...
    """
    rows = service.listing(runtime(), person, staff, limit)
    if as_json:
        print_json(rows)
        return
    for row in rows:
        who = str(row.staff_id) if row.staff_id is not None else row.actor
        about = f"{row.what} {row.what_id or ''}".strip()
        whom = f"  person {row.person_id}" if row.person_id is not None else ""
        click.echo(f"{row.at:%Y-%m-%d %H:%M:%S}  {who:<36}  {row.action:<8}  {about}{whom}")
    if not rows:
        click.echo("nothing", err=True)
