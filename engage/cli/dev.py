"""``engage dev run``: what ``make run`` starts."""

from __future__ import annotations

import os

import click

from engage.cli import context
from engage.dev import supervisor
from engage.dev.running import Running
from engage.runtime import texts
from engage.services.staff_development import ready_account
from engage.settings import load


@click.group()
def dev() -> None:
    """Development on this machine, with embedded servers."""


@dev.command()
@context.told
def run() -> None:
    """Start PostgreSQL, Valkey, web, worker and beat; Ctrl-C stops them and keeps the data.

    Example: engage dev run
    """
    # Three processes would each say what is wrong with a file, in tracebacks; here it is one sentence.
    texts(load(os.environ))
    raise SystemExit(supervisor.run(welcome=_welcome))


def _welcome(running: Running) -> str:
    """Addresses, and a sign-in that works at once."""
    try:
        runtime = context.runtime()
        ready = ready_account(runtime)
        runtime.engine.dispose()
    except (Exception, SystemExit):
        # Whatever it is, it must not end what runs well; the command says what is wrong.
        sign_in = "  the staff sign-in could not be made: run `.venv/bin/engage staff code`\n"
    else:
        sign_in = (
            f"  {running.base_url}/staff         sign in with {ready.email}, password {ready.password}\n"
            f"  {' ' * len(running.base_url)}                and code {ready.code}; each works for half a minute, once: "
            "`.venv/bin/engage staff code` prints the next\n"
        )
    return supervisor.default_welcome(running, sign_in, load(os.environ).senders - {"local"})
