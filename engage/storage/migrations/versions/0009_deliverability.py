"""Complaints and bounces that pause what caused them."""

from alembic import op

revision = "0009"
down_revision = "0008"

TABLES = """
-- The moment of each entry, lifting and claim by the database's real clock, read under the locks that order them. Rows
-- from before have none: the clinic's clock counts for them. Adding the default after the column leaves them so.
ALTER TABLE consents ADD COLUMN entered_at timestamptz;
ALTER TABLE consents ALTER COLUMN entered_at SET DEFAULT clock_timestamp();
ALTER TABLE suppressions ADD COLUMN entered_at timestamptz;
ALTER TABLE suppressions ALTER COLUMN entered_at SET DEFAULT clock_timestamp();
ALTER TABLE suppressions ADD COLUMN left_at timestamptz;
-- Lifted ones too are looked up by address.
CREATE INDEX suppressions_address ON suppressions (address_index);
-- Only of an attempt that came of another's split.
ALTER TABLE attempts ADD COLUMN claimed_at timestamptz;

-- What caused too many complaints or bounces, or what staff stopped. Times are real.
CREATE TABLE pauses (
    id uuid PRIMARY KEY,
    cause text NOT NULL CHECK (cause IN ('course', 'campaign')),
    slug text NOT NULL,
    reason text NOT NULL CHECK (reason IN ('complaints', 'bounces', 'staff')),
    delivered integer,
    unwelcome integer,
    paused_by text NOT NULL,
    paused_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    resumed_by text,
    resumed_at timestamptz
);
CREATE UNIQUE INDEX pauses_standing ON pauses (cause, slug) WHERE resumed_at IS NULL;
-- The few events that count against a course, without a walk through all.
CREATE INDEX receipt_events_unwelcome ON receipt_events (received_at)
    WHERE what = 'complaint' OR reason = 'bounced';
"""


def upgrade() -> None:
    op.execute(TABLES)
