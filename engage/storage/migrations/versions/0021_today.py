"""The figures of the last days, counted every now and then so that no page has to."""

from alembic import op

revision = "0021"
down_revision = "0020"

# One row. Derived: it can be thrown away, and is counted anew.
TABLES = """
CREATE TABLE week_counts (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    counts jsonb NOT NULL DEFAULT '{}',
    counted_at timestamptz,
    tried_at timestamptz NOT NULL,
    took_ms integer NOT NULL
);
"""


def upgrade() -> None:
    op.execute(TABLES)
