"""``engage inbound``: what comes in by other ways than Twilio's webhook."""

from __future__ import annotations

import sys

import click

from engage.cli.context import runtime

# sysexits.h: the mail server keeps the mail and tries again later.
TRY_AGAIN = 75


@click.group()
def inbound() -> None:
    """What comes in: mail to the address for leaving."""


@inbound.command()
def mail() -> None:
    """Read one mail on standard input, as a mail server's alias pipes it, and unsubscribe whom its link names.

    The link's token stands in the subject or in the address (leave+TOKEN@...). Anything else becomes a follow-up for
    staff. Ends with 0, or with 75 (EX_TEMPFAIL) when the database can't be reached, so that the mail server tries
    again.

    Example: engage inbound mail < letter.eml; as an alias, leave: "|engage inbound mail"
    """
    try:
        from engage.services import inbound_mail

        raw = sys.stdin.buffer.read(inbound_mail.LONGEST + 1)
        inbound_mail.take(runtime(), raw)
    except (Exception, SystemExit) as error:
        # A mail server shows whatever is written to whoever wrote the mail.
        click.echo(f"not taken now: {type(error).__name__}", err=True)
        raise SystemExit(TRY_AGAIN) from None
