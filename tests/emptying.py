"""An empty database for each test. Truncating every table costs more than most tests do, so what has a few rows is
deleted, and all of it is truncated only where there are many, and now and then for what deleting leaves behind."""

from __future__ import annotations

from sqlalchemy import Connection

# From so many rows in one table on, truncating is quicker.
MANY = 300
# Deleted rows are still read past until they are cleared away.
TRUNCATE_EVERY = 40

# A table before those that it points to. A pair that points to each other comes in any order: then it is truncated.
ORDER = """
WITH RECURSIVE keys AS (
    SELECT DISTINCT conrelid AS child, confrelid AS parent FROM pg_constraint
    WHERE contype = 'f' AND conrelid <> confrelid AND connamespace = 'public'::regnamespace
), depth(id, level) AS (
    SELECT oid, 0 FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
    UNION
    SELECT k.parent, d.level + 1 FROM depth d JOIN keys k ON k.child = d.id WHERE d.level < 20
)
SELECT id::regclass::text, EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = d.id AND NOT t.tgisinternal)
FROM depth d GROUP BY id ORDER BY max(level), id
"""

# Ledgers refuse to be emptied, so their guards are lifted for the moment.
TRUNCATE = """
DO $$
DECLARE guarded text;
BEGIN
    FOR guarded IN SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal LOOP
        EXECUTE 'ALTER TABLE ' || guarded || ' DISABLE TRIGGER USER';
    END LOOP;
    EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') FROM pg_tables
             WHERE schemaname = 'public' AND tablename <> 'alembic_version');
    FOR guarded IN SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal LOOP
        EXECUTE 'ALTER TABLE ' || guarded || ' ENABLE TRIGGER USER';
    END LOOP;
END $$
"""


class Emptier:
    """Empties one database again and again."""

    def __init__(self) -> None:
        self._tables: list[tuple[str, bool]] = []
        self._deleted = 0

    def empty(self, tx: Connection) -> None:
        """Every table but the schema's version."""
        if not self._tables:
            self._tables = [(row[0], row[1]) for row in tx.exec_driver_sql(ORDER)]
        parts = [
            f"SELECT '{name}', count(*) FROM (SELECT 1 FROM {name} LIMIT {MANY}) x"
            for name, _ in self._tables
        ]
        counted = {row[0]: row[1] for row in tx.exec_driver_sql(" UNION ALL ".join(parts))}
        filled = [(name, guarded) for name, guarded in self._tables if counted[name]]
        if max(counted.values()) >= MANY or self._deleted >= TRUNCATE_EVERY:
            tx.exec_driver_sql(TRUNCATE)
            self._deleted = 0
            return
        self._deleted += 1
        guards = [name for name, guarded in filled if guarded]
        lines = [f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in guards]
        lines += [f"DELETE FROM {name}" for name, _ in filled]
        lines += [f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in guards]
        if lines:
            tx.exec_driver_sql("; ".join(lines))
