"""The language that rules are written in, and the ways to misspell a word."""

from __future__ import annotations

import re

import pytest

from engage.domain.replies import classifier, danger, displeasure, guards, other_requests, scores, visits
from engage.domain.replies.anchors import anchors
from engage.domain.replies.folding import fold
from engage.domain.replies.rules import Rule, Table
from engage.domain.replies.signs import COMMON, pattern, read, sign
from engage.domain.replies.typos import edits_away
from tests.conftest import PROJECT

TABLES = [
    value
    for module in (classifier, danger, displeasure, guards, other_requests, scores, visits)
    for value in vars(module).values()
    if isinstance(value, Table)
]


def fits(rule: str, text: str) -> bool:
    return re.search(pattern(rule), read(text)) is not None


@pytest.mark.parametrize(
    ("rule", "text", "fit"),
    [
        ("stop texting", "please STOP texting", True),
        ("stop texting", "stop, texting", False),
        ("stop ADV{0,2} TEXTING", "stop ever again messaging", True),
        ("< stop >", "ok, stop", True),
        ("< stop >", "bus stop", False),
        ("<< stop", "ok. stop it", True),
        ("<< stop", "ok, stop it", False),
        ("stop >>", "stop. no", False),
        ("stop _ me", "stop texting me", True),
        ("(?<!I)not text", "we not text", False),
        ("not NAME", "not Zelda", True),
        ("not NAME", "not zelda", False),
        ("NUM", "at 3:30", True),
        ("do not", "don't", True),
    ],
)
def test_a_rule_is_a_regular_expression_over_words(rule: str, text: str, fit: bool) -> None:
    assert fits(rule, text) is fit


@pytest.mark.parametrize("rule", ["stop *", "stop+", "NOSUCHCLASS", "stop[a]", "stop 2"])
def test_what_has_no_meaning_in_a_rule_is_refused(rule: str) -> None:
    with pytest.raises(ValueError):
        pattern(rule)


def test_no_rule_fits_nothing() -> None:
    assert len(TABLES) >= 8
    assert [table.search("") for table in TABLES] == [None] * len(TABLES)


def test_every_reason_is_a_sentence_for_staff() -> None:
    rules: list[Rule] = [rule for table in TABLES for rule in table.rules]
    assert all(rule.why[0].isupper() and rule.why.endswith(".") and 0 < rule.confidence < 1 for rule in rules)


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [("stop", "stop", True), ("stpo", "stop", True), ("stp", "stop", True), ("stoop", "stop", True),
     ("step", "stop", True), ("spot", "stop", False), ("stopped", "stop", False), ("tops", "stop", False), ("", "a", True)],
)  # fmt: skip
def test_one_edit_is_a_letter_added_dropped_changed_or_two_swapped(one: str, other: str, near: bool) -> None:
    assert edits_away(one, other) is near
    assert edits_away(other, one) is near


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("i want to die", {"die"}),
        ("(stop|quit) (it|this)", {"stop", "quit"}),
        ("(chest|lung) _{0,3} pain?", {"chest", "lung"}),
        ("(i am dying|the end)", {"dying", "end"}),
        ("late (?!bus)", {"late"}),
        ("(?<!bus) late", {"late"}),
    ],
)
def test_a_line_names_the_rare_words_that_it_can_not_do_without(rule: str, words: set[str]) -> None:
    assert anchors(pattern(rule), COMMON) == frozenset(sign(word) for word in words)


@pytest.mark.parametrize("rule", ["late?", "_ UNKNOWN?", "(late|bus)?", "(late){0,2} _"])
def test_a_line_that_can_do_without_any_word_is_always_tried(rule: str) -> None:
    assert anchors(pattern(rule), COMMON) is None


def test_trying_few_lines_finds_what_trying_all_would() -> None:
    corpus = (PROJECT / "tests" / "domain" / "replies" / "corpus.tsv").read_text(encoding="utf-8")
    texts = [read(fold(line.split("\t")[1])) for line in corpus.splitlines() if "\t" in line]
    for table in TABLES:
        lines = [
            (rule, re.compile(pattern(line)))
            for rule in table.rules
            for line in map(str.strip, rule.lines.splitlines())
            if line and not line.startswith("# ")
        ]
        for signs in texts[::7]:
            found = [
                (m.start(), n, rule.why) for n, (rule, line) in enumerate(lines) if (m := line.search(signs))
            ]
            got = table.search(signs)
            assert (got and (got[0].why, got[1])) == ((min(found)[2], min(found)[0]) if found else None)
