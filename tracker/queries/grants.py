"""What the public site's role may do in this database, and how that differs from what it should.

Both are sets of lines, one for each thing that can be done, so that a difference names itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tracker.models.public import ROLE, SHOWN

#: Each relation and column, with each thing that the role may do to it.
_TABLES = """
SELECT n.nspname, c.relname, a.attname, p.privilege
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS p(privilege)
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema'
  AND has_column_privilege(%(role)s, c.oid, a.attnum, p.privilege)
UNION ALL
SELECT n.nspname, c.relname, '', p.privilege
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) AS p(privilege)
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema' AND has_table_privilege(%(role)s, c.oid, p.privilege)
UNION ALL
SELECT n.nspname, c.relname, '', p.privilege
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) AS p(privilege)
WHERE c.relkind = 'S' AND n.nspname !~ '^pg_'
  AND has_sequence_privilege(%(role)s, c.oid, p.privilege)
"""

#: What it may do beside tables.
_BESIDE = """
SELECT privilege || ' in the schema ' || nspname FROM pg_namespace,
  unnest(ARRAY['USAGE', 'CREATE']) AS privilege
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
  AND has_schema_privilege(%(role)s, oid, privilege)
UNION ALL
SELECT privilege || ' in the database' FROM unnest(ARRAY['CREATE', 'TEMPORARY']) AS privilege
WHERE has_database_privilege(%(role)s, current_database(), privilege)
UNION ALL
SELECT 'being ' || what FROM pg_roles, LATERAL (VALUES
  ('a superuser', rolsuper), ('one who makes roles', rolcreaterole),
  ('one who makes databases', rolcreatedb), ('one who copies the server', rolreplication),
  ('above the rules for rows', rolbypassrls)) AS attribute(what, has_it)
WHERE rolname = %(role)s AND has_it
UNION ALL
SELECT 'being one of ' || of.rolname FROM pg_auth_members m
JOIN pg_roles of ON of.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
WHERE r.rolname = %(role)s
UNION ALL
SELECT 'owning ' || relname FROM pg_class WHERE pg_get_userbyid(relowner) = %(role)s
"""

#: Which rules stand on a table's rows. Without one, all of them can be read.
_ROWS = """
SELECT c.relname, c.relrowsecurity, coalesce(array_agg(
  format('%%s %%s %%s %%s', p.polname, p.polcmd, p.polpermissive, p.polroles)
  ORDER BY p.polname) FILTER (WHERE p.oid IS NOT NULL), '{}')
FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
WHERE c.relnamespace = %(base)s::regnamespace AND c.relkind = 'r' AND c.relname = ANY(%(tables)s)
  AND has_any_column_privilege(%(role)s, c.oid, 'SELECT')
GROUP BY 1, 2
"""

#: How the database itself writes what it was told, so that a change by hand shows.
_PICTURE = """
SELECT c.relname, pg_get_viewdef(c.oid) || coalesce(c.reloptions::text, '')
FROM pg_class c WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relkind = 'v'
UNION ALL
SELECT c.relname || '.' || p.polname, pg_get_expr(p.polqual, p.polrelid)
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = current_schema()::regnamespace
ORDER BY 1
"""

#: The one rule on each table: reads whoever is not its owner, in whatever role.
RULE = "tracker_public_rows"
_RULES = [f"{RULE} r t {{0}}"]


@dataclass(frozen=True)
class Differences:
    """What the role may do and should not, what it may not do and should, and what else is off."""

    excess: list[str]
    lacking: list[str]
    others: list[str]

    def __iter__(self) -> Iterator[str]:
        yield from (f"It may, and should not: {line}" for line in self.excess)
        yield from (f"It may not, and should: {line}" for line in self.lacking)
        yield from self.others


def exists(connection: Any) -> bool:
    """Whether there is such a role."""
    return bool(_rows(connection, "SELECT 1 FROM pg_roles WHERE rolname = %(role)s", role=ROLE))


def differences(connection: Any) -> Differences:
    """How what there is differs from what should be, seen by the owner of the tables."""
    (base,) = _rows(connection, "SELECT current_schema()")[0]
    held, wanted = _held(connection, ROLE, base), _wanted(base)
    excess, lacking = sorted(held - wanted), sorted(wanted - held)
    noted = comment(connection)
    if noted is None:
        return Differences(excess, [], ["It has been given nothing yet."])
    is_as_made = noted == remark(connection)
    others = [] if is_as_made else ["Its views, or rules for rows, are not as they should be."]
    return Differences(excess, lacking, others)


def rules(connection: Any) -> list[tuple[str, str]]:
    """Each rule for rows that there is now, ours or not: its table and its name."""
    question = (
        "SELECT c.relname, p.polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid "
        "WHERE c.relnamespace = current_schema()::regnamespace ORDER BY 1, 2"
    )
    return _rows(connection, question)


def unready(connection: Any) -> str | None:
    """Why the public site should not serve with this connection; None where it may.

    It is asked in the public process, with nothing but its own credential.
    """
    (role, base) = _rows(
        connection,
        "SELECT current_user, (SELECT nspname FROM pg_namespace n JOIN pg_class c "
        "ON c.relnamespace = n.oid WHERE c.relname = 'django_migrations')",
    )[0]
    held, wanted = _held(connection, role, base), _wanted(base)
    if held - wanted:
        return "its credential may do more than it should"
    if wanted - held:
        return "its credential may not read all that it should: run grant_roles"
    return None


def remark(connection: Any) -> str:
    """What is noted at the schema: digests of what was asked for, and of what the database made."""
    said = [(s.table, s.rows, s.names, s.is_apart, s.if_public) for s in SHOWN]
    asked = sha256(repr(said).encode())
    made = sha256(repr(_rows(connection, _PICTURE, schema=ROLE)).encode())
    return f"Made by grant_roles. {asked.hexdigest()[:16]} {made.hexdigest()[:16]}"


def comment(connection: Any) -> str | None:
    question = "SELECT obj_description(to_regnamespace(%(schema)s), 'pg_namespace')"
    return _rows(connection, question, schema=ROLE)[0][0]


def _held(connection: Any, role: str, base: str) -> set[str]:
    held = {
        _line(privilege, schema, table, column)
        for schema, table, column, privilege in _rows(connection, _TABLES, role=role)
    }
    held |= {line for (line,) in _rows(connection, _BESIDE, role=role)}
    ruled = [shown.table for shown in SHOWN if not shown.is_apart]
    for table, is_on, found in _rows(connection, _ROWS, role=role, base=base, tables=ruled):
        if not is_on or found != _RULES:
            held.add(f"SELECT rows of {base}.{table} by no rule, or by another one")
    return held


def _wanted(base: str) -> set[str]:
    wanted = {f"USAGE in the schema {ROLE}"}
    for shown in SHOWN:
        for field, is_public in shown.fields():
            wanted.add(_line("SELECT", ROLE, shown.table, field.column))
            if is_public and not shown.is_apart:
                # Of its view, which looks with the reader's own eyes. The table itself can not
                # be named by the role, which has nothing to do in its schema.
                wanted.add(_line("SELECT", base, shown.table, field.column))
    return wanted


def _line(privilege: str, schema: str, table: str, column: str | None) -> str:
    return f"{privilege} {schema}.{table}" + (f".{column}" if column else "")


def _rows(connection: Any, question: str, **asked: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(question, asked or None)
        return cursor.fetchall()
