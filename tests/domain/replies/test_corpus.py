"""The rules keep their promise on the labelled corpus (L3), and are honest about one that they were not made with."""

from __future__ import annotations

import pytest

from engage.domain.replies import Intent, classify
from engage.domain.replies.corpus import BadCorpus, Labelled, Report, evaluate, parse
from tests.conftest import PROJECT

OF_A_VISIT: list[Intent] = ["confirm", "reschedule", "cancel", "late", "score"]
FOLDER = PROJECT / "tests" / "domain" / "replies"


def labelled(name: str) -> list[Labelled]:
    return parse((FOLDER / name).read_text(encoding="utf-8").split("\n"))


@pytest.fixture(scope="module")
def corpus() -> list[Labelled]:
    return labelled("corpus.tsv")


def recall(messages: list[Labelled]) -> float:
    return sum(classify(x.text).intent == x.intent for x in messages) / len(messages)


def false_stops(report: Report) -> float:
    return report.false_stops / report.harmless


def test_the_corpus_is_large_in_two_languages_and_full_of_near_misses(corpus: list[Labelled]) -> None:
    assert len(corpus) >= 450
    assert sum("near" in x.tags for x in corpus) >= 200
    assert sum("es" in x.tags for x in corpus) >= 150
    assert len({x.text for x in corpus}) == len(corpus)


def test_official_words_are_never_missed(corpus: list[Labelled]) -> None:
    assert recall([x for x in corpus if x.intent == "stop" and "official" in x.tags]) == 1


def test_opt_outs_in_free_words_are_found(corpus: list[Labelled]) -> None:
    assert recall([x for x in corpus if x.intent == "stop" and "free" in x.tags]) >= 0.98


def test_what_is_no_opt_out_is_not_taken_for_one(corpus: list[Labelled]) -> None:
    assert false_stops(evaluate(corpus)) <= 0.02


def test_every_sign_of_danger_in_the_corpus_is_found(corpus: list[Labelled]) -> None:
    assert recall([x for x in corpus if x.intent == "urgent"]) == 1


def test_few_are_taken_to_be_in_danger_who_are_not(corpus: list[Labelled]) -> None:
    read_so = [x for x in corpus if classify(x.text).intent == "urgent"]
    assert sum(x.intent == "urgent" for x in read_so) / len(read_so) >= 0.98


@pytest.mark.parametrize("intent", OF_A_VISIT)
def test_answers_about_visits_and_pain_are_found(corpus: list[Labelled], intent: Intent) -> None:
    assert recall([x for x in corpus if x.intent == intent]) >= 0.98


def test_the_corpus_held_out_is_read_nearly_as_well() -> None:
    held_out = labelled("heldout.tsv")
    report = evaluate(held_out)
    assert len(held_out) >= 150
    assert not {x.text for x in held_out} & {x.text for x in labelled("corpus.tsv")}
    assert recall([x for x in held_out if x.intent == "stop"]) >= HELD_OUT_RECALL
    assert false_stops(report) <= HELD_OUT_FALSE_STOPS
    assert recall([x for x in held_out if x.intent == "urgent"]) >= HELD_OUT_DANGER
    for intent in OF_A_VISIT:
        assert recall([x for x in held_out if x.intent == intent]) >= HELD_OUT_VISITS


HELD_OUT_RECALL = 0.98
HELD_OUT_FALSE_STOPS = 0.02
HELD_OUT_DANGER = 0.98
HELD_OUT_VISITS = 0.9


def test_scores_count_what_was_labelled_read_and_right() -> None:
    report = evaluate(parse(["stop\tSTOP", "other\tSTOP", "other\thello", "stop\thello"]))
    score = report.scores[0]
    assert (score.labelled, score.read, score.right, score.recall, score.precision) == (2, 2, 1, 0.5, 0.5)
    assert (report.false_stops, report.harmless) == (1, 2)
    assert [(x.line, x.expected, x.got) for x in report.misses] == [
        (2, "other", "stop"),
        (4, "stop", "other"),
    ]
    assert (report.scores[1].recall, report.scores[1].precision) == (None, None)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("stop", "Line 2 has no tab"),
        ("halt\tSTOP", "Line 2 begins with no intent"),
        ("stop\ta\tb\tc", "Line 2 has more than three columns"),
        ("stop\ta\\q", "Line 2 has a backslash"),
    ],
)
def test_a_bad_line_is_named_with_its_cure(line: str, said: str) -> None:
    with pytest.raises(BadCorpus, match=said):
        parse(["# a comment", line])


def test_an_empty_corpus_is_no_corpus() -> None:
    with pytest.raises(BadCorpus, match="no message"):
        parse(["# nothing", ""])


def test_escapes_comments_and_byte_order_marks_are_read() -> None:
    found = parse(["\ufeffstop\tStop\\nMaria\ten near", "", "# no", "other\ta\\\\b\r\n"])
    assert [(x.line, x.intent, x.text, x.tags) for x in found] == [
        (1, "stop", "Stop\nMaria", {"en", "near"}),
        (4, "other", "a\\b", frozenset()),
    ]
