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
    sealed bytea,
    at timestamptz NOT NULL
);
CREATE INDEX authorizations_person ON authorizations (person_id, at);
CREATE TRIGGER authorizations_append_only BEFORE UPDATE OR DELETE ON authorizations
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER authorizations_keep BEFORE TRUNCATE ON authorizations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE profiles (
    person_id uuid PRIMARY KEY REFERENCES people,
    stage smallint NOT NULL,
    location text,
    course text,
    course_state text,
    lessons_done smallint NOT NULL DEFAULT 0,
    last_visit date,
    authorized boolean NOT NULL DEFAULT false,
    tags uuid[] NOT NULL DEFAULT '{}',
    email_reach smallint NOT NULL,
    email_contact uuid,
    email_index bytea,
    sms_reach smallint NOT NULL,
    sms_contact uuid,
    sms_index bytea,
    look_again timestamptz
);
CREATE INDEX profiles_look_again ON profiles (look_again) WHERE look_again IS NOT NULL;

CREATE TABLE profiles_to_make (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id uuid NOT NULL
);

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

-- What may have to stop a campaign is looked for every few seconds.
CREATE INDEX receipt_events_unwelcome ON receipt_events (received_at) WHERE what = 'complaint' OR reason = 'bounced';
CREATE INDEX consents_withdrawn ON consents (at) WHERE action = 'withdrawn';
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
        'campaign');
END
$$;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(WIDEN)
