"""The words without which a rule can't fit: most messages have none of them, and need no search."""

from __future__ import annotations

import re
from typing import Final

_PART: Final = re.compile(
    r"\(\?(?P<look><?[=!])|(?P<open>\(\?:)|(?P<close>\))|(?P<bar>\|)|\[(?P<no>\^)?(?P<any>[^\]]+)\]"
    r"|(?P<optional>\?|\{0,\d*\})|\{\d+(?:,\d*)?\}|(?P<edge>[\^$])|(?P<one>.)",
    re.DOTALL,
)


def anchors(pattern: str, common: frozenset[str]) -> frozenset[str] | None:
    """Signs of which every text has one that ``pattern`` fits (as ``signs.pattern`` writes it), few of them and none
    that is ``common`` if that can be had; None where there are no such signs."""
    found, _ = _alternatives(list(_PART.finditer(pattern)), 0, common)
    return found


def _alternatives(
    parts: list[re.Match[str]], at: int, common: frozenset[str]
) -> tuple[frozenset[str] | None, int]:
    """The anchors of the group that begins at part ``at``, and where it ends: one of each alternative's."""
    branches: list[frozenset[str] | None] = []
    needed: list[frozenset[str]] = []
    while at < len(parts) and not parts[at]["close"]:
        part = parts[at]
        at += 1
        one: frozenset[str] | None = None
        if part["bar"]:
            branches.append(_rarest(needed, common))
            needed = []
        elif part["open"] or part["look"]:
            one, at = _alternatives(parts, at, common)
            at += 1
            one = None if part["look"] else one
        elif part["one"]:
            one = frozenset(part["one"])
        elif part["any"] and not part["no"]:
            one = frozenset(part["any"])
        if one and not (at < len(parts) and parts[at]["optional"]):
            needed.append(one)
    branches.append(_rarest(needed, common))
    if None in branches:
        return None, at
    return frozenset().union(*(branch for branch in branches if branch)), at


def _rarest(needed: list[frozenset[str]], common: frozenset[str]) -> frozenset[str] | None:
    return min(needed, key=lambda signs: len(signs) + 1000 * len(signs & common), default=None)
