"""The road: people, consent, sign-ups, courses and the message pipe."""

from alembic import op

revision = "0001"
down_revision = None

# Messages and mailbox rows point to contents and consents without a foreign key: rows there are never
# deleted, and checking the keys was a third of what a claim cost.
# Clear columns are listed with their reasons in docs/data.md; a test fails on one that is not.
TABLES = """
CREATE TABLE people (
    id uuid PRIMARY KEY,
    sealed bytea,
    zone text NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'erased')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE contacts (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people,
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    address_index bytea NOT NULL,
    sealed bytea,
    state text NOT NULL DEFAULT 'confirmed' CHECK (state IN ('confirmed', 'replaced', 'bad')),
    created_at timestamptz NOT NULL
);
CREATE INDEX contacts_address ON contacts (channel, address_index);
CREATE UNIQUE INDEX contacts_one_of_each ON contacts (person_id, channel, address_index);

CREATE TABLE signups (
    id uuid PRIMARY KEY,
    course text NOT NULL,
    address_index bytea NOT NULL,
    sealed bytea,
    state text NOT NULL DEFAULT 'new'
        CHECK (state IN ('new', 'sent', 'limited', 'suppressed', 'confirmed', 'refused')),
    person_id uuid REFERENCES people,
    enrolment_id uuid,
    created_at timestamptz NOT NULL,
    answered_at timestamptz,
    ended_at timestamptz
);
CREATE INDEX signups_new ON signups (created_at) WHERE state = 'new';
CREATE INDEX signups_answered ON signups (address_index, answered_at);
CREATE INDEX signups_unconfirmed ON signups (created_at) WHERE state NOT IN ('confirmed', 'refused');

CREATE TABLE wordings (
    hash bytea PRIMARY KEY,
    wording text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE consents (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people,
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    purpose text NOT NULL CHECK (purpose IN ('care', 'education', 'marketing')),
    action text NOT NULL CHECK (action IN ('granted', 'withdrawn')),
    actor text NOT NULL,
    source text NOT NULL,
    wording_hash bytea REFERENCES wordings,
    message_id uuid,
    sealed bytea,
    at timestamptz NOT NULL
);
CREATE INDEX consents_person ON consents (person_id, at);

CREATE TABLE consent_states (
    person_id uuid NOT NULL REFERENCES people,
    channel text NOT NULL,
    purpose text NOT NULL,
    granted boolean NOT NULL,
    consent_id uuid NOT NULL REFERENCES consents,
    PRIMARY KEY (person_id, channel, purpose)
);

CREATE TABLE suppressions (
    id uuid PRIMARY KEY,
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    address_index bytea NOT NULL,
    scope text NOT NULL CHECK (scope IN ('all', 'service', 'care', 'education', 'marketing')),
    reason text NOT NULL CHECK (reason IN ('unsubscribed', 'complaint', 'hard_bounce', 'not_me')),
    message_id uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    lifted_at timestamptz,
    lifted_by text
);
CREATE UNIQUE INDEX suppressions_standing ON suppressions (channel, address_index, scope, reason)
    WHERE lifted_at IS NULL;

CREATE TABLE enrolments (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people,
    contact_id uuid NOT NULL REFERENCES contacts,
    course text NOT NULL,
    state text NOT NULL DEFAULT 'active'
        CHECK (state IN ('active', 'completed', 'stopped', 'booked', 'unsubscribed')),
    started_at timestamptz NOT NULL,
    done text[] NOT NULL DEFAULT '{}',
    last_day integer NOT NULL DEFAULT -1,
    last_on date,
    shift_days integer NOT NULL DEFAULT 0,
    paused_until timestamptz,
    timetable text NOT NULL,
    ended_at timestamptz
);
CREATE UNIQUE INDEX enrolments_live ON enrolments (person_id, course) WHERE state = 'active';
CREATE INDEX enrolments_timetable ON enrolments (course, timetable) WHERE state = 'active';

CREATE TABLE contents (
    id uuid PRIMARY KEY,
    hash bytea NOT NULL UNIQUE,
    subject text NOT NULL,
    html text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    person_id uuid REFERENCES people,
    contact_id uuid REFERENCES contacts,
    cause text NOT NULL CHECK (cause IN ('signup', 'enrolment', 'staff')),
    cause_id uuid NOT NULL,
    step text NOT NULL DEFAULT '',
    kind text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    purpose text NOT NULL,
    lane smallint NOT NULL,
    status text NOT NULL DEFAULT 'planned' CHECK (status IN ('planned', 'claimed', 'accepted', 'delivered',
        'failed', 'expired', 'cancelled', 'skipped', 'held', 'unknown')),
    reason text,
    anytime boolean NOT NULL DEFAULT false,
    not_before timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    not_after timestamptz NOT NULL,
    dedup_key text NOT NULL,
    tries smallint NOT NULL DEFAULT 0,
    attempt_id uuid,
    content_id uuid,
    consent_id uuid,
    provider_id text,
    sealed bytea,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    ended_at timestamptz,
    CHECK (not_before <= not_after)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02);
CREATE UNIQUE INDEX messages_dedup ON messages (dedup_key);
CREATE INDEX messages_due ON messages (lane, due_at, id) WHERE status = 'planned';
CREATE INDEX messages_person ON messages (person_id, due_at);

CREATE TABLE attempts (
    id uuid PRIMARY KEY,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'started', 'done', 'unknown')),
    sender text NOT NULL,
    channel text NOT NULL,
    message_ids uuid[] NOT NULL,
    lease_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    result text
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX attempts_running ON attempts (lease_until) WHERE state IN ('open', 'started', 'unknown');

CREATE TABLE mailbox_attempts (
    attempt_id uuid PRIMARY KEY,
    stored boolean NOT NULL
);

CREATE TABLE mailbox (
    id uuid PRIMARY KEY,
    attempt_id uuid NOT NULL,
    message_id uuid NOT NULL,
    place bigint GENERATED ALWAYS AS IDENTITY,
    channel text NOT NULL,
    kind text NOT NULL,
    content_id uuid NOT NULL,
    sealed bytea NOT NULL,
    sent_at timestamptz NOT NULL,
    UNIQUE (attempt_id, message_id)
);
CREATE INDEX mailbox_place ON mailbox (place);

CREATE TABLE movable_clock (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    ahead interval NOT NULL
);

CREATE TABLE heartbeats (
    name text PRIMARY KEY,
    at timestamptz NOT NULL
);
"""

# The ledger is evidence: it only grows.
APPEND_ONLY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER consents_append_only BEFORE UPDATE OR DELETE ON consents
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER consents_keep BEFORE TRUNCATE ON consents
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(APPEND_ONLY)
