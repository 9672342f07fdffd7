"""Keys of other systems, and the answers that they may ask for again."""

from alembic import op

revision = "0016"
down_revision = "0015"

TABLES = """
CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    scopes text[] NOT NULL,
    hash bytea NOT NULL,
    prefix text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    last_used_on date,
    revoked_at timestamptz
);

-- Written in the transaction of what it answers: there is never an act without its answer, nor the other way round.
CREATE TABLE api_answers (
    id uuid PRIMARY KEY,
    key_id uuid NOT NULL REFERENCES api_keys,
    name_hash bytea NOT NULL,
    body_hash bytea NOT NULL,
    person_id uuid REFERENCES people,
    status smallint,
    sealed bytea,
    created_at timestamptz NOT NULL,
    UNIQUE (key_id, name_hash)
);
CREATE INDEX api_answers_old ON api_answers (created_at);
CREATE INDEX api_answers_person ON api_answers (person_id);
"""


def upgrade() -> None:
    op.execute(TABLES)
