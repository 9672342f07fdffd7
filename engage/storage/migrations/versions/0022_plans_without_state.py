"""How a plan of treatment stands is told by its visits; columns that said so as well were never written."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.execute("ALTER TABLE treatment_plans DROP COLUMN state, DROP COLUMN ended_at")
