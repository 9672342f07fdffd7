"""How fast the proof of consent goes through what was sent, and what it holds meanwhile."""

from __future__ import annotations

import os
import time

from bench.place import BenchError, Place, pss
from bench.run import Bench
from bench.table import spread
from engage.services.consent_proof import Finding, verify
from engage.storage.database import run as execute

# Messages a second, and MiB more than before.
TARGET, MOST_MIB = 20_000, 64
EACH, BATCH = 12, 250
ROUNDS = 3
# Ids that grow with the number; people, contacts, entries and attempts each in a range of their own.
FILL = """
CREATE FUNCTION pg_temp.id(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT (lpad(to_hex(kind), 8, '0') || lpad(to_hex(n), 24, '0'))::uuid $$;
INSERT INTO people (id, zone, created_at, updated_at)
    SELECT pg_temp.id(1, n), 'America/New_York', now(), now() FROM generate_series(1, {people}) n;
INSERT INTO contacts (id, person_id, channel, address_index, created_at)
    SELECT pg_temp.id(2, n), pg_temp.id(1, n), 'email', decode(lpad(to_hex(n), 64, '0'), 'hex'), now()
    FROM generate_series(1, {people}) n;
INSERT INTO consents (id, person_id, channel, purpose, action, actor, source, at, entered_at)
    SELECT pg_temp.id(3, n), pg_temp.id(1, n), 'email', 'education', 'granted', 'person', 'bench', now(),
        now() - interval '90 days' FROM generate_series(1, {people}) n;
-- A tenth left after the last lesson.
INSERT INTO consents (id, person_id, channel, purpose, action, actor, source, at, entered_at)
    SELECT pg_temp.id(4, n), pg_temp.id(1, n), 'email', 'education', 'withdrawn', 'person', 'bench', now(), now()
    FROM generate_series(1, {people}) n WHERE n % 10 = 0;
INSERT INTO consent_states SELECT pg_temp.id(1, n), 'email', 'education', n % 10 <> 0,
    pg_temp.id(CASE WHEN n % 10 = 0 THEN 4 ELSE 3 END, n) FROM generate_series(1, {people}) n;
INSERT INTO suppressions (id, channel, address_index, scope, reason, created_at)
    SELECT pg_temp.id(5, n), 'email', decode(lpad(to_hex(n), 64, '0'), 'hex'), 'education', 'unsubscribed', now()
    FROM generate_series(1, {people}) n WHERE n % 10 = 0;
INSERT INTO attempts (id, state, sender, channel, message_ids, lease_until, created_at, ended_at)
    SELECT pg_temp.id(6, n), 'done', 'sendgrid', 'email', '{{}}', now(), now() - interval '1 day', now()
    FROM generate_series(0, {people} * {each} / {batch}) n;
INSERT INTO messages (id, person_id, contact_id, cause, cause_id, kind, channel, purpose, lane, status, not_before,
    due_at, not_after, dedup_key, consent_id, attempt_id, sealed, created_at, sent_at)
SELECT pg_temp.id(7, n), pg_temp.id(1, 1 + n % {people}), pg_temp.id(2, 1 + n % {people}), 'enrolment',
    pg_temp.id(1, n), 'course-lesson', 'email', 'education', 2, 'delivered', now(), now(), now(), 'bench/' || n,
    pg_temp.id(3, 1 + n % {people}), pg_temp.id(6, n / {batch}), decode(repeat('5e', 220), 'hex'), now(), now()
FROM generate_series(0, {people} * {each} - 1) n;
"""


def run(bench: Bench) -> None:
    """A million messages to people with twelve each, all in order."""
    wanted = min(bench.options.rows, 50_000) if bench.options.quick else bench.options.rows
    people = max(1, wanted // EACH)
    with bench.place.fresh() as place:
        _fill(place, people)
        before = pss(os.getpid())
        rates = [_round(place, people) for _ in range(ROUNDS)]
        after = pss(os.getpid())
    report = bench.report
    report.table(
        f"The proof of consent of {people * EACH:,} messages to {people:,} people, one process",
        ("", "messages a second"),
        [("engage consent verify", spread(rates, 0))],
    )
    report.least("messages that are proven a second", rates, TARGET)
    if before is not None and after is not None:
        report.most("MiB (PSS) more after three proofs than before", [max(0.0, after - before)], MOST_MIB)


def _fill(place: Place, people: int) -> None:
    with place.rt.transaction() as tx:
        execute(tx, "SET LOCAL synchronous_commit = off")
        # Several statements at once, which only the driver itself takes.
        driver = tx.connection.driver_connection
        assert driver is not None
        driver.execute(FILL.format(people=people, each=EACH, batch=BATCH))
    with place.rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
        execute(own, "VACUUM ANALYZE")


def _round(place: Place, people: int) -> float:
    found: list[Finding] = []
    began = time.perf_counter()
    proof = verify(place.rt, found.append)
    took = time.perf_counter() - began
    if found or proof.proven != people * EACH:
        raise BenchError(f"{proof.proven} were proven, not {people * EACH}: {found[:1]}")
    return proof.messages / took
