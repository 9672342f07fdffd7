"""Campaigns: who people are for an audience, saved segments, a row per recipient, and the state of the run."""

from alembic import op

revision = "0019"
down_revision = "0018"

# Clear columns are listed with their reasons in docs/data.md. What a tag says may be about somebody's health, so its
# name is sealed. A profile is derived: it can be thrown away and made anew from what it is made of.
TABLES = """
CREATE TABLE tags (
    id uuid PRIMARY KEY,
    name_index bytea NOT NULL UNIQUE,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE person_tags (
    person_id uuid NOT NULL REFERENCES people,
    tag_id uuid NOT NULL REFERENCES tags,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (person_id, tag_id)
);
CREATE INDEX person_tags_tag ON person_tags (tag_id);

-- A patient's written yes to promotion chosen by treatment or visit (45 CFR 164.508(a)(3)); evidence, so it only grows.
CREATE TABLE authorizations (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES people,
    action text NOT NULL CHECK (action IN ('granted', 'withdrawn')),
    actor text NOT NULL,
    staff_id uuid,
    source text NOT NULL,
    expires_at timestamptz,
    sealed bytea,
    at timestamptz NOT NULL
);
CREATE INDEX authorizations_person ON authorizations (person_id, at);
-- As of consents: evidence goes after six years and not a day before, and nothing changes but that an erased person's
-- sealed value may be emptied.
CREATE FUNCTION keep_authorizations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < clock_timestamp() - interval '6 years' THEN
            RETURN OLD;
        END IF;
    ELSIF NEW.sealed IS NULL AND (to_jsonb(NEW) - 'sealed') = (to_jsonb(OLD) - 'sealed')
        AND EXISTS (SELECT 1 FROM people WHERE id = OLD.person_id AND state = 'erased') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'authorizations is append-only';
END
$$;
CREATE TRIGGER authorizations_append_only BEFORE UPDATE OR DELETE ON authorizations
    FOR EACH ROW EXECUTE FUNCTION keep_authorizations();
CREATE TRIGGER authorizations_keep BEFORE TRUNCATE ON authorizations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- *_shared: somebody else has the address too. *_case: 4 times the reach, +2 for a patient without authorization, +1 for
-- a shared address. Audiences are counted along one small index, which holds each combination once with its rows.
CREATE TABLE profiles (
    person_id uuid PRIMARY KEY REFERENCES people,
    stage smallint NOT NULL,
    lessons_done smallint NOT NULL DEFAULT 0,
    courses smallint NOT NULL DEFAULT 0,
    email_reach smallint NOT NULL,
    sms_reach smallint NOT NULL,
    patient boolean NOT NULL DEFAULT false,
    authorized boolean NOT NULL DEFAULT false,
    email_shared boolean NOT NULL DEFAULT false,
    sms_shared boolean NOT NULL DEFAULT false,
    email_case smallint GENERATED ALWAYS AS (email_reach * 4 + (patient AND NOT authorized)::int * 2
        + email_shared::int) STORED,
    sms_case smallint GENERATED ALWAYS AS (sms_reach * 4 + (patient AND NOT authorized)::int * 2
        + sms_shared::int) STORED,
    last_visit date,
    tags uuid[] CHECK (tags <> '{}'),
    location text,
    course text,
    course_state text,
    email_contact uuid,
    email_index bytea,
    sms_contact uuid,
    sms_index bytea,
    look_again timestamptz
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
CREATE INDEX profiles_look_again ON profiles (look_again) WHERE look_again IS NOT NULL;
CREATE INDEX profiles_counted ON profiles (stage, location, course, course_state, lessons_done, last_visit, email_case,
    sms_case);
CREATE INDEX profiles_tagged ON profiles (stage, location, course, course_state, lessons_done, last_visit, email_case,
    sms_case) INCLUDE (tags) WHERE tags IS NOT NULL;
CREATE INDEX profiles_email ON profiles (email_index) WHERE email_index IS NOT NULL;
CREATE INDEX profiles_sms ON profiles (sms_index) WHERE sms_index IS NOT NULL;
CREATE INDEX profiles_email_shared ON profiles (email_index, person_id) INCLUDE (email_case, stage, lessons_done, courses,
    last_visit, tags, location, course, course_state) WHERE email_shared;
CREATE INDEX profiles_sms_shared ON profiles (sms_index, person_id) INCLUDE (sms_case, stage, lessons_done, courses,
    last_visit, tags, location, course, course_state) WHERE sms_shared;
CREATE INDEX profiles_several_courses ON profiles (person_id) WHERE courses > 1;

-- A person's courses, those that are over too.
CREATE INDEX enrolments_person ON enrolments (person_id);

CREATE TABLE profiles_to_make (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL
);
CREATE INDEX profiles_to_make_person ON profiles_to_make (person_id);

CREATE TABLE segments (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    archived_at timestamptz
);
CREATE UNIQUE INDEX segments_name ON segments (lower(name)) WHERE archived_at IS NULL;

CREATE TABLE segment_versions (
    segment_id uuid NOT NULL REFERENCES segments,
    version integer NOT NULL,
    rules jsonb NOT NULL,
    actor text NOT NULL,
    staff_id uuid,
    at timestamptz NOT NULL,
    PRIMARY KEY (segment_id, version)
);

CREATE TABLE campaigns (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'freezing', 'checking', 'approved', 'starting',
        'running', 'paused', 'done', 'cancelled')),
    version integer NOT NULL DEFAULT 1,
    segment_id uuid,
    segment_version integer,
    rules jsonb NOT NULL DEFAULT '{}',
    subject text NOT NULL DEFAULT '',
    preheader text NOT NULL DEFAULT '',
    body text NOT NULL DEFAULT '',
    waived text[] NOT NULL DEFAULT '{}',
    rate_per_minute integer CHECK (rate_per_minute > 0),
    begin_wish timestamptz,
    contents jsonb,
    fingerprint bytea,
    audience integer,
    excluded integer,
    frozen_at timestamptz,
    begins_at timestamptz,
    useful_until timestamptz,
    released integer NOT NULL DEFAULT 0,
    phase text NOT NULL DEFAULT 'canary' CHECK (phase IN ('canary', 'all')),
    canary_done_at timestamptz,
    progress_at timestamptz,
    paused_reason text,
    paused_at timestamptz,
    watched_since timestamptz,
    watched_since_real timestamptz,
    tally jsonb NOT NULL DEFAULT '{}',
    tallied_at timestamptz,
    cloned_from uuid,
    created_by uuid,
    submitted_by uuid,
    approved_by uuid,
    started_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX campaigns_live ON campaigns (state) WHERE ended_at IS NULL;

-- Frozen by ids. In the order of the blind index, which is as good as shuffled. Who is left out has the reason.
CREATE TABLE campaign_recipients (
    campaign_id uuid NOT NULL,
    place integer NOT NULL,
    person_id uuid NOT NULL,
    contact_id uuid,
    excluded text,
    message_id uuid,
    PRIMARY KEY (campaign_id, place)
) WITH (fillfactor = 90);

CREATE TABLE campaign_events (
    campaign_id uuid NOT NULL REFERENCES campaigns,
    place bigint GENERATED ALWAYS AS IDENTITY,
    what text NOT NULL,
    actor text NOT NULL,
    staff_id uuid,
    told jsonb NOT NULL DEFAULT '{}',
    at timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, place)
);

-- Opt-outs that may have to stop a campaign are looked for every few seconds.
CREATE INDEX consents_withdrawn ON consents (at) WHERE action = 'withdrawn';
"""

