"""Texts that came in, understood, and what followed."""

from alembic import op

revision = "0006"
down_revision = "0005"

TABLES = """
-- What each was taken for, what followed, and the answer that went back.
ALTER TABLE inbound ADD COLUMN intent text;
ALTER TABLE inbound ADD COLUMN why text;
ALTER TABLE inbound ADD COLUMN outcome text;
ALTER TABLE inbound ADD COLUMN answer_id uuid;
-- One that can't be understood is given to a person after three tries; it must not hold up the others.
ALTER TABLE inbound ADD COLUMN tries smallint NOT NULL DEFAULT 0;
ALTER TABLE inbound ADD COLUMN problem text;
CREATE INDEX inbound_waiting ON inbound (number_index, received_at, id) WHERE understood_at IS NULL;

-- Mail to the address for leaving, as the mail server pipes it to `engage inbound mail`.
CREATE TABLE inbound_mails (
    id uuid PRIMARY KEY,
    digest bytea NOT NULL UNIQUE,
    outcome text NOT NULL CHECK (outcome IN ('unsubscribed', 'asked')),
    sealed bytea,
    received_at timestamptz NOT NULL
);

ALTER TABLE messages DROP CONSTRAINT messages_cause_check;
ALTER TABLE messages ADD CONSTRAINT messages_cause_check
    CHECK (cause IN ('signup', 'enrolment', 'staff', 'consultation', 'alert', 'inbound'));
ALTER TABLE suppressions DROP CONSTRAINT suppressions_reason_check;
ALTER TABLE suppressions ADD CONSTRAINT suppressions_reason_check
    CHECK (reason IN ('unsubscribed', 'complaint', 'hard_bounce', 'not_me', 'opted_out', 'unclear'));
"""


def upgrade() -> None:
    op.execute(TABLES)
