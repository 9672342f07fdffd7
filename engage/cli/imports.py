"""``engage appointments import``: files of visits from booking systems, and undoing them."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from engage.cli.context import MessageId, fail, print_json, runtime, told
from engage.cli.import_errors import ErrorFile
from engage.domain.forms import InvalidInput
from engage.domain.imports.cells import Problem
from engage.domain.imports.columns import Unclear
from engage.domain.imports.encoding import NoTable
from engage.domain.imports.told import Dates, Mapping
from engage.runtime import Runtime
from engage.services import import_undo, imports
from engage.services.audit import CLI
from engage.services.import_files import Changed
from engage.services.import_gone import Gone, GonePolicy
from engage.services.import_undo import NoSuchImport, TooOld, UndoneAlready
from engage.services.imports import Busy, Done, Wanted, Watch

# Everything that could be done was, and somebody has to look at the rest.
LOOK = 3
SHOWN = 10
_STEPS = 1000
WORDS = {
    "added": "added",
    "moved": "moved",
    "cancelled": "cancelled",
    "reinstated": "on again",
    "marked": "with another status",
    "unchanged": "unchanged",
    "repeated": "said twice in the same words",
    "refused": "refused",
    "people": "people new here",
    "people_changed": "people with something new, or a question about them to staff",
    "left_out": "cells left out",
    "opted_out": "consents not entered: opted out here, or another address is on file",
    "withdrawn": "consents that ended, because the file says no",
    "given_away": "now somebody else's",
    "messages": "messages planned, moved or taken back",
}
ALWAYS = ("added", "moved", "cancelled", "unchanged", "refused", "messages")


class Pair(click.ParamType[tuple[str, str]]):
    """Two words with an equals sign between them: ``"Client Phone=mobile"``."""

    name = "A=B"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        left, equals, right = str(value).rpartition("=")
        if not equals or not left.strip() or not right.strip():
            self.fail(f'{value!r} needs an equals sign between two words, such as "Client Phone=mobile"')
        return left.strip(), right.strip()


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="The booking system, in small letters, such as cliniko.")
@click.option("--consent-source", required=True, help='Where consent is on file: "signed intake form 2026".')
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what is wrong, row by row, to this file. It holds what is in the cells: only you may read it.",
)
@click.option("--all-or-nothing", is_flag=True, help="Take no row if one is refused.")
@click.option(
    "--gone",
    type=click.Choice(["ask", "keep", "cancel"]),
    default="ask",
    help="What becomes of visits that are not in the file any more: ask (default) says how many there are.",
)
@click.option("--yes-cancel", type=int, help="How many of them are to be cancelled, if they are many.")
@click.option("--map", "maps", multiple=True, type=Pair(), help='What a column is: "Client Phone=mobile".')
@click.option(
    "--status", "statuses", multiple=True, type=Pair(), help='What a status means: "Rescheduled=cancelled".'
)
@click.option(
    "--place", "places", multiple=True, type=Pair(), help='Which place it is: "Main office=Larkspur Lane".'
)
@click.option(
    "--dates", type=click.Choice(["month-first", "day-first"]), help="How 3/4/2026 is meant; the month first."
)
@click.option("--zone", default="", help="The zone that times are written in; the place's without it.")
@click.option("--location", default="", help="The place of visits without one.")
@click.option("--minutes", type=int, default=0, help="How long visits take where the file does not say; 60.")
@click.option("--forget-mapping", is_flag=True, help="Forget what was said about this source before.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def import_(
    file: Path,
    source: str,
    consent_source: str,
    dry_run: bool,
    errors: Path | None,
    all_or_nothing: bool,
    gone: GonePolicy,
    yes_cancel: int | None,
    maps: tuple[tuple[str, str], ...],
    statuses: tuple[tuple[str, str], ...],
    places: tuple[tuple[str, str], ...],
    dates: Dates | None,
    zone: str,
    location: str,
    minutes: int,
    forget_mapping: bool,
    as_json: bool,
) -> None:
    """Take in FILE, a CSV export of a booking system. Columns are recognised, or mapped and remembered.

    Rows without an error are taken; the same file again changes nothing. Ends with 3 when rows were refused or
    something is to be decided.

    Example: engage appointments import today.csv --source cliniko --consent-source "signed intake form 2026" --dry-run
    """
    if errors is not None and errors.exists() and errors.samefile(file):
        fail("--errors names the file itself; please give another one.")
    rt = runtime()
    mapping = Mapping(dict(maps), dict(statuses), dict(places), dates or "", zone, location, minutes)
    wanted = Wanted(
        source, consent_source, mapping, forget_mapping, dry_run, all_or_nothing, gone, yes_cancel
    )
    kinds: Counter[tuple[str, str]] = Counter()
    try:
        with ExitStack() as stack:
            opened = stack.enter_context(file.open("rb"))
            written = stack.enter_context(ErrorFile(errors)) if errors is not None else None
            done = _run(rt, opened, wanted, written, kinds)
    except (NoTable, Unclear) as error:
        fail(str(error))
    except InvalidInput as error:
        fail("\n".join(f"{name}: {sentence}" for name, sentence in error.errors.items()))
    except Busy:
        fail("Another file is being imported; please wait until it is done.")
    except Changed:
        fail("The file was written to while it was read. Please import it again once it is complete.")
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
    if as_json:
        print_json(_as_json(done))
    else:
        _tell(done, kinds, errors)
    if done.counts["refused"] or done.gone.open not in ("",):
        raise SystemExit(LOOK)


def _run(
    rt: Runtime, opened: Any, wanted: Wanted, written: ErrorFile | None, kinds: Counter[tuple[str, str]]
) -> Done:
    def complain(row: int, problem: Problem) -> None:
        kinds[problem.column, problem.what if len(problem.what) < 120 else "…"] += 1
        if written is not None:
            written.write(row, problem)
        if problem.refuses and sum(kinds.values()) <= SHOWN:
            where = f"row {row}" + (f", {problem.column}" if problem.column else "")
            click.echo(f"{where}: {problem.what} {problem.cure}".rstrip(), err=True)

    with click.progressbar(length=_STEPS, label="Importing", file=sys.stderr) as bar:

        def progress(done: int, rows: int) -> None:
            bar.update(max(0, _STEPS * done // max(1, rows) - bar.pos))

        return imports.run(rt, CLI, opened, wanted, Watch(complain, progress))


def _tell(done: Done, kinds: Counter[tuple[str, str]], errors: Path | None) -> None:
    used = {name: field for name, field in done.columns.fields().items() if field != "ignore"}
    click.echo("Columns: " + ", ".join(f"{name} = {field}" for name, field in used.items()))
    if done.stopped:
        click.echo("Nothing was changed, because rows would be refused (--all-or-nothing).")
    elif done.dry:
        click.echo("Nothing was changed (--dry-run). It would be:")
    click.echo(f"{done.rows:>9,} rows ({done.encoding})")
    for name, words in WORDS.items():
        if done.counts[name] or name in ALWAYS:
            click.echo(f"{done.counts[name]:>9,} {words}")
    if kinds and errors is None:
        click.echo("To see every row with its cells, and what to do: --errors FILE")
    for line in _of_gone(done.gone):
        click.echo(line)
    if done.import_id is not None:
        click.echo(f"import {done.import_id}")


def _of_gone(gone: Gone) -> list[str]:
    if gone.open == "empty":
        return ["The file has no visit that could be read. What is here stands as it is."]
    if not gone.count:
        return []
    assert gone.first is not None and gone.last is not None
    said = (
        f"{gone.count:,} of {gone.of:,} visits to come from {gone.first:%Y-%m-%d} to {gone.last:%Y-%m-%d} "
        "are not in the file."
    )
    return [
        said
        + {
            "": " They are cancelled.",
            "ask": " They stand. To cancel them: --gone cancel.",
            "many": f" That is too many to be cancelled just so; they stand. If you mean it: --gone cancel --yes-cancel {gone.count}.",
            "unnamed": " They stand: some rows can't be read, so nobody knows whether they are theirs.",
            "empty": "",
        }[gone.open]
    ]


def _as_json(done: Done) -> dict[str, object]:
    return {
        "import_id": done.import_id,
        "dry_run": done.dry,
        "stopped": done.stopped,
        "rows": done.rows,
        "encoding": done.encoding,
        "columns": done.columns.fields(),
        "counts": {name: done.counts[name] for name in WORDS},
        "gone": {"count": done.gone.count, "of": done.gone.of, "open": done.gone.open},
    }


@click.command("imports")
@click.option("--limit", default=20, type=click.IntRange(1, 1000), help="How many.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def imports_(limit: int, as_json: bool) -> None:
    """Files that changed something, the newest first.

    Example: engage appointments imports
    """
    found = imports.listing(runtime(), limit)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        counts = ", ".join(f"{n:,} {WORDS[name]}" for name, n in one.counts.items() if name in WORDS)
        state = {"running": "did not come to its end", "undoing": "undone in part"}.get(one.state, one.state)
        click.echo(f"{one.at:%Y-%m-%d %H:%M} {one.source:<12} {state:<10} {one.id}  {counts}")


@click.command("undo-import")
@click.argument("id", type=MessageId())
@click.option("--yes", is_flag=True, help="Do not ask.")
@told
def undo_import(id: UUID, yes: bool) -> None:
    """Take back what an import did. Whoever was told something that is not true any more is told so.

    Visits that were changed since, and people, stay as they are.

    Example: engage appointments undo-import 019ab1c2-...
    """
    rt = runtime()
    if not yes and not click.confirm("Take back everything that this import did to visits?", err=True):
        fail("Nothing was changed.")
    try:
        counts = import_undo.undo(rt, CLI, id)
    except NoSuchImport:
        fail("There is no import with that id; `engage appointments imports` shows them.")
    except UndoneAlready:
        fail("It was undone before.")
    except TooOld:
        fail("It is too old to be undone: what it changed is not kept any more (docs/retention.md).")
    except Busy:
        fail("A file is being imported; please wait until it is done.")
    taken = sum(n for name, n in counts.items() if name not in ("left", "messages"))
    click.echo(f"{taken:,} visits taken back, {counts['messages']:,} messages changed with them.")
    if counts["left"]:
        click.echo(f"{counts['left']:,} were changed since, and stay as they are.")
