"""``engage replies`` at a terminal and in a pipe."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engage.cli.main import main
from tests.conftest import PROJECT

CORPUS = PROJECT / "tests" / "domain" / "replies" / "corpus.tsv"


def run(*words: str, input: str | bytes = "") -> Result:
    return CliRunner().invoke(main, ["replies", *words], input=input)


def test_one_object_a_line_with_these_keys_in_this_order() -> None:
    result = run("classify", "--json", input="STOP\nplease quit texting me\r\n\ncancel my appointment")
    assert result.exit_code == 0
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [list(row) for row in rows] == [["text", "intent", "confidence", "why"]] * 4
    assert [(row["text"], row["intent"]) for row in rows] == [
        ("STOP", "stop"), ("please quit texting me", "stop"), ("", "other"), ("cancel my appointment", "cancel"),
    ]  # fmt: skip


def test_what_is_no_utf_8_is_still_answered() -> None:
    result = run("classify", "--json", input=b"\xff\xfe\nSTOP\n")
    assert [json.loads(line)["intent"] for line in result.stdout.splitlines()] == ["other", "stop"]


def test_each_line_is_answered_before_the_next_is_written() -> None:
    command = [
        sys.executable,
        "-c",
        "from engage.cli.main import main; main()",
        "replies",
        "classify",
        "--json",
    ]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT
    ) as process:
        assert process.stdin and process.stdout
        for text, intent in (("STOP", "stop"), ("wrong number", "wrong_person")):
            process.stdin.write(text + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["intent"] == intent
        process.stdin.close()
        assert process.wait(20) == 0


def test_the_table_shows_no_control_characters() -> None:
    result = run("classify", input="STOP \x1b\n")
    assert "\x1b" not in result.stdout
    assert "official" in result.stdout


def test_evaluate_prints_recall_precision_and_misses(tmp_path: Path) -> None:
    file = tmp_path / "corpus.tsv"
    file.write_text("stop\tSTOP\nother\tplease quit texting me\n")
    result = run("evaluate", str(file))
    assert result.exit_code == 0
    assert "line 2: please quit texting me" in result.stdout
    assert "1 of 1 (100.0%)" in result.stdout
    told = json.loads(run("evaluate", str(file), "--json").stdout)
    assert told["messages"] == 2 and told["false_stops"] == {"count": 1, "of": 1}
    assert told["intents"][0] == {
        "intent": "stop", "labelled": 1, "read": 2, "right": 1, "recall": 1.0, "precision": 0.5,
    }  # fmt: skip
    assert [(x["line"], x["expected"], x["got"]) for x in told["misses"]] == [(2, "other", "stop")]


def test_the_corpus_that_ships_can_be_evaluated() -> None:
    assert run("evaluate", str(CORPUS)).exit_code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"stop STOP\n", "Line 1 has no tab"),
        (b"stop\tSTOP\nhalt\tx\n", "Line 2 begins with no intent"),
        (b"stop\tok\nstop\t\xff\n", "Line 2 is not UTF-8"),
        (b"", "no message"),
    ],
)
def test_a_bad_corpus_ends_with_two_and_names_line_and_cure(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "corpus.tsv"
    file.write_bytes(content)
    result = run("evaluate", str(file))
    assert result.exit_code == 2
    assert said in result.stderr and "Traceback" not in result.output


def test_a_corpus_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    assert run("evaluate", str(tmp_path / "none.tsv")).exit_code == 2
