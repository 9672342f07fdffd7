"""``engage doctor``: is everything right, and if not, what to do."""

from __future__ import annotations

import click

from engage.cli.context import fail, print_json, settings, told
from engage.cli.messages import planned
from engage.domain.forms import InvalidInput
from engage.runtime import build
from engage.services import doctor as service
from engage.services import trial


@click.command()
@click.option(
    "--send-test", metavar="ADDRESS", help="Also send a test email to ADDRESS, through the whole pipe."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def doctor(send_test: str | None, as_json: bool) -> None:
    """Check settings, keys, database, broker, beat, instance, clock, senders and what waits in the pipe.

    Exit 1 when anything is wrong; each finding names the cure.

    Example: engage doctor --send-test you@example.org
    """
    if send_test is not None:
        try:
            send_test = trial.email_of(send_test)
        except InvalidInput as error:
            raise click.BadParameter(error.errors["to"], param_hint="--send-test") from None
    rt = build(settings(), pool_size=2)
    checks = service.examine(rt)
    if as_json:
        print_json(checks)
    else:
        for check in checks:
            mark = "BAD " if not check.ok else "note" if check.note else "ok  "
            click.echo(f"{mark} {check.name:<10} {check.detail}")
    if send_test is not None and all(
        check.ok for check in checks if check.name in ("database", "broker", "beat")
    ):
        id = planned(rt, send_test, "email", "service")
        status = trial.await_sent(rt, id)
        click.echo(f"test message {id}: {status}", err=as_json)
        if status not in ("accepted", "delivered"):
            fail("The test message did not leave: `engage messages explain` tells why.")
    bad = [check.name for check in checks if not check.ok]
    if bad:
        fail(f"Not well: {', '.join(bad)}")
