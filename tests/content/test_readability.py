from __future__ import annotations

import pytest

from engage.content.markdown import parse
from engage.content.readability import grades, prose_of, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("the", 1), ("pain", 1), ("one", 1), ("helped", 1), ("makes", 1), ("named", 1), ("friend", 1),
        ("needle", 2), ("needles", 2), ("wanted", 2), ("places", 2), ("trial", 2), ("people", 2),
        ("science", 2), ("movement", 2), ("sometimes", 2), ("someone", 2), ("going", 2), ("every", 2),
        ("question", 2), ("area", 3), ("usual", 3), ("various", 3), ("medicine", 3), ("appointment", 3), ("easier", 3),
        ("acupuncture", 4), ("practitioner", 4), ("diagnosis", 4), ("anxiety", 4), ("osteoarthritis", 6),
        ("long-term", 2), ("can't", 1), ("1,000", 1),
    ],
)  # fmt: skip
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_short_words_read_easier_than_long_ones() -> None:
    easy = grades(["The cat sat on the mat. It was warm."])
    hard = grades(["Longitudinal observational investigations demonstrate considerable heterogeneity."])
    assert easy.raw < 3 < 15 < hard.raw


def test_the_formula_is_flesch_kincaid() -> None:
    # 6 words, 1 sentence, 6 syllables: 0.39 * 6 + 11.8 * 1 - 15.59
    assert grades(["The cat sat on the mat."]).raw == -1.4


def test_needed_terms_count_as_two_syllables_at_most() -> None:
    text = ["Acupuncture needles may ease osteoarthritis."]
    plain, eased = grades(text), grades(text, {"acupuncture", "osteoarthritis"})
    assert eased.raw == plain.raw == plain.with_terms
    assert eased.raw - eased.with_terms == pytest.approx(11.8 * 6 / 5, abs=0.11)


def test_plurals_and_phrases_are_terms_too() -> None:
    assert grades(["Meridians."], {"meridian"}).with_terms < grades(["Meridians."]).with_terms
    assert (
        grades(["Traditional medicine."], {"traditional medicine"}).with_terms
        == grades(["Better needles."]).raw
    )


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", 3),
        ("Dr. Lee sees people, e.g. in the U.S. today.", 1),
        ('He said "stop." Then he left.', 2),
        ("It was 1.5 times as much.", 1),
        ("no stop at the end", 1),
    ],
)
def test_sentences(text: str, sentences: int) -> None:
    assert grades([text]).sentences == sentences


def test_headings_sources_tables_and_addresses_do_not_count() -> None:
    tokens = parse(
        "# A heading\n\nA line with [words](https://example.org/x) and https://example.org/y here.\n\n"
        "- An item\n\n| a | b |\n|---|---|\n| c | d |\n\n"
        "## Sources\n\n- Vickers 2018\n\n### More\n\n- Mu 2020\n\n## After\n\nEnd."
    )
    assert prose_of(tokens) == ["A line with words and   here.", "An item", "End."]


def test_an_empty_text_has_no_grade() -> None:
    assert grades([]).with_terms == 0.0
