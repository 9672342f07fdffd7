"""``engage retention``: letting go of what is old."""

from __future__ import annotations

import click

from engage.cli.context import print_json, runtime, told
from engage.services import retention as service


@click.group()
def retention() -> None:
    """How long things are kept, as ``[retention]`` in the clinic's file says. Prints counts, never names."""


@retention.command()
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def run(dry_run: bool, as_json: bool) -> None:
    """Let go of what is older than the clinic keeps it. The workers do the same every night; twice does no harm.

    Example: engage retention run --dry-run
    """
    gone = service.run(runtime(), dry=dry_run)
    if as_json:
        print_json(
            [
                {"what": one.step.name, "kept": one.step.kept, "before": one.step.before, "count": one.count}
                for one in gone
            ]
        )
        return
    width = max(len(one.step.words) for one in gone)
    head = "would go" if dry_run else "went"
    click.echo(f"{'what':<{width}}  {'kept for':>9}  {'older than':<16}  {head:>9}")
    for one in gone:
        step = one.step
        click.echo(f"{step.words:<{width}}  {step.kept:>9}  {step.before:%Y-%m-%d %H:%M}  {one.count:>9}")
