"""The clinic's reminder rules for staff: what each says and when, whether it is on, and how much depends on that."""

from __future__ import annotations

from dataclasses import dataclass

from engage.domain import reminder_words
from engage.domain.messages import LANES
from engage.runtime import Runtime
from engage.services.visit_plans import policy_of
from engage.storage import front_desk


@dataclass(frozen=True, slots=True)
class RuleShown:
    """One rule. ``waiting``: how many messages of it are planned now."""

    slug: str
    title: str
    ways: str
    late: str
    enabled: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules. ``visits`` are still to come; ``pending``: some wait to be planned again after a switch."""

    rules: list[RuleShown]
    visits: int
    pending: bool


def see(rt: Runtime) -> Rules:
    """The rules in the order of the clinic's file."""
    with rt.transaction() as tx:
        policy, now = policy_of(rt, tx), rt.now(tx)
        waiting = front_desk.waiting_by_rule(tx, LANES["care"])
        shown = [
            RuleShown(
                slug=rule.slug,
                title=reminder_words.title(rule),
                ways=reminder_words.ways(rule),
                late=reminder_words.late(rule),
                enabled=rule.enabled,
                waiting=waiting.get(rule.slug, 0),
            )
            for rule in policy.rules
        ]
        return Rules(shown, front_desk.visits_to_come(tx, now), front_desk.is_outdated(tx, policy.version))
