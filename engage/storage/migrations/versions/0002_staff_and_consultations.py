"""Staff, consultation requests, follow-ups, the audit trail, search tokens, limits, alerts."""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = """
CREATE TABLE staff (
    id uuid PRIMARY KEY,
    sealed bytea NOT NULL,
    address_index bytea NOT NULL UNIQUE,
    role text NOT NULL DEFAULT 'administrator'
        CHECK (role IN ('reader', 'front_desk', 'author', 'approver', 'administrator')),
    state text NOT NULL DEFAULT 'invited' CHECK (state IN ('invited', 'active', 'disabled')),
    password_hash text,
    totp_step bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    signed_in_at timestamptz
);

CREATE TABLE staff_invites (
    id uuid PRIMARY KEY,
    staff_id uuid NOT NULL REFERENCES staff,
    purpose text NOT NULL CHECK (purpose IN ('invite', 'reset')),
    created_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE TABLE staff_sessions (
    token_hash bytea PRIMARY KEY,
    staff_id uuid NOT NULL REFERENCES staff,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX staff_sessions_staff ON staff_sessions (staff_id) WHERE ended_at IS NULL;

CREATE TABLE sign_in_tries (
    who bytea PRIMARY KEY,
    count integer NOT NULL,
    last_at timestamptz NOT NULL,
    locked_until timestamptz
);

CREATE TABLE consultations (
    id uuid PRIMARY KEY,
    sealed bytea,
    address_index bytea,
    number_index bytea,
    person_id uuid REFERENCES people,
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'open', 'closed')),
    outcome text CHECK (outcome IN ('booked', 'not_reached', 'not_interested', 'not_suitable', 'spam', 'other')),
    assignee uuid REFERENCES staff,
    created_at timestamptz NOT NULL,
    answered_at timestamptz,
    due_at timestamptz,
    closed_at timestamptz
);
CREATE INDEX consultations_answered ON consultations (address_index, answered_at);
CREATE INDEX consultations_not_looked_at ON consultations (created_at, id)
    WHERE due_at IS NULL AND state <> 'closed';
CREATE INDEX consultations_open ON consultations (state, due_at) WHERE state <> 'closed';
CREATE INDEX consultations_person ON consultations (person_id);

CREATE TABLE consultation_events (
    id uuid PRIMARY KEY,
    place bigint GENERATED ALWAYS AS IDENTITY,
    consultation_id uuid NOT NULL REFERENCES consultations,
    staff_id uuid REFERENCES staff,
    what text NOT NULL CHECK (what IN ('received', 'acknowledged', 'assigned', 'unassigned', 'called', 'noted',
        'closed', 'reopened')),
    sealed bytea,
    at timestamptz NOT NULL
);
CREATE INDEX consultation_events_of ON consultation_events (consultation_id, place);

CREATE TABLE follow_ups (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    dedup_key text NOT NULL UNIQUE,
    person_id uuid REFERENCES people,
    cause text NOT NULL,
    cause_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done')),
    outcome text,
    assignee uuid REFERENCES staff,
    sealed bytea,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    done_at timestamptz
);
CREATE INDEX follow_ups_open ON follow_ups (due_at) WHERE state = 'open';

CREATE TABLE audit (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    staff_id uuid,
    action text NOT NULL,
    what text NOT NULL,
    what_id uuid,
    person_id uuid
);
CREATE INDEX audit_person ON audit (person_id, at);

CREATE TABLE audit_chain (
    seq bigint PRIMARY KEY,
    audit_id uuid NOT NULL UNIQUE REFERENCES audit,
    hash bytea NOT NULL
);

CREATE TABLE audit_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    mark bytea NOT NULL
);

CREATE TABLE person_tokens (
    token bytea NOT NULL,
    person_id uuid NOT NULL REFERENCES people,
    PRIMARY KEY (token, person_id)
);
CREATE INDEX person_tokens_person ON person_tokens (person_id);

CREATE TABLE form_counts (
    ip_index bytea NOT NULL,
    hour timestamptz NOT NULL,
    count integer NOT NULL,
    PRIMARY KEY (ip_index, hour)
);

CREATE TABLE alerts (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    about text NOT NULL,
    link text NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'over')),
    created_at timestamptz NOT NULL,
    told_at timestamptz,
    times integer NOT NULL DEFAULT 0,
    over_at timestamptz
);
CREATE UNIQUE INDEX alerts_open ON alerts (kind, about) WHERE state = 'open';
CREATE INDEX alerts_told ON alerts (kind, told_at);

-- Asked for with the button on the page after the form.
ALTER TABLE signups ADD COLUMN resend boolean NOT NULL DEFAULT false;
-- Limited by an acknowledgement only, and weighed again when its day was over.
ALTER TABLE signups ADD COLUMN looked_again boolean NOT NULL DEFAULT false;
CREATE INDEX signups_limited ON signups (created_at) WHERE state = 'limited' AND NOT looked_again;
-- The day's anonymous mail is counted without a walk through all sign-ups.
CREATE INDEX signups_answered_at ON signups (answered_at) WHERE answered_at IS NOT NULL;
CREATE INDEX consultations_answered_at ON consultations (answered_at) WHERE answered_at IS NOT NULL;

ALTER TABLE messages DROP CONSTRAINT messages_cause_check;
ALTER TABLE messages ADD CONSTRAINT messages_cause_check
    CHECK (cause IN ('signup', 'enrolment', 'staff', 'consultation', 'alert'));
"""

# Evidence only grows.
APPEND_ONLY = """
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_keep BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_chain_append_only BEFORE UPDATE OR DELETE ON audit_chain
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_chain_keep BEFORE TRUNCATE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(APPEND_ONLY)
