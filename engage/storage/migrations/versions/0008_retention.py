"""What is forgotten, and when."""

from alembic import op

revision = "0008"
down_revision = "0007"

TABLES = """
-- Erasures: what a vendor must still be told. ``sealed`` holds the plain addresses until it has confirmed.
CREATE TABLE erasures (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people,
    sealed bytea,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done')),
    tries smallint NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz
);
CREATE INDEX erasures_waiting ON erasures (next_at) WHERE state = 'waiting';

-- Texts that the vendor still keeps. forget_asked: of an erased person, whatever the clinic's setting.
ALTER TABLE attempts ADD COLUMN forget_asked boolean NOT NULL DEFAULT false;
ALTER TABLE attempts ADD COLUMN forget_tries smallint NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN forget_next timestamptz;
ALTER TABLE attempts ADD COLUMN forgotten_at timestamptz;
CREATE INDEX attempts_to_forget ON attempts (forget_next) WHERE sender = 'twilio' AND provider_id IS NOT NULL
    AND final_at IS NOT NULL AND forgotten_at IS NULL AND forget_tries < 8;
ALTER TABLE inbound ADD COLUMN forget_asked boolean NOT NULL DEFAULT false;
ALTER TABLE inbound ADD COLUMN forget_tries smallint NOT NULL DEFAULT 0;
ALTER TABLE inbound ADD COLUMN forget_next timestamptz;
ALTER TABLE inbound ADD COLUMN forgotten_at timestamptz;
CREATE INDEX inbound_to_forget ON inbound (forget_next) WHERE understood_at IS NOT NULL AND forgotten_at IS NULL
    AND forget_tries < 8;

-- Where each nightly walk stands.
CREATE TABLE retention_walks (
    step text PRIMARY KEY,
    begun_at timestamptz NOT NULL,
    ended_at timestamptz,
    place uuid,
    count bigint NOT NULL DEFAULT 0
);

-- The chain begins after this entry, once its oldest rows were let go.
CREATE TABLE audit_anchor (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    mark bytea NOT NULL
);
"""

# Evidence goes after six years and not a day before, whatever a setting or a program says. Of consent nothing changes
# but that an erased person's sealed value may be emptied.
GUARDS = """
CREATE FUNCTION keep_consents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < clock_timestamp() - interval '6 years' THEN
            RETURN OLD;
        END IF;
    ELSIF NEW.sealed IS NULL AND (to_jsonb(NEW) - 'sealed') = (to_jsonb(OLD) - 'sealed')
        AND EXISTS (SELECT 1 FROM people WHERE id = OLD.person_id AND state = 'erased') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'consents is append-only';
END
$$;
CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < clock_timestamp() - interval '6 years' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit is append-only';
END
$$;
CREATE FUNCTION keep_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF (SELECT at FROM audit WHERE id = OLD.audit_id) < clock_timestamp() - interval '6 years' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit_chain is append-only';
END
$$;
DROP TRIGGER consents_append_only ON consents;
DROP TRIGGER audit_append_only ON audit;
DROP TRIGGER audit_chain_append_only ON audit_chain;
CREATE TRIGGER consents_append_only BEFORE UPDATE OR DELETE ON consents FOR EACH ROW EXECUTE FUNCTION keep_consents();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION keep_audit();
CREATE TRIGGER audit_chain_append_only BEFORE UPDATE OR DELETE ON audit_chain
    FOR EACH ROW EXECUTE FUNCTION keep_audit_chain();
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(GUARDS)
