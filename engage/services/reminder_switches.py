"""Which of the clinic's reminders are on. Staff switch them; visits are planned again by the sweep."""

from __future__ import annotations

from dataclasses import dataclass

from engage.domain.forms import InvalidInput
from engage.domain.reminder_words import words
from engage.runtime import Runtime
from engage.services import visit_plans
from engage.services.appointments import named
from engage.services.audit import Actor, note
from engage.storage import visit_plans as storage


@dataclass(frozen=True, slots=True)
class Switch:
    """A rule in words, and whether it is on."""

    slug: str
    words: str
    enabled: bool


def listing(rt: Runtime) -> list[Switch]:
    """All rules, in the order of the clinic's file."""
    with rt.transaction() as tx:
        return [Switch(rule.slug, words(rule), rule.enabled) for rule in visit_plans.policy_of(rt, tx).rules]


def switch(rt: Runtime, actor: Actor, rule: str, enabled: bool) -> bool:
    """Turns a rule on or off. False when it was so. Raises InvalidInput naming the rules that there are."""
    with rt.transaction() as tx:
        now_on = {one.slug: one.enabled for one in visit_plans.policy_of(rt, tx).rules}
        if rule not in now_on:
            raise InvalidInput({"rule": f"There is no such rule; there is: {', '.join(now_on)}."})
        if now_on[rule] == enabled:
            return False
        storage.switch(tx, rule, enabled, named(actor), rt.now(tx))
        note(tx, rt, actor, "change", "reminder-switch")
        return True
