"""What the builder of audiences offers, and what it says of the rules that somebody chose: how many people, or why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engage.domain.forms import InvalidInput
from engage.domain.messages import CHANNELS
from engage.domain.segments import EXCLUDED_WORDS, PROGRESS
from engage.domain.stages import MEANINGS, STAGES
from engage.domain.stages import WORDS as STAGE_WORDS
from engage.runtime import Runtime
from engage.services import segments, tags
from engage.services.segments import Counted
from engage.web.context import runtime
from engage.web.staff.segment_forms import Typed

# For whatever shows a count.
WORDS: dict[str, Any] = {"excluded": EXCLUDED_WORDS, "channels": CHANNELS, "alone": False}
# For a count that a script fetches by itself.
ALONE = WORDS | {"alone": True}


@dataclass(frozen=True, slots=True)
class Result:
    """What a count found, or why there is none: field to sentence."""

    typed: Typed
    counted: Counted | None
    errors: dict[str, str]


def count(typed: Typed) -> Result:
    """Counts as things are now, where the rules may be used."""
    rt = runtime()
    try:
        rules = typed.rules()
    except InvalidInput as error:
        return Result(typed, None, error.errors)
    if errors := segments.problems(rt, rules):
        return Result(typed, None, errors)
    return Result(typed, segments.count(rt, rules, typed.channel), {})


def choices(rt: Runtime) -> dict[str, Any]:
    """What the fields of the rules offer."""
    return {
        "stages": [(slug, STAGE_WORDS[slug], MEANINGS[slug]) for slug in STAGES],
        "progress": PROGRESS,
        "courses": {slug: course.title for slug, course in rt.library.courses.items()},
        "tags": tags.listing(rt),
    }
