"""Questions to the domain name system, and what may be answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

RecordKind = Literal["A", "AAAA", "CNAME", "MX", "PTR", "TXT"]
# no_name: the name does not exist; no_record: it exists, without such a record; the others say that nobody knows.
Problem = Literal["", "no_name", "no_record", "timeout", "refused", "unreadable"]
PROBLEMS: dict[Problem, str] = {
    "no_name": "the name does not exist",
    "no_record": "there is no such record",
    "timeout": "its name servers did not answer in time",
    "refused": "its name servers answered with an error",
    "unreadable": "the answer, or the name itself, can't be read",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """``records`` as text, names without a final dot, MX as "10 mail.example.org", a TXT's strings joined."""

    records: tuple[str, ...] = ()
    problem: Problem = ""

    @property
    def known(self) -> bool:
        """False when nobody can tell whether there is a record."""
        return self.problem in ("", "no_name", "no_record")


class Resolver(Protocol):
    """Whoever answers such questions. Raises nothing: what went wrong is in the answer."""

    def ask(self, name: str, kind: RecordKind) -> Answer:
        """The records of ``kind`` at ``name``, aliases followed."""
        ...


# Names that are nobody's, for examples and tests: no name server of the world has them (RFC 6761).
RESERVED = ("example", "test", "invalid", "localhost")


def reserved(domain: str) -> bool:
    """Whether a domain can't be anybody's."""
    return domain.strip(".").lower().rpartition(".")[2] in RESERVED


def parents(domain: str) -> list[str]:
    """``domain`` and what stands above it, down to two labels: a.b.example.org, b.example.org, example.org."""
    labels = domain.strip(".").lower().split(".")
    return [".".join(labels[n:]) for n in range(max(1, len(labels) - 1))]
