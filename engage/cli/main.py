"""``engage NOUN VERB``: everything that is not done in a browser."""

from __future__ import annotations

import click

from engage import __version__
from engage.cli.appointments import appointments, reminders
from engage.cli.audit import audit
from engage.cli.campaigns import group as campaigns
from engage.cli.clock import clock
from engage.cli.consent import consent
from engage.cli.courses import courses
from engage.cli.db import db
from engage.cli.demo import demo
from engage.cli.dev import dev
from engage.cli.doctor import doctor
from engage.cli.golive import golive
from engage.cli.imports import import_, imports_, undo_import
from engage.cli.inbound import inbound
from engage.cli.init import init
from engage.cli.instance import instance
from engage.cli.keys import keys
from engage.cli.messages import messages
from engage.cli.people import people
from engage.cli.replies import replies
from engage.cli.retention import retention
from engage.cli.simulate import simulate
from engage.cli.staff import staff

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=CONTEXT)
@click.version_option(__version__, prog_name="engage")
def main() -> None:
    """The right message, once, at a decent hour, to someone who agreed.

    Data goes to standard output, everything else to standard error. Exit codes: 0 done, 1 failed,
    2 wrong use.
    """


for command in (
    init,
    db,
    doctor,
    instance,
    golive,
    demo,
    clock,
    courses,
    messages,
    people,
    appointments,
    reminders,
    campaigns,
    consent,
    replies,
    inbound,
    retention,
    simulate,
    staff,
    keys,
    audit,
    dev,
):
    main.add_command(command)
for command in (import_, imports_, undo_import):
    appointments.add_command(command)
