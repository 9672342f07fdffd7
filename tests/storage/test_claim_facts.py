"""The two statements that fetch a claim's facts."""

from __future__ import annotations

import re

from engage.storage.claim_facts import BESIDE, FACTS, FACTS_OF_PLANS

CAUSES = re.compile(r"m\.cause = '([a-z_]+)'")


def test_the_lesser_one_is_for_causes_whose_tables_it_has() -> None:
    assert set(CAUSES.findall(FACTS)) - set(CAUSES.findall(FACTS_OF_PLANS)) == BESIDE
    assert set(CAUSES.findall(FACTS_OF_PLANS)) == {"enrolment"}
