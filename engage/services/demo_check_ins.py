"""How the demo's patients answer when they are asked how they are: most do, and for most it gets better."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from engage.domain.outcomes import HIGHEST
from engage.runtime import Runtime
from engage.services import check_ins
from engage.services.check_in_letters import LINK_LASTS
from engage.storage.database import run

# Who answers does so within this time; looked at several times a day, most do.
WITHIN = timedelta(hours=20)
ANSWERS = 0.2
# What a score falls by from one to the next, on the whole.
BETTER = 0.7

ASKED = """
SELECT c.id, c.person_id, c.kind, (SELECT count(*) FROM check_ins o WHERE o.person_id = c.person_id
    AND o.kind = 'pain-score' AND o.answered_at IS NOT NULL) AS scores
FROM check_ins c JOIN messages m ON m.id = c.message_id
WHERE c.answered_at IS NULL AND m.status IN ('accepted', 'delivered') AND m.sent_at > %(since)s
ORDER BY m.sent_at, c.id
"""


def answer(rt: Runtime, now: datetime, dice: random.Random) -> None:
    """Some of those who were asked lately answer, on the page behind their link."""
    with rt.transaction() as tx:
        asked = list(run(tx, ASKED, {"since": now - WITHIN}))
    for row in asked:
        if dice.random() < ANSWERS:
            token = rt.links.token("check-in", row.id, now + LINK_LASTS)
            check_ins.answer(rt, token, _form(row, dice))


def _form(row: Any, dice: random.Random) -> dict[str, str]:
    if row.kind == "pain-score":
        start = random.Random(str(row.person_id)).randint(6, 9)
        score = round(start - BETTER * row.scores + dice.uniform(-1, 1))
        return {"score": str(max(0, min(HIGHEST, score)))}
    return {"feeling": dice.choices(("fine", "so_so", "not_well"), (70, 26, 4))[0], "words": ""}
