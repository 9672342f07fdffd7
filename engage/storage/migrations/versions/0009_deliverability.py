"""Complaints and bounces that pause what caused them."""

from alembic import op

revision = "0009"
down_revision = "0008"

TABLES = """
SELECT 1;
"""


def upgrade() -> None:
    op.execute(TABLES)
