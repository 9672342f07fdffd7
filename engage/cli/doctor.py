"""``engage doctor``: is everything right, and if not, what to do."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from urllib.parse import urlsplit

import click

from engage import clinic as clinic_file
from engage.cli.context import fail, print_json, settings, told
from engage.cli.messages import planned
from engage.clinic import Clinic
from engage.domain.forms import InvalidInput
from engage.runtime import build, resolver
from engage.services import doctor as service
from engage.services import doctor_dns, trial
from engage.services.doctor_dns import Sending
from engage.settings import Settings, load

_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE)


@click.group(invoke_without_command=True)
@click.option(
    "--send-test", metavar="ADDRESS", help="Also send a test email to ADDRESS, through the whole pipe."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
@told
def doctor(ctx: click.Context, send_test: str | None, as_json: bool) -> None:
    """Check settings, keys, database, broker, beat, instance, clock, senders and what waits in the pipe.

    Exit 1 when anything is wrong; each finding names the cure.

    Example: engage doctor --send-test you@example.org
    """
    if ctx.invoked_subcommand is not None:
        return
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


@doctor.command("dns")
@click.option(
    "--domain", default=None, help="Another domain than that of [sender] email in the clinic's file."
)
@click.option(
    "--selector", "selectors", multiple=True, help="Under which name a DKIM key stands; may be repeated."
)
@click.option(
    "--server", default="", help="Ask this DNS server (address or address:port), not the machine's own."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def dns(domain: str | None, selectors: tuple[str, ...], server: str, as_json: bool) -> None:
    """Explain SPF, DKIM and DMARC of the sending domain, and what else receivers look up; each with its cure.

    Needs no database. Exit 1 when anything is wrong. docs/deliverability.md says more.

    Example: engage doctor dns --domain mail.example.org
    """
    given = load(os.environ)
    clinic = clinic_file.load(given.clinic_file)
    if domain is not None and not _DOMAIN.fullmatch(domain.rstrip(".")):
        raise click.BadParameter("is no domain; use a name such as mail.example.org", param_hint="--domain")
    try:
        sending = replace(_sending(given, clinic, domain, selectors), public=not server)
        found = doctor_dns.examine(resolver(server), sending)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--server") from None
    if as_json:
        print_json(found)
    else:
        for one in found:
            mark = {"bad": "BAD ", "note": "note", "ok": "ok  "}[one.level]
            click.echo(f"{mark} {one.name:<9} {one.domain}: {one.words}")
            if one.cure:
                click.echo(f"{'':<14} -> {one.cure}")
    if bad := [one.name for one in found if one.level == "bad"]:
        fail(f"Not well: {', '.join(dict.fromkeys(bad))}")


def _sending(settings: Settings, clinic: Clinic, domain: str | None, selectors: tuple[str, ...]) -> Sending:
    own = clinic.sender.email.rpartition("@")[2].lower()
    other = domain is not None and domain.rstrip(".").lower() != own
    ours = settings.email == "smtp" and not other
    return Sending(
        domain.rstrip(".").lower() if domain is not None else own,
        settings.email,
        selectors or clinic.sender.dkim_selectors,
        mailto="" if other else clinic.sender.unsubscribe_mailto,
        reply_to="" if other else clinic.email,
        smtp_host=(urlsplit(settings.smtp_url).hostname or "") if ours else "",
    )
