"""What people wish for: a pause, fewer messages, hours of their own."""

from alembic import op

revision = "0005"
down_revision = "0004"

TABLES = """
ALTER TABLE people ADD COLUMN paused_until timestamptz;
ALTER TABLE people ADD COLUMN fewer boolean NOT NULL DEFAULT false;
-- Lines such as 'mon-fri 17:00-20:00'; empty where the person named none.
ALTER TABLE people ADD COLUMN contact_hours text[] NOT NULL DEFAULT '{}';
-- A number whose holder says that it is not theirs any more, until it is verified by email.
ALTER TABLE contacts DROP CONSTRAINT contacts_state_check;
ALTER TABLE contacts ADD CONSTRAINT contacts_state_check
    CHECK (state IN ('confirmed', 'replaced', 'bad', 'quarantined'));
"""


def upgrade() -> None:
    op.execute(TABLES)
