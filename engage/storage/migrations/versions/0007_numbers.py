"""Mobile numbers, confirmed by a text or a code."""

from alembic import op

revision = "0007"
down_revision = "0006"

TABLES = """
-- One row for each time that somebody asked for texts to a number. A row that was limited or suppressed sent nothing.
CREATE TABLE numbers (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people,
    number_index bytea NOT NULL,
    prefix_index bytea NOT NULL,
    sealed bytea,
    state text NOT NULL CHECK (state IN ('sent', 'limited', 'suppressed', 'confirmed', 'replaced', 'spent', 'stopped')),
    code_hash bytea,
    tries smallint NOT NULL DEFAULT 0,
    segments smallint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX numbers_person ON numbers (person_id, created_at);
CREATE INDEX numbers_number ON numbers (number_index, created_at);
CREATE INDEX numbers_sent ON numbers (created_at) WHERE segments > 0;
CREATE INDEX numbers_sealed ON numbers (created_at) WHERE sealed IS NOT NULL;

-- Whom lessons go to by text as well: few, so that a claim of emails finds them at no cost.
CREATE INDEX consent_states_texted ON consent_states (person_id)
    WHERE channel = 'sms' AND purpose = 'education' AND granted;

ALTER TABLE messages DROP CONSTRAINT messages_cause_check;
ALTER TABLE messages ADD CONSTRAINT messages_cause_check
    CHECK (cause IN ('signup', 'enrolment', 'staff', 'consultation', 'alert', 'inbound', 'number'));
"""


def upgrade() -> None:
    op.execute(TABLES)
