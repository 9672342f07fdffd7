"""Whether somebody may be in danger: the one question that comes before what they want of us."""

from __future__ import annotations

from typing import Final

from engage.domain.replies import danger_english, danger_harm, danger_spanish
from engage.domain.replies.danger_guards import NO_DANGER
from engage.domain.replies.rules import Rule, Table
from engage.domain.replies.signs import SOFT

URGENT: Final = Table(
    *danger_harm.HARM,
    *danger_english.BODY,
    *danger_spanish.HARM,
    *danger_spanish.BODY,
    *danger_english.CALLS,
)


def danger(signs: str) -> Rule | None:
    """The rule that finds a sign of danger in ``signs``, to whomever it happens; None where nothing is one, or where
    it is denied, long past, supposed, or a figure of speech."""
    if signs.count(SOFT) * 3 >= len(signs):
        signs = signs.replace(SOFT, "")  # "i... can't... breathe..."
    if URGENT.search(signs) is None:
        return None
    found = URGENT.search(NO_DANGER.mask(signs))
    return found and found[0]
