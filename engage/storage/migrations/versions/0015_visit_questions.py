"""Which visit? A question that a number was asked, until its answer chooses."""

from alembic import op

revision = "0015"
down_revision = "0014"

TABLES = """
CREATE TABLE visit_questions (
    number_index bytea PRIMARY KEY,
    asks text NOT NULL CHECK (asks IN ('confirm', 'reschedule', 'cancel', 'late')),
    listed uuid[] NOT NULL,
    versions integer[] NOT NULL,
    chosen uuid,
    chosen_version integer,
    asked_at timestamptz NOT NULL,
    chosen_at timestamptz,
    CHECK (cardinality(listed) = cardinality(versions))
);
CREATE INDEX visit_questions_asked_at ON visit_questions (asked_at);
CREATE INDEX follow_ups_cause ON follow_ups (cause_id) WHERE state = 'open';
"""


def upgrade() -> None:
    op.execute(TABLES)
