"""The walk through an SPF record and all that it includes, as a receiver makes it."""

from __future__ import annotations

from dataclasses import dataclass, field

from engage.domain.dns import PROBLEMS, Resolver
from engage.domain.mail_records import COSTS_A_LOOKUP, SPF_LOOKUPS, Spf, is_spf, read_spf, shown

# Where to stop walking: well beyond what any receiver does, so that the true number can be told.
MOST_LOOKUPS = 40


@dataclass(slots=True)
class Walk:
    """What was met. ``broken`` are sentences about what makes receivers give up; ``unknown`` about what nobody could
    be asked; ``by_include`` the lookups that each include of the first record costs."""

    lookups: int = 0
    voids: int = 0
    broken: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    by_include: dict[str, int] = field(default_factory=dict)


def records(resolver: Resolver, domain: str) -> tuple[list[str], str]:
    """The SPF records at a name, and why nobody knows where that is so."""
    answer = resolver.ask(domain, "TXT")
    return [text for text in answer.records if is_spf(text)], "" if answer.known else PROBLEMS[answer.problem]


def walk(resolver: Resolver, domain: str, spf: Spf) -> Walk:
    """Counts lookups as receivers do, through every include and redirect."""
    found = Walk()
    _step(resolver, domain, spf, (domain,), found)
    return found


def _step(resolver: Resolver, domain: str, spf: Spf, path: tuple[str, ...], found: Walk) -> None:
    found.broken += [
        f"“{shown(word, 40)}” in the record of {shown(domain)} is no SPF term" for word in spf.unreadable
    ]
    ends = bool(spf.all)
    for term in spf.terms:
        if term.name not in COSTS_A_LOOKUP or (term.name == "redirect" and ends):
            continue
        if found.lookups >= MOST_LOOKUPS:
            return
        before = found.lookups
        found.lookups += 1
        target = term.value.lower().rstrip(".") or domain
        if "%" in target:
            continue  # A macro depends on who sends; it costs its one lookup.
        if term.name in ("include", "redirect"):
            _follow(resolver, target, path, found)
            if len(path) == 1:
                found.by_include[target] = found.lookups - before
        elif term.name in ("a", "mx", "exists"):
            _look(resolver, target, term.name, found)


def _follow(resolver: Resolver, target: str, path: tuple[str, ...], found: Walk) -> None:
    if target in path:
        found.broken.append(f"{shown(target)} includes itself")
        return
    texts, unknown = records(resolver, target)
    if unknown:
        found.unknown.append(f"{shown(target)}: {unknown}")
    elif not texts:
        found.voids += 1
        found.broken.append(f"{shown(target)} is included and has no SPF record")
    elif len(texts) > 1:
        found.broken.append(f"{shown(target)} is included and has {len(texts)} SPF records")
    else:
        _step(resolver, target, read_spf(texts[0]), (*path, target), found)


def _look(resolver: Resolver, target: str, name: str, found: Walk) -> None:
    answer = resolver.ask(target, "MX" if name == "mx" else "A")
    if answer.problem == "no_record" and name == "a":
        answer = resolver.ask(target, "AAAA")
    if not answer.known:
        found.unknown.append(f"{shown(target)}: {PROBLEMS[answer.problem]}")
    elif not answer.records:
        found.voids += 1


def too_many(found: Walk) -> str:
    """A sentence about the lookups where they are too many, else nothing."""
    if found.lookups <= SPF_LOOKUPS:
        return ""
    costs = ", ".join(f"{shown(name, 60)} {count}" for name, count in found.by_include.items())
    more = "at least " if found.lookups >= MOST_LOOKUPS else ""
    return f"it needs {more}{found.lookups} lookups, and receivers stop at {SPF_LOOKUPS}" + (
        f" ({costs})" if costs else ""
    )
