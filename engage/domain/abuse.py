"""How much anonymous visitors may do: forms from one connection, mail to one address, mail in a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Literal

from engage.domain.signups import Limits, may_confirm

# Nobody reads a form, fills it in and sends it within this time.
YOUNGEST = timedelta(seconds=1)
# A form without the stamp that our pages give it was most likely not sent from them; one that came
# back at once was most likely sent by a program. Neither is refused, since a person whose browser
# fills in forms can be as quick: they use up the client's hour sooner.
UNSTAMPED = 3
TOO_QUICK = 10
DAY = timedelta(days=1)

Verdict = Literal["sent", "limited", "suppressed"]


def client_network(ip: str) -> str | None:
    """Whom forms are counted for: an IPv4 address, or an IPv6 network of 64 bits, which one household gets.

    None for this machine itself and for what is no address: behind a proxy that was not declared
    all visitors seem to come from there, and a limit would lock everybody out together.
    """
    try:
        address = ip_address(ip.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_loopback or address.is_unspecified:
        return None
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))


def weight(stamped_at: datetime | None, now: datetime) -> int:
    """How many forms this one counts as. Old ones are fine."""
    if stamped_at is None:
        return UNSTAMPED
    return TOO_QUICK if now < stamped_at + YOUNGEST else 1


def seconds_left_of_hour(now: datetime) -> int:
    """When the count of this hour is forgotten, in seconds, at least one."""
    return 3600 - (now.minute * 60 + now.second)


@dataclass(frozen=True, slots=True)
class Asked:
    """One form that wants a mail to go to the address behind ``index``; ``resend`` is the button's."""

    index: bytes
    resend: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """A verdict for each form, in order; ``capped`` says that the day's mail ran out."""

    verdicts: list[Verdict]
    capped: bool


def answer(
    asked: Sequence[Asked],
    sent: Mapping[bytes, Sequence[datetime]],
    barred: Collection[bytes],
    left_today: int,
    limits: Limits,
    now: datetime,
) -> Answered:
    """Which forms get their mail. Each one that does counts against those behind it.

    ``sent`` has the times of the last thirty days by address; ``left_today`` is how many mails
    may still go to anybody.
    """
    history = {index: list(times) for index, times in sent.items()}
    verdicts: list[Verdict] = []
    capped = False
    for form in asked:
        times = history.setdefault(form.index, [])
        if form.index in barred:
            verdicts.append("suppressed")
        elif not may_confirm(times, now, limits, resend=form.resend):
            verdicts.append("limited")
        elif left_today <= 0:
            capped = True
            verdicts.append("limited")
        else:
            left_today -= 1
            times.append(now)
            verdicts.append("sent")
    return Answered(verdicts, capped)
