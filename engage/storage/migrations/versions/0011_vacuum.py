"""Tables that change with every message are vacuumed at full speed, or they swell while a campaign leaves."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for table in ("messages", "attempts", "enrolments"):
        op.execute(f"ALTER TABLE {table} SET (autovacuum_vacuum_cost_delay = 0)")
