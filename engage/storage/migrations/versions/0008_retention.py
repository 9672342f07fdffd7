"""What is forgotten, and when."""

from alembic import op

revision = "0008"
down_revision = "0007"

TABLES = """
SELECT 1;
"""


def upgrade() -> None:
    op.execute(TABLES)
