"""Two records of one person: what they agree to together. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Subject = tuple[str, str]
SOURCE = "merge"
BACK = "unmerge"
# The ledger only grows, so what was never asked stands there as taken back. It counts as never asked all the same.
NOT_ASKED = "unmerge, never asked"


class Change(NamedTuple):
    """What the kept person agrees to from now on, and did before; None where nobody ever asked."""

    channel: str
    purpose: str
    granted: bool
    before: bool | None


def stricter(kept: bool | None, other: bool | None) -> bool | None:
    """What both say together of one purpose on one channel: whoever took it back is heeded."""
    if kept is False or other is False:
        return False
    return True if kept or other else None


def together(kept: Mapping[Subject, bool], other: Mapping[Subject, bool]) -> list[Change]:
    """What changes for the kept person, by (channel, purpose)."""
    changes = []
    for subject in sorted(kept.keys() | other.keys()):
        before = kept.get(subject)
        both = stricter(before, other.get(subject))
        if both is not None and both != before:
            changes.append(Change(*subject, both, before))
    return changes
