"""Files of visits from booking systems: what came when, what it changed, and how a source's columns are read."""

from alembic import op

revision = "0018"
down_revision = "0017"

TABLES = """
CREATE TABLE imports (
    id uuid PRIMARY KEY,
    source text NOT NULL,
    file_hash bytea NOT NULL,
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'undoing', 'undone')),
    counts jsonb NOT NULL DEFAULT '{}',
    actor text NOT NULL,
    at timestamptz NOT NULL,
    ended_at timestamptz,
    undone_at timestamptz
);

-- What an import did to a visit; gone once it is undone, or too old to be.
CREATE TABLE import_rows (
    import_id uuid NOT NULL REFERENCES imports,
    appointment_id uuid NOT NULL REFERENCES appointments,
    what text NOT NULL CHECK (what IN ('added', 'moved', 'cancelled', 'reinstated', 'marked')),
    version integer NOT NULL,
    was text,
    PRIMARY KEY (import_id, appointment_id)
);

-- What a visit's row said when it was last heeded: the same row again need not be looked into.
CREATE TABLE imported_visits (
    external_index bytea PRIMARY KEY,
    told bytea NOT NULL
);

CREATE TABLE import_mappings (
    source text PRIMARY KEY,
    mapping jsonb NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL
);
"""


def upgrade() -> None:
    op.execute(TABLES)
