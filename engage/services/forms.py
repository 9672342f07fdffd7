"""What both public forms share: the stamp, the count for a client, addresses, and the mail that they cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from engage.domain import abuse
from engage.domain.abuse import Asked, Verdict
from engage.domain.messages import SIGNUP_CONFIRM
from engage.domain.signups import Limits
from engage.runtime import Runtime
from engage.services.alerts import over, raise_alert
from engage.storage import form_counts, second_look, suppressions
from engage.storage.form_counts import Counted

STAMP = "stamp"
CAP_ALERT = ("anonymous_mail_cap", "mail")


class TooMany(Exception):
    """A client sent more forms than the clinic allows in an hour. ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many forms from one client")
        self.retry_after = retry_after


def stamp(rt: Runtime) -> str:
    """The value of the form's hidden field ``stamp``. Real time: it tells people from programs."""
    return rt.links.stamp(datetime.now(UTC))


def counted(rt: Runtime, form: Mapping[str, str], ip: str) -> Counted | None:
    """How the form counts for its client; None for a client that is not counted."""
    stamped_at = rt.links.stamped_at(form.get(STAMP, ""))
    client = abuse.client_network(ip)
    if client is None:
        return None
    index = rt.sealer.index("ip", client)
    return Counted(index, abuse.weight(stamped_at, datetime.now(UTC)), rt.clinic.abuse.forms_per_ip_per_hour)


def too_many() -> TooMany:
    """The refusal, with the seconds until the count starts anew."""
    return TooMany(abuse.seconds_left_of_hour(datetime.now(UTC)))


def weigh(
    rt: Runtime, tx: Connection, asked: Sequence[Asked], now: datetime, *, acknowledging: bool = False
) -> list[Verdict]:
    """Which of these forms get their mail, in order. The caller weighs alone (``form_counts.weigh_alone``).

    Confirmations and acknowledgements share each address's limits and the day's cap; but a
    confirmation that was used does not stand in the way of an acknowledgement.
    """
    if not asked:
        return []
    policy = rt.clinic.signup
    limits = Limits(policy.resend_after_minutes, policy.per_day_after_that, policy.per_30_days)
    indexes = list({form.index for form in asked})
    answered = abuse.answer(
        asked,
        form_counts.mailed(tx, indexes, now - timedelta(days=30), unwanted=acknowledging),
        suppressions.standing(tx, "email", indexes, SIGNUP_CONFIRM.purpose, now),
        rt.clinic.abuse.anonymous_mail_per_day - form_counts.mail_count(tx, now - abuse.DAY),
        limits,
        now,
    )
    if answered.capped:
        raise_alert(rt, tx, *CAP_ALERT)
    return answered.verdicts


def sweep(rt: Runtime) -> int:
    """What time changes: counts of past hours go, the alert ends when mail may go out again, and
    sign-ups that came too soon after an acknowledgement are weighed once more. Returns how many counts.
    """
    with rt.transaction() as tx:
        now = rt.now(tx)
        second_look.give(tx, now)
        if form_counts.mail_count(tx, now - abuse.DAY) < rt.clinic.abuse.anonymous_mail_per_day:
            over(rt, tx, *CAP_ALERT)
        return form_counts.forget(tx)
