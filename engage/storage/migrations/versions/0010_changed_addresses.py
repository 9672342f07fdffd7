"""Addresses that wait for their confirmation, and letters that a person's own acts bring."""

from alembic import op

revision = "0010"
down_revision = "0009"

# Whatever was allowed before stays allowed: other changes may have widened the lists meanwhile.
WIDEN = """
DO $$
DECLARE
    was text;
BEGIN
    SELECT pg_get_expr(conbin, conrelid) INTO STRICT was FROM pg_constraint
        WHERE conrelid = 'contacts'::regclass AND conname = 'contacts_state_check';
    ALTER TABLE contacts DROP CONSTRAINT contacts_state_check;
    EXECUTE format('ALTER TABLE contacts ADD CONSTRAINT contacts_state_check CHECK (%s OR state = %L)', was, 'pending');
    SELECT pg_get_expr(conbin, conrelid) INTO STRICT was FROM pg_constraint
        WHERE conrelid = 'messages'::regclass AND conname = 'messages_cause_check';
    ALTER TABLE messages DROP CONSTRAINT messages_cause_check;
    EXECUTE format('ALTER TABLE messages ADD CONSTRAINT messages_cause_check CHECK (%s OR cause = %L)', was, 'person');
END
$$;
"""


def upgrade() -> None:
    op.execute(WIDEN)
