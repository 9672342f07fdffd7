"""``engage replies``: what texts that come in are taken for. Touches no data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
import orjson

from engage.cli.context import print_json, told

if TYPE_CHECKING:
    from engage.domain.replies.corpus import Report

WRONG_USE = 2


@click.group()
def replies() -> None:
    """Replies: what texts that come in are taken for. Touches no data."""


@replies.command("classify")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a line: text, intent, confidence, why."
)
@told
def classify_(as_json: bool) -> None:
    """Read one message a line on standard input and tell what each means, at once. Keeps nothing.

    Intents: stop, start, help, wrong_person, unclear_negative; confirm, reschedule, cancel, late, score of a visit;
    urgent where somebody may be in danger; other for all the rest. docs/replies.md tells more.

    Example: engage replies classify --json
    """
    from engage.domain.replies import classify

    source = sys.stdin.buffer
    if not as_json:
        click.echo(f"{'intent':<17} {'sure':>4}  {'message':<40}  why")
    for line in iter(source.readline, b""):
        text = line.decode("utf-8", errors="replace").removesuffix("\n").removesuffix("\r")
        reading = classify(text)
        if as_json:
            row = {
                "text": text,
                "intent": reading.intent,
                "confidence": reading.confidence,
                "why": reading.why,
            }
            click.echo(orjson.dumps(row).decode())
        else:
            click.echo(f"{reading.intent:<17} {reading.confidence:>4.2f}  {_shown(text):<40}  {reading.why}")
        sys.stdout.flush()


@replies.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def evaluate(file: Path, as_json: bool) -> None:
    """Score the rules on FILE, a labelled corpus: recall, precision and misses of each intent.

    FILE has one message a line: an intent, a tab, the text; docs/replies.md tells more. A line that can't be read
    ends the command with exit code 2.

    Example: engage replies evaluate tests/domain/replies/corpus.tsv
    """
    from engage.domain.replies.corpus import BadCorpus, parse
    from engage.domain.replies.corpus import evaluate as score

    try:
        corpus = parse(file.read_text(encoding="utf-8").split("\n"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        _wrong(f"{file}: Line {line} is not UTF-8. Save the file as UTF-8.")
    except BadCorpus as error:
        _wrong(f"{file}: {error}")
    report = score(corpus)
    if as_json:
        print_json(_as_json(report))
        return
    _print(report)


def _wrong(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(WRONG_USE)


def _as_json(report: Report) -> dict[str, object]:
    return {
        "messages": report.messages,
        "intents": [
            {
                "intent": score.intent,
                "labelled": score.labelled,
                "read": score.read,
                "right": score.right,
                "recall": score.recall,
                "precision": score.precision,
            }
            for score in report.scores
        ],
        "false_stops": {"count": report.false_stops, "of": report.harmless},
        "misses": [
            {"line": x.line, "text": x.text, "expected": x.expected, "got": x.got, "why": x.why}
            for x in report.misses
        ],
    }


def _print(report: Report) -> None:
    click.echo(f"{'intent':<17} {'labelled':>8} {'read':>6} {'right':>6} {'recall':>8} {'precision':>10}")
    for score in report.scores:
        click.echo(
            f"{score.intent:<17} {score.labelled:>8} {score.read:>6} {score.right:>6}"
            f" {_percent(score.recall):>8} {_percent(score.precision):>10}"
        )
    share = _percent(report.false_stops / report.harmless if report.harmless else None)
    click.echo(
        f"\nread as stop, labelled other or unclear_negative: {report.false_stops} of {report.harmless} ({share})"
    )
    click.echo(f"misses: {len(report.misses)} of {report.messages}")
    for miss in report.misses:
        click.echo(
            f"  line {miss.line}: {_shown(miss.text)}\n    {miss.expected}, read as {miss.got}: {miss.why}"
        )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _shown(text: str) -> str:
    """``text`` on one line, safe for a terminal."""
    return "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text.replace("\n", " ")
    )
