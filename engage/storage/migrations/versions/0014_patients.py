"""People from booking systems: how they are found again, what their addresses are good for, and merging two of one."""

from alembic import op

revision = "0014"
down_revision = "0013"

TABLES = """
ALTER TABLE people DROP CONSTRAINT people_state_check;
ALTER TABLE people ADD CONSTRAINT people_state_check CHECK (state IN ('active', 'erased', 'merged'));
-- Whether they agreed to be asked how they are; NULL where nobody ever asked.
ALTER TABLE people ADD COLUMN check_ins boolean;
-- A booking system told us; nothing but care goes there until its owner has confirmed it.
ALTER TABLE contacts ADD COLUMN care_only boolean NOT NULL DEFAULT false;

CREATE TABLE person_keys (
    source text NOT NULL,
    key_index bytea NOT NULL,
    id uuid NOT NULL UNIQUE,
    person_id uuid NOT NULL REFERENCES people,
    sealed bytea,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (source, key_index)
);
CREATE INDEX person_keys_person ON person_keys (person_id);

CREATE TABLE person_merges (
    id uuid PRIMARY KEY,
    kept uuid NOT NULL REFERENCES people,
    other uuid NOT NULL REFERENCES people,
    moved jsonb NOT NULL,
    actor text NOT NULL,
    staff_id uuid,
    at timestamptz NOT NULL,
    undone_at timestamptz
);
CREATE UNIQUE INDEX person_merges_other ON person_merges (other) WHERE undone_at IS NULL;
CREATE INDEX person_merges_kept ON person_merges (kept) WHERE undone_at IS NULL;

-- What was sent to a merged person stays theirs; whoever looks for what somebody was told asks for both.
CREATE FUNCTION person_and_merged(person uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE parts(id) AS (
        SELECT person UNION SELECT g.other FROM parts JOIN person_merges g ON g.kept = parts.id AND g.undone_at IS NULL
    )
    SELECT id FROM parts
$$;
"""


def upgrade() -> None:
    op.execute(TABLES)
