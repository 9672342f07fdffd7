"""``engage consent``: whether everything that left had the consent that it needed."""

from __future__ import annotations

from datetime import datetime

import click

from engage.cli.context import Moment, print_json, runtime, told
from engage.cli.wishes import record
from engage.services import consent_proof as service
from engage.services.consent_proof import Finding, Proof

# So many findings stand in the JSON; the totals count all.
MOST = 10_000


@click.group()
def consent() -> None:
    """The consent ledger: proof that each message had what it needed. Prints ids, never names or addresses."""


@consent.command()
@click.option(
    "--since", type=Moment(), default=None, help="Only messages claimed since then: a date or RFC 3339."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def verify(since: datetime | None, as_json: bool) -> None:
    """Recompute the current state from the ledger, and the consent of every message that left.

    Names each message that had not what it needed, and each state that is not the ledger's; then exit 1. The ledger is
    always gone through as a whole. docs/consent.md tells what is shown, and by which clock.

    Example: engage consent verify --since 2026-11-01
    """
    kept: list[Finding] = []

    def tell(finding: Finding) -> None:
        if not as_json:
            click.echo(_line(finding), err=True)
        elif len(kept) < MOST:
            kept.append(finding)

    proof = service.verify(runtime(), tell, since)
    if as_json:
        print_json({"sound": proof.sound, "totals": proof, "since": since, "findings": kept})
    else:
        _totals(proof)
    if not proof.sound:
        raise SystemExit(1)


def _line(finding: Finding) -> str:
    what = f"{finding.channel} {finding.purpose}"
    if finding.message_id is None:
        return f"person {finding.person_id}  {what}: {finding.words}"
    return f"message {finding.message_id}  {what}: {finding.words}"


def _totals(proof: Proof) -> None:
    click.echo(f"{proof.entries} entries of {proof.people} people give {proof.states} current states")
    click.echo(
        f"{proof.messages} messages left or may have left; {proof.needed} needed a consent, {proof.proven} had it"
    )
    for what, count in sorted(proof.by_fault.items()):
        click.echo(f"  {what}: {count}")
    if proof.sound:
        click.echo("the proof is complete")
    else:
        click.echo(f"NOT proven: {proof.wrong_messages} message(s), {proof.wrong_states} state(s)")


consent.add_command(record)
