"""How much a sender is given at once, by how quickly it answered lately. Pure.

A claim that carries one wave of requests spends more on transactions than on sending where each request is one message;
one that carries more than the sender takes in a moment keeps others waiting, and leaves more in doubt when its worker
dies. So both grow with what was seen, and shrink to the least as soon as anything goes wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

# A claim is sent in about so many seconds, a wave (what is started together, and recorded together) in so many.
CLAIM_SECONDS = 0.5
WAVE_SECONDS = 0.2
# What is seen of a few quick requests is not believed beyond so many times what was believed before.
GROWTH = 5


@dataclass(frozen=True, slots=True)
class Pace:
    """Requests a second that the sender answered lately; 0 when nothing is known, or something went wrong."""

    rate: float = 0.0

    def claim(self, parallel: int) -> int:
        """The most requests of one claim; ``parallel`` of them are under way at once."""
        return max(parallel, int(self.rate * CLAIM_SECONDS))

    def wave(self, parallel: int, most: int) -> int:
        """The most requests that are started together: never more than ``most``, unless that is below one of each
        connection."""
        return max(parallel, min(most, int(self.rate * WAVE_SECONDS)))

    def after(self, requests: int, seconds: float, *, well: bool) -> Pace:
        """The pace after a wave of ``requests`` that took so long; ``well`` when each was answered as it should be."""
        if not well:
            return Pace()
        most = self.rate * GROWTH or requests / WAVE_SECONDS
        return Pace(min(requests / max(seconds, 1e-6), most))
