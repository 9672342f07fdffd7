"""Messages that left as no message should, each with what it lacks, for the proof of consent to find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from engage.ids import new_id
from engage.runtime import Runtime
from engage.services.consent_proof import Finding, Proof, verify
from engage.storage.database import run
from tests.scripted import Somebody, somebody

DAYS = timedelta(days=1)
CLAIMED = datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0) - 21 * DAYS


@dataclass
class Told:
    """What the proof said."""

    findings: list[Finding] = field(default_factory=list)
    proof: Proof = field(default_factory=Proof)

    @property
    def messages(self) -> dict[UUID | None, set[str]]:
        return {one.message_id: set(one.what) for one in self.findings if one.about == "message"}


def proven(rt: Runtime, since: datetime | None = None) -> Told:
    told = Told()
    told.proof = verify(rt, told.findings.append, since)
    return told


def put(rt: Runtime, table: str, **values: Any) -> UUID:
    """A row as nobody but a test writes it."""
    values = {"id": new_id(), **values}
    sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(f'%({name})s' for name in values)})"
    with rt.transaction() as tx:
        run(tx, sql, values)
    return UUID(str(values["id"]))


def entry(rt: Runtime, who: Somebody, at: datetime, action: str = "granted", **other: Any) -> UUID:
    """An entry of the ledger, without its state."""
    values = {"channel": "email", "purpose": "education", "actor": "person", "source": "test", **other}
    return put(rt, "consents", person_id=who.id, action=action, at=at, entered_at=at, **values)


def left(
    rt: Runtime, who: Somebody, consent: UUID | None, at: datetime | None = CLAIMED, **other: Any
) -> UUID:
    """A lesson that was claimed at a moment and delivered."""
    attempt = None
    if at is not None:
        values = {
            "sender": "sendgrid",
            "channel": "email",
            "message_ids": [],
            "lease_until": at,
            "created_at": at,
        }
        attempt = put(rt, "attempts", state="done", ended_at=at, **values)
    id = new_id()
    return put(
        rt,
        "messages",
        **{
            "id": id,
            "person_id": who.id,
            "contact_id": who.email_contact,
            "cause": "enrolment",
            "cause_id": new_id(),
            "kind": "course-lesson",
            "channel": "email",
            "purpose": "education",
            "lane": 2,
            "status": "delivered",
            "not_before": CLAIMED,
            "due_at": CLAIMED,
            "not_after": CLAIMED + DAYS,
            "dedup_key": f"planted/{id}",
            "created_at": CLAIMED,
            "sent_at": CLAIMED,
            "consent_id": consent,
            "attempt_id": attempt,
            **other,
        },
    )


def agreed(rt: Runtime, n: int, **other: Any) -> tuple[Somebody, UUID]:
    """Somebody who agreed the day before."""
    who = somebody(rt, n)
    id = entry(rt, who, CLAIMED - DAYS, **other)
    given = {"channel": "email", "purpose": "education", **other}
    with rt.transaction() as tx:
        run(
            tx,
            "INSERT INTO consent_states VALUES (%(person)s, %(channel)s, %(purpose)s, true, %(id)s)",
            {"person": who.id, "id": id, **given},
        )
    return who, id


def shut(rt: Runtime, who: Somebody, since: datetime, **other: Any) -> UUID:
    index = rt.sealer.index("email", who.email)
    values = {"scope": "education", "reason": "unsubscribed", **other}
    return put(
        rt, "suppressions", channel="email", address_index=index, created_at=since, entered_at=since, **values
    )


def withdrawn(rt: Runtime, who: Somebody, at: datetime) -> None:
    with rt.transaction() as tx:
        id = new_id()
        run(
            tx,
            """INSERT INTO consents (id, person_id, channel, purpose, action, actor, source, at, entered_at)
            VALUES (%(id)s, %(person)s, 'email', 'education', 'withdrawn', 'person', 'test', %(at)s, %(at)s)""",
            {"id": id, "person": who.id, "at": at},
        )
        run(
            tx,
            "UPDATE consent_states SET granted = false, consent_id = %(id)s WHERE person_id = %(person)s",
            {"id": id, "person": who.id},
        )


Plant = Callable[[Runtime], UUID]


def no_consent(rt: Runtime) -> UUID:
    return left(rt, agreed(rt, 1)[0], None)


def not_in_ledger(rt: Runtime) -> UUID:
    return left(rt, agreed(rt, 1)[0], new_id())


def of_another_person(rt: Runtime) -> UUID:
    who, _ = agreed(rt, 1)
    return left(rt, who, agreed(rt, 2)[1])


def of_another_channel(rt: Runtime) -> UUID:
    return left(rt, *agreed(rt, 1, channel="sms"))


def of_another_purpose(rt: Runtime) -> UUID:
    return left(rt, *agreed(rt, 1, purpose="marketing"))


def not_a_grant(rt: Runtime) -> UUID:
    who, _ = agreed(rt, 1)
    withdrawn(rt, who, CLAIMED - DAYS / 2)
    with rt.transaction() as tx:
        id = run(tx, "SELECT id FROM consents WHERE action = 'withdrawn'").scalar_one()
    return left(rt, who, id)


def granted_later(rt: Runtime) -> UUID:
    who, id = agreed(rt, 1)
    return left(rt, who, id, CLAIMED - 2 * DAYS)


def withdrawn_before(rt: Runtime) -> UUID:
    who, id = agreed(rt, 1)
    withdrawn(rt, who, CLAIMED - timedelta(microseconds=1))
    return left(rt, who, id)


def suppressed(rt: Runtime) -> UUID:
    who, id = agreed(rt, 1)
    shut(rt, who, CLAIMED - timedelta(microseconds=1))
    return left(rt, who, id)


def suppressed_and_lifted_later(rt: Runtime) -> UUID:
    who, id = agreed(rt, 1)
    shut(rt, who, CLAIMED - DAYS, lifted_at=CLAIMED + DAYS, left_at=CLAIMED + DAYS)
    return left(rt, who, id)


def no_attempt(rt: Runtime) -> UUID:
    who, id = agreed(rt, 1)
    return left(rt, who, id, None)


def attempt_is_gone(rt: Runtime) -> UUID:
    who, id = agreed(rt, 1)
    return left(rt, who, id, None, attempt_id=new_id())


def of_nobody(rt: Runtime) -> UUID:
    who, id = agreed(rt, 1)
    return left(rt, who, id, person_id=None)


def of_nobody_on_record(rt: Runtime) -> UUID:
    who, id = agreed(rt, 1)
    return left(rt, who, id, person_id=new_id())


PLANTED: list[tuple[Plant, str]] = [
    (no_consent, "names_no_consent"),
    (not_in_ledger, "not_in_ledger"),
    (of_another_person, "of_another_person"),
    (of_another_channel, "of_another_channel"),
    (of_another_purpose, "of_another_purpose"),
    (not_a_grant, "not_a_grant"),
    (granted_later, "granted_later"),
    (withdrawn_before, "withdrawn_before"),
    (suppressed, "suppressed"),
    (suppressed_and_lifted_later, "suppressed"),
    (no_attempt, "no_attempt"),
    (attempt_is_gone, "no_attempt"),
    (of_nobody, "of_another_person"),
    (of_nobody_on_record, "of_another_person"),
]
