"""A session remembers its last one-time code; a new installation is on trial until a person lets it go live."""

from alembic import op

revision = "0020"
down_revision = "0019"

TABLES = """
ALTER TABLE staff_sessions ADD COLUMN stepped_up_at timestamptz;

-- ``ticked``: for each item of the list that a person ticked, who and when (ids and roles only).
CREATE TABLE go_live (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    live_at timestamptz,
    live_by text,
    ticked jsonb NOT NULL DEFAULT '{}'
);
"""

# What has written to people, or knows when they visit, is nobody's trial: it must go on as it did.
IN_USE = """
INSERT INTO go_live (live_at, live_by)
SELECT CASE WHEN used THEN clock_timestamp() END, CASE WHEN used THEN 'migration' END FROM (
    SELECT EXISTS (SELECT 1 FROM appointments) OR EXISTS (
        SELECT 1 FROM messages WHERE status IN ('accepted', 'delivered', 'unknown') OR sent_at IS NOT NULL) AS used
) x
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(IN_USE)
