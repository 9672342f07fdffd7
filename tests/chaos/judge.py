"""The judge: what was to be sent, against what the vendors took. Pure: it never asks the product what became of it.

The product is only heard about messages that nobody got: are they on its list, with a reason?
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tests.chaos.load import Planned
from tests.chaos.points import Column
from tests.fakes.ledger import Received

# Where a message may be that nobody got: it ended, or it waits for a person, and says why.
LISTED = frozenset({"held", "unknown", "failed", "expired", "skipped", "cancelled"})
# A message whose time is over when it is claimed may still be on the wire for a lease.
WIRE_SECONDS = 2.0


@dataclass
class Verdict:
    """``lost``, ``doubled`` and ``wrong`` must be empty. ``extra``: one copy too many where the promise allows it;
    ``listed``: messages that nobody got and the product lists, by what it says."""

    messages: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    listed: Counter[str] = field(default_factory=Counter)

    @property
    def ok(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)

    def __str__(self) -> str:
        parts = [
            f"{name}: {what[:5]}" for name in ("lost", "doubled", "wrong") if (what := getattr(self, name))
        ]
        return "; ".join(parts) or "nothing lost, nothing doubled"

    def __add__(self, other: Verdict) -> Verdict:
        return Verdict(
            self.messages + other.messages,
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.wrong + other.wrong,
            self.extra + other.extra,
            self.listed + other.listed,
        )


def judge(
    planned: Sequence[Planned],
    ledger: Sequence[Received],
    column: Column,
    listed: Mapping[str, tuple[str, str]],
    stopped: Mapping[str, float] | None = None,
) -> Verdict:
    """``listed`` is where the product says that messages are, by key; ``stopped`` when each address's STOP had been
    answered (real seconds): no attempt may be made after that."""
    verdict = Verdict(len(planned))
    copies: defaultdict[tuple[str, str], list[Received]] = defaultdict(list)
    for one in ledger:
        copies[one.channel, one.to].append(one)
    for message in planned:
        got = copies.get((message.channel, message.to), [])
        name = f"{message.key} ({message.channel}, {message.purpose})"
        if not got:
            status, reason = listed.get(message.key, ("missing", ""))
            if status in LISTED and reason:
                verdict.listed[f"{status}: {reason}"] += 1
            else:
                verdict.lost.append(f"{name} is {status} {reason}".rstrip())
        elif len(got) > 1:
            allowed = column == "lost" and message.channel == "email" and message.purpose != "marketing"
            (verdict.extra if allowed and len(got) == 2 else verdict.doubled).append(f"{name} x {len(got)}")
        for copy in got:
            if made_at(copy.mark) > message.until or copy.accepted_at > message.until + WIRE_SECONDS:
                verdict.wrong.append(f"{name} left after its time")
            if stopped and made_at(copy.mark) > stopped.get(message.to, float("inf")):
                verdict.wrong.append(f"{name} left after STOP")
    verdict.wrong += twice(ledger) + shared(ledger)
    return verdict


def twice(ledger: Iterable[Received]) -> list[str]:
    """Ids of ours that a vendor took more than once: one attempt is one request."""
    counts = Counter(one.mark for one in ledger)
    return [f"attempt {mark} was sent {n} times" for mark, n in counts.items() if n > 1 and mark]


def shared(ledger: Iterable[Received]) -> list[str]:
    """Requests that carried two messages to one address."""
    counts = Counter((one.vendor, one.provider_id, one.to) for one in ledger)
    return [
        f"request {request} had {n} messages to one address" for (_, request, _), n in counts.items() if n > 1
    ]


def lessons(
    people: Iterable[str],
    titles: Sequence[str],
    ledger: Iterable[Received],
    column: Column,
    listed: Mapping[tuple[str, str], tuple[str, str]] | None = None,
) -> Verdict:
    """Every person's lessons: each of the course's titles once, in their order. Copies by the promise for courses.
    ``listed``: where the product says that one is, by (address, title)."""
    verdict = Verdict()
    got: defaultdict[str, list[str]] = defaultdict(list)
    for one in sorted(ledger, key=lambda one: one.accepted_at):
        if one.channel == "email" and one.subject in titles:
            got[one.to].append(one.subject)
    for to in people:
        verdict.messages += len(titles)
        counts = Counter(got[to])
        for title in titles:
            status, reason = (listed or {}).get((to, title), ("missing", ""))
            if not counts[title] and status in LISTED and reason:
                verdict.listed[f"{status}: {reason}"] += 1
            elif not counts[title]:
                verdict.lost.append(f"{to}: {title} is {status} {reason}".rstrip())
        for title, n in counts.items():
            if n > 1:
                (verdict.extra if column == "lost" and n == 2 else verdict.doubled).append(
                    f"{to}: {title} x {n}"
                )
        if column != "lost" and list(dict.fromkeys(got[to])) != [t for t in titles if counts[t]]:
            verdict.wrong.append(f"{to}: lessons out of order")
    return verdict


def made_at(mark: str) -> float:
    """When the product made the attempt that a mark names, by the id's own clock; 0 for a mark that is none of ours."""
    try:
        return (UUID(mark.partition("-")[0] if mark.count("-") == 1 else mark).int >> 80) / 1000
    except ValueError:
        return 0.0
