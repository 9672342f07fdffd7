"""What every part of a run is given, and how rounds are taken in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from bench.delivery import Crew
from bench.place import BenchError, Place
from bench.report import Report
from tests.fakes import ledger
from tests.fakes.client import Fake
from tests.fakes.server import TWILIO_SERVICE

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured."""

    quick: bool = False
    long: bool = False
    rows: int = 1_000_000
    churn_minutes: float = 1.0

    @property
    def rounds(self) -> int:
        return 1 if self.quick else 5

    def size(self, quick: int, whole: int) -> int:
        return quick if self.quick else whole


@dataclass(frozen=True, slots=True)
class Bench:
    """The servers, what was asked for, and where results go."""

    place: Place
    options: Options
    report: Report

    @contextmanager
    def sending(self, **env: str) -> Iterator[tuple[Place, Fake]]:
        """An empty database whose messages leave over TLS, to vendors in a process of their own.

        They take everything without a look and tell nothing back; ``checked`` looks at it afterwards.
        """
        with Fake(self.place.directory / f"vendors-{next(_numbers)}", tls=True, process=True) as fake:
            for vendor in ("sendgrid", "twilio"):
                fake.settings(vendor, strict=False)
                fake.set_callbacks(vendor, on=False)
            with self.place.fresh(**{**fake.environment(), **env}) as place:
                yield place, fake


def checked(fake: Fake, wanted: int) -> None:
    """Every message that was sent is one that the vendor takes, and nobody got two. Empties the ledger."""
    if wrong := ledger.wrong(fake.directory, TWILIO_SERVICE):
        raise BenchError(f"the vendor would have refused {len(wrong)}: {wrong[0]}")
    received = fake.ledger()
    if len(received) != wanted or len({one.mark for one in received}) != wanted:
        raise BenchError(f"{wanted} were to be received, {len(received)} were")
    fake.forget()


class Costs:
    """Notes what each message of a way cost in CPU, round by round, beside its speed; the vendor forgets it."""

    def __init__(self) -> None:
        self.of: dict[str, list[float]] = {}

    def noting(
        self, name: str, crew: Crew, vendor: Fake, measure: Callable[[], float]
    ) -> Callable[[], float]:
        """The same measurement, after which the crew's cost is noted."""

        def measured() -> float:
            speed = measure()
            self.of.setdefault(name, []).append(crew.cost)
            vendor.forget()
            return speed

        return measured


def in_turn(rounds: int, ways: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Every way once in each round, so that the machine's drift meets all of them alike."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, measure in ways.items():
            found[name].append(measure())
    return found
