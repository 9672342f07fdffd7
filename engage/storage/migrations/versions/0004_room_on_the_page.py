"""Room on the page for all versions of a message: as planned, as claimed with its sealed values, as accepted."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # At 50 the accepted version went to another page and so into every index: half of what recording cost.
    op.execute("ALTER TABLE messages SET (fillfactor = 30)")
