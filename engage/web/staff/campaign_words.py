"""Words, numbers and spans of time as the pages of campaigns say them."""

from __future__ import annotations

from datetime import timedelta

from flask.blueprints import BlueprintSetupState

from engage.domain.campaigns import STATE_WORDS

# What a state looks like; the words say it too.
TONES = {
    "checking": "warm",
    "approved": "open",
    "freezing": "open",
    "starting": "open",
    "running": "good",
    "paused": "warm",
    "done": "good",
}
STEPS = (
    ("audience", "Audience"),
    ("content", "Content"),
    ("check", "Check"),
    ("send", "Send"),
)


def prepare(state: BlueprintSetupState) -> None:
    """Hands words and filters to the templates."""
    state.app.jinja_env.filters.update(many=many, people=people, span=span)
    state.app.jinja_env.globals.update(campaign_words={"states": STATE_WORDS, "tones": TONES, "steps": STEPS})


def many(count: int) -> str:
    """``1,204``."""
    return f"{count:,}"


def people(count: int) -> str:
    """``1 person``, ``1,204 people``."""
    return f"{count:,} {'person' if count == 1 else 'people'}"


def span(time: timedelta) -> str:
    """How long, as one says it: "a few seconds", "12 minutes", "3 hours", "2 days"."""
    seconds = max(0.0, time.total_seconds())
    if seconds < 10:
        return "a few seconds"
    for size, name, until in ((1, "second", 90), (60, "minute", 90 * 60), (3600, "hour", 36 * 3600)):
        if seconds < until:
            count = round(seconds / size)
            return f"{count} {name}{'' if count == 1 else 's'}"
    return f"{round(seconds / 86400)} days"
