"""An attempt that starts changes no index: it is written three times for each request, and a request may be one message."""

from alembic import op

revision = "0023"
down_revision = "0022"

# Columns of their own, as messages.queued is one: an index whose predicate or key names lease_until or state itself gets
# a new entry each time that one of these changes.
STATEMENTS = (
    "DROP INDEX attempts_running",
    "DROP INDEX attempts_not_final",
    """ALTER TABLE attempts
    ADD COLUMN running boolean
        GENERATED ALWAYS AS (CASE WHEN state IN ('open', 'started', 'unknown') THEN true END) STORED,
    ADD COLUMN listened_until timestamptz
        GENERATED ALWAYS AS (CASE WHEN sender = 'twilio' AND state = 'done' AND provider_id IS NOT NULL
            AND final_at IS NULL THEN lease_until END) STORED,
    ADD COLUMN lane smallint,
    ADD COLUMN code text""",
    "CREATE INDEX attempts_running ON attempts (id) WHERE running",
    "CREATE INDEX attempts_not_final ON attempts (listened_until) WHERE listened_until IS NOT NULL",
    "ALTER TABLE attempts SET (fillfactor = 50)",
    # A new column has no statistics, and by itself PostgreSQL would take half of a large table for running.
    "ANALYZE attempts",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