# Whatever a profile is made of changes in many places. Whoever changes it need not think of audiences: a row here is a
# wish to make a person's profile anew, made once for a statement and without waiting for any lock. A statement that
# changes nothing of what a profile is made of wishes for nothing.
PROFILE_WISHES = """
CREATE FUNCTION {table}_touched_profiles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO profiles_to_make (person_id) SELECT DISTINCT person_id FROM (SELECT {columns} FROM touched) x
    WHERE person_id IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE FUNCTION {table}_changed_profiles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO profiles_to_make (person_id) SELECT DISTINCT person_id FROM (
        (SELECT {columns} FROM touched EXCEPT SELECT {columns} FROM was)
        UNION ALL (SELECT {columns} FROM was EXCEPT SELECT {columns} FROM touched)
    ) x WHERE person_id IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER {table}_insert_profiles AFTER INSERT ON {table} REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_touched_profiles();
CREATE TRIGGER {table}_update_profiles AFTER UPDATE ON {table} REFERENCING OLD TABLE AS was NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_changed_profiles();
CREATE TRIGGER {table}_delete_profiles AFTER DELETE ON {table} REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_touched_profiles();
"""
PROFILES_OF_ADDRESS = """
CREATE FUNCTION profiles_of_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO profiles_to_make (person_id) SELECT DISTINCT c.person_id FROM touched t
    JOIN contacts c ON c.channel = t.channel AND c.address_index = t.address_index WHERE t.scope IN ('all', 'marketing');
    RETURN NULL;
END
$$;
CREATE TRIGGER suppressions_added_profiles AFTER INSERT ON suppressions REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION profiles_of_address();
CREATE TRIGGER suppressions_changed_profiles AFTER UPDATE ON suppressions REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION profiles_of_address();
"""
# What of each table a profile is made of.
PROFILE_OF = {
    "people": "id AS person_id, state, paused_until",
    "contacts": "person_id, id, channel, address_index, state, care_only",
    "consent_states": "person_id, channel, purpose, granted",
    "enrolments": "person_id, id, course, state, cardinality(done)",
    "consultations": "person_id, id, state",
    "appointments": "person_id, id, starts_at, zone, location, status",
    "person_keys": "person_id",
    "person_tags": "person_id, tag_id",
    "authorizations": "person_id, id",
}

# Everybody who is there already.
PROFILE_EVERYBODY = (
    "INSERT INTO profiles_to_make (person_id) SELECT id FROM people WHERE state = 'active' ORDER BY id"
)

WIDEN = """
DO $$
DECLARE
    was text;
BEGIN
    SELECT pg_get_expr(conbin, conrelid) INTO STRICT was FROM pg_constraint
        WHERE conrelid = 'messages'::regclass AND conname = 'messages_cause_check';
    ALTER TABLE messages DROP CONSTRAINT messages_cause_check;
    EXECUTE format('ALTER TABLE messages ADD CONSTRAINT messages_cause_check CHECK (%s OR cause = %L)', was,
        'campaign');
END
$$;
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table, columns in PROFILE_OF.items():
        op.execute(PROFILE_WISHES.format(table=table, columns=columns))
    op.execute(PROFILES_OF_ADDRESS)
    op.execute(PROFILE_EVERYBODY)
    op.execute(WIDEN)
