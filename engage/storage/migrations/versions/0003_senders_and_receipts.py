"""Real senders: evidence, receipts, breakers, the instance's epoch; a queue for each channel."""

from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = """
-- The queue's index holds what waits, and nothing else: planned rows (true) and held ones (false). Its predicate is
-- a column of its own, so that a message that goes from claimed to accepted to delivered changes no index.
ALTER TABLE messages ADD COLUMN queued boolean
    GENERATED ALWAYS AS (CASE status WHEN 'planned' THEN true WHEN 'held' THEN false END) STORED;
DROP INDEX messages_due;
CREATE INDEX messages_due ON messages (queued, lane, channel, due_at, id) WHERE queued IS NOT NULL;
-- Room on the page for what a delivery changes, so that it need not touch an index.
ALTER TABLE messages SET (fillfactor = 50);
ALTER TABLE enrolments SET (fillfactor = 70);
-- It was sent once more without proof that the first copy never left: no third time.
ALTER TABLE messages ADD COLUMN again boolean NOT NULL DEFAULT false;
-- Like those to contents and consents: people and contacts are never deleted, and the plan's insert is hot.
ALTER TABLE messages DROP CONSTRAINT messages_person_id_fkey;
ALTER TABLE messages DROP CONSTRAINT messages_contact_id_fkey;

ALTER TABLE attempts ADD COLUMN provider_id text;
ALTER TABLE attempts ADD COLUMN unknown_since timestamptz;
ALTER TABLE attempts ADD COLUMN seen_at timestamptz;
ALTER TABLE attempts ADD COLUMN final_at timestamptz;
-- One text message at the vendor belongs to one attempt.
CREATE UNIQUE INDEX attempts_provider ON attempts (provider_id) WHERE channel = 'sms' AND provider_id IS NOT NULL;
CREATE INDEX attempts_texts ON attempts (id) WHERE channel = 'sms';
CREATE INDEX attempts_not_final ON attempts (lease_until)
    WHERE sender = 'twilio' AND state = 'done' AND provider_id IS NOT NULL AND final_at IS NULL;

CREATE TABLE sender_states (
    sender text PRIMARY KEY,
    failures integer NOT NULL DEFAULT 0,
    rests integer NOT NULL DEFAULT 0,
    rest_until timestamptz,
    reason text,
    tokens double precision NOT NULL DEFAULT 0,
    filled_at timestamptz,
    evidence_at timestamptz,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE receipts (
    id uuid PRIMARY KEY,
    vendor text NOT NULL CHECK (vendor IN ('sendgrid', 'twilio')),
    what text NOT NULL CHECK (what IN ('events', 'status', 'inbound', 'poll')),
    digest bytea NOT NULL UNIQUE,
    attempt_id uuid,
    sealed bytea,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    applied_at timestamptz,
    tries smallint NOT NULL DEFAULT 0,
    problem text
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX receipts_new ON receipts (received_at) WHERE applied_at IS NULL;
CREATE INDEX receipts_problem ON receipts (received_at) WHERE problem IS NOT NULL;

CREATE TABLE receipt_events (
    event_key bytea PRIMARY KEY,
    receipt_id uuid NOT NULL,
    attempt_id uuid,
    message_id uuid,
    what text NOT NULL,
    reason text,
    code text,
    failure text,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE INDEX receipt_events_message ON receipt_events (message_id, received_at);

CREATE TABLE inbound (
    id uuid PRIMARY KEY,
    provider_id text NOT NULL UNIQUE,
    number_index bytea NOT NULL,
    opt_out_type text,
    sealed bytea,
    received_at timestamptz NOT NULL,
    understood_at timestamptz
);
CREATE INDEX inbound_new ON inbound (received_at) WHERE understood_at IS NULL;
CREATE INDEX inbound_number ON inbound (number_index, received_at);

-- What a claim has in its hands, committed before it looks inside, gone with the claim's own commit. A row that
-- outlives its transaction names the messages among which a worker died.
CREATE TABLE claims (
    id uuid PRIMARY KEY,
    message_ids uuid[] NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE instance (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id uuid NOT NULL,
    epoch integer NOT NULL,
    fingerprint text NOT NULL,
    pulse bigint NOT NULL DEFAULT 0,
    accepted_at timestamptz NOT NULL,
    accepted_by text NOT NULL
);

ALTER TABLE suppressions DROP CONSTRAINT suppressions_reason_check;
ALTER TABLE suppressions ADD CONSTRAINT suppressions_reason_check
    CHECK (reason IN ('unsubscribed', 'complaint', 'hard_bounce', 'not_me', 'opted_out'));
"""


def upgrade() -> None:
    op.execute(TABLES)
