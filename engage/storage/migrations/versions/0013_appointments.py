"""Visits, their history, plans of treatment, and messages that one other message carries."""

from alembic import op

revision = "0013"
down_revision = "0012"

# Clear columns are listed with their reasons in docs/data.md. A visit's place and time are clear, since what is due is
# found by them; whom it is about, and with whom, is sealed.
TABLES = """
CREATE TABLE treatment_plans (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'ended', 'cancelled')),
    sealed bytea,
    created_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX treatment_plans_person ON treatment_plans (person_id);

CREATE TABLE appointments (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people,
    plan_id uuid REFERENCES treatment_plans,
    starts_at timestamptz NOT NULL,
    zone text NOT NULL,
    minutes integer NOT NULL CHECK (minutes BETWEEN 1 AND 1440),
    location text NOT NULL,
    status text NOT NULL CHECK (status IN ('proposed', 'pending', 'booked', 'arrived', 'fulfilled', 'cancelled', 'noshow',
        'entered-in-error', 'checked-in', 'waitlist')),
    version integer NOT NULL DEFAULT 1,
    since timestamptz NOT NULL,
    source text NOT NULL,
    external_index bytea,
    reply text CHECK (reply IN ('confirmed', 'wants_move', 'wants_cancel')),
    replied_at timestamptz,
    sealed bytea,
    unplanned jsonb NOT NULL DEFAULT '{}',
    planned_with text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX appointments_external ON appointments (external_index) WHERE external_index IS NOT NULL;
CREATE INDEX appointments_person ON appointments (person_id, starts_at);
CREATE INDEX appointments_day ON appointments (starts_at);
CREATE INDEX appointments_planned_with ON appointments (planned_with) WHERE status IN ('booked', 'pending');

CREATE TABLE appointment_versions (
    appointment_id uuid NOT NULL REFERENCES appointments,
    version integer NOT NULL,
    starts_at timestamptz NOT NULL,
    zone text NOT NULL,
    minutes integer NOT NULL,
    location text NOT NULL,
    status text NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (appointment_id, version)
);

CREATE TABLE reminder_switches (
    rule text PRIMARY KEY,
    enabled boolean NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL
);

CREATE TABLE visits_to_replan (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL
);

ALTER TABLE messages ADD COLUMN merged_into uuid;

CREATE TABLE carried_messages (
    message_id uuid PRIMARY KEY REFERENCES messages,
    carrier_id uuid NOT NULL REFERENCES messages
);
CREATE INDEX carried_messages_carrier ON carried_messages (carrier_id);
"""

# Whatever decides by which way a reminder may go changes in many places (STOP, a bounce, a new number, another zone).
# Whoever changes it need not think of visits: a row here is a wish to plan a person's visits again, made without
# waiting for any lock.
CHANGES = """
CREATE FUNCTION visits_of_person_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO visits_to_replan (person_id) SELECT NEW.person_id
    WHERE EXISTS (SELECT FROM appointments a WHERE a.person_id = NEW.person_id AND a.status IN ('booked', 'pending'));
    RETURN NULL;
END
$$;
CREATE TRIGGER consent_states_replan_visits AFTER INSERT OR UPDATE ON consent_states
    FOR EACH ROW WHEN (NEW.purpose = 'care') EXECUTE FUNCTION visits_of_person_changed();
CREATE TRIGGER contacts_replan_visits AFTER INSERT OR UPDATE OF state ON contacts
    FOR EACH ROW EXECUTE FUNCTION visits_of_person_changed();

CREATE FUNCTION visits_of_person_elsewhere() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO visits_to_replan (person_id) SELECT NEW.id
    WHERE EXISTS (SELECT FROM appointments a WHERE a.person_id = NEW.id AND a.status IN ('booked', 'pending'));
    RETURN NULL;
END
$$;
CREATE TRIGGER people_replan_visits AFTER UPDATE ON people FOR EACH ROW
    WHEN (OLD.zone IS DISTINCT FROM NEW.zone OR OLD.contact_hours IS DISTINCT FROM NEW.contact_hours
        OR OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION visits_of_person_elsewhere();

CREATE FUNCTION visits_of_address_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO visits_to_replan (person_id) SELECT DISTINCT c.person_id FROM contacts c
    WHERE c.channel = NEW.channel AND c.address_index = NEW.address_index
        AND EXISTS (SELECT FROM appointments a WHERE a.person_id = c.person_id AND a.status IN ('booked', 'pending'));
    RETURN NULL;
END
$$;
CREATE TRIGGER suppressions_replan_visits AFTER INSERT OR UPDATE ON suppressions
    FOR EACH ROW WHEN (NEW.scope IN ('all', 'care')) EXECUTE FUNCTION visits_of_address_changed();
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
        'appointment');
END
$$;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(CHANGES)
    op.execute(WIDEN)
