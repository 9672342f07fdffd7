"""``engage people``: a person's copy, their erasure, merging, and upkeep of what people are found by."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

import click

from engage.cli.context import MessageId, fail, print_json, runtime, told
from engage.runtime import Runtime
from engage.services import erasure, find, merges
from engage.services import export as service
from engage.services.audit import CLI
from engage.services.courses import NoSuchPerson
from engage.services.merges import NotMerged

NO_SUCH = "There is no person with that id; the page of a person shows it in its address."


@click.group()
def people() -> None:
    """People: a copy of what is kept, erasure, two records of one person, and how staff find them."""


@people.command()
@told
def reindex() -> None:
    """Make the search index again, from what is kept of each person now.

    Needed after ENGAGE_INDEX_KEY was changed, or for people kept by a version without the index.
    Running it twice changes nothing.

    Example: engage people reindex
    """
    count = find.reindex(runtime())
    click.echo(f"{count} {'person' if count == 1 else 'people'} indexed")


@people.command()
@click.argument("id", type=MessageId())
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Write a page to read and print to this file instead of JSON to standard output.",
)
@told
def export(id: UUID, html: Path | None) -> None:
    """A copy of everything that is kept about a person. It is written down that it was made.

    Example: engage people export 019ab1c2-... --html copy.html
    """
    rt = runtime()
    try:
        copy = service.of_person(rt, id, CLI)
    except NoSuchPerson:
        fail(NO_SUCH)
    if html is None:
        print_json(copy)
        return
    _write(html, service.page(rt, copy))
    click.echo(f"written to {html}", err=True)


@people.command()
@click.argument("id", type=MessageId())
@click.option("--yes", is_flag=True, help="Do not ask.")
@told
def erase(id: UUID, yes: bool) -> None:
    """Erase what a person told us, for good. Vendors are told by the workers, within minutes.

    Their addresses stay on the suppression list as keyed hashes; consent and audit entries keep ids only.

    Example: engage people erase 019ab1c2-... --yes
    """
    rt = runtime()
    if not yes and not click.confirm("Erase this person for good? Nothing brings it back", err=True):
        fail("Nothing was changed.")
    click.echo("erased" if _erase(rt, id) else "was erased before")


@people.command()
@click.argument("keep", type=MessageId())
@click.argument("other", type=MessageId())
@click.option("--yes", is_flag=True, help="Do not ask.")
@told
def merge(keep: UUID, other: UUID, yes: bool) -> None:
    """Make OTHER a part of KEEP: two records of one person (ids).

    Visits, courses, requests, addresses and ids of booking systems move to KEEP. What one of the two took back is
    taken back. Prints the id that `unmerge` needs.

    Example: engage people merge 019ab1c2-... 019ab1c3-...
    """
    rt = runtime()
    try:
        if not yes:
            kept, part = merges.given_names(rt, [keep, other])
            if not click.confirm(f"Make {part} ({other}) a part of {kept} ({keep})?", err=True):
                fail("Nothing was changed.")
        done = merges.merge(rt, CLI, keep, other)
    except NotMerged as refusal:
        fail(str(refusal))
    click.echo(f"merged; undo it with: engage people unmerge {done.id}")


@people.command()
@click.argument("id", type=MessageId())
@click.option("--yes", is_flag=True, help="Do not ask.")
@told
def unmerge(id: UUID, yes: bool) -> None:
    """Undo the merge with this ID: what moved goes back, what came since stays.

    What the person took back since is taken back for both.

    Example: engage people unmerge 019ab1c2-...
    """
    rt = runtime()
    if not yes and not click.confirm("Part the two again?", err=True):
        fail("Nothing was changed.")
    try:
        done = merges.unmerge(rt, CLI, id)
    except NotMerged as refusal:
        fail(str(refusal))
    click.echo(f"{done.other} is a person of its own again")


def _erase(rt: Runtime, id: UUID) -> bool:
    try:
        return erasure.erase(rt, id, CLI)
    except NoSuchPerson:
        fail(NO_SUCH)
    except erasure.NotErased:
        fail("Something new came in from the person each time; nothing was changed. Run it again.")


def _write(path: Path, page: str) -> None:
    """For the eyes of whoever runs the command only."""
    try:
        path.unlink(missing_ok=True)
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(page)
    except OSError as error:
        fail(f"{path} can't be written: {error.strerror}")
