"""Check-ins: who agreed to be asked how they are, what was asked, and the answers."""

from alembic import op

revision = "0017"
down_revision = "0016"

# Clear columns are listed with their reasons in docs/data.md. The answers are sealed.
TABLES = """
CREATE TABLE check_in_wishes (
    person_id uuid PRIMARY KEY REFERENCES people,
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    agreed boolean NOT NULL,
    source text NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    look_at timestamptz
);
CREATE INDEX check_in_wishes_look ON check_in_wishes (look_at) WHERE agreed AND look_at IS NOT NULL;

CREATE TABLE check_ins (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people,
    appointment_id uuid REFERENCES appointments,
    kind text NOT NULL CHECK (kind IN ('after-visit', 'pain-score')),
    slug text NOT NULL,
    due_at timestamptz NOT NULL,
    message_id uuid,
    answered_at timestamptz,
    sealed bytea,
    created_at timestamptz NOT NULL,
    UNIQUE (person_id, slug)
);

INSERT INTO check_in_wishes (person_id, channel, agreed, source, actor, at, look_at)
SELECT p.id, CASE WHEN EXISTS (SELECT FROM contacts c WHERE c.person_id = p.id AND c.channel = 'email'
    AND c.state = 'confirmed') THEN 'email' ELSE 'sms' END, p.check_ins, 'booking system', 'system', p.updated_at, p.updated_at
FROM people p WHERE p.check_ins IS NOT NULL;
ALTER TABLE people DROP COLUMN check_ins;
"""

# Whoever is asked how they are may have no visit to come: what changes the way to them is looked at all the same.
CHANGES = """
CREATE OR REPLACE FUNCTION visits_of_person_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO visits_to_replan (person_id) SELECT NEW.person_id
    WHERE EXISTS (SELECT FROM appointments a WHERE a.person_id = NEW.person_id AND a.status IN ('booked', 'pending'))
        OR EXISTS (SELECT FROM check_in_wishes w WHERE w.person_id = NEW.person_id AND w.agreed);
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION visits_of_person_elsewhere() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO visits_to_replan (person_id) SELECT NEW.id
    WHERE EXISTS (SELECT FROM appointments a WHERE a.person_id = NEW.id AND a.status IN ('booked', 'pending'))
        OR EXISTS (SELECT FROM check_in_wishes w WHERE w.person_id = NEW.id AND w.agreed);
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION visits_of_address_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO visits_to_replan (person_id) SELECT DISTINCT c.person_id FROM contacts c
    WHERE c.channel = NEW.channel AND c.address_index = NEW.address_index
        AND (EXISTS (SELECT FROM appointments a WHERE a.person_id = c.person_id AND a.status IN ('booked', 'pending'))
            OR EXISTS (SELECT FROM check_in_wishes w WHERE w.person_id = c.person_id AND w.agreed));
    RETURN NULL;
END
$$;
"""

WIDEN = """
DO $$
DECLARE
    was text;
BEGIN
    SELECT pg_get_expr(conbin, conrelid) INTO STRICT was FROM pg_constraint
        WHERE conrelid = 'messages'::regclass AND conname = 'messages_cause_check';
    ALTER TABLE messages DROP CONSTRAINT messages_cause_check;
    EXECUTE format('ALTER TABLE messages ADD CONSTRAINT messages_cause_check CHECK (%s OR cause = %L)', was,
        'check_in');
END
$$;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(CHANGES)
    op.execute(WIDEN)
