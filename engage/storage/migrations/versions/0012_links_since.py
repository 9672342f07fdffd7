"""Links that were given out before a person's address changed open nothing any more."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("ALTER TABLE people ADD COLUMN links_since timestamptz")
