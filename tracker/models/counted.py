"""What refers to each row, counted once for all rows in a table that is joined.

Asked row by row, such a count is a look into an index for each: quicker for some rows, slower for
all. Django knows only the first (`Subquery`): this is the other.
"""

from typing import Any

from django.db.models import Field, IntegerField, QuerySet, Value
from django.db.models.expressions import Col
from django.db.models.functions import Coalesce
from django.db.models.sql.constants import LOUTER
from django.db.models.sql.datastructures import Join


class _Counted(Join):
    """Joins, in the place of the related table, how many of its rows refer to each."""

    def as_sql(self, compiler, connection) -> tuple[str, list[Any]]:
        sql, params = super().as_sql(compiler, connection)
        own = connection.ops.quote_name(self.table_name)
        [(_key, refers)] = self.join_cols
        by = connection.ops.quote_name(refers)
        # Names of the schema are all that is put together here.
        counted = f"(SELECT {by}, COUNT(1) AS counted FROM {own} GROUP BY {by})"  # noqa: S608
        # Alone of its table, it has no name of its own yet.
        name = f" {own}" if self.table_alias == self.table_name else ""
        return sql.replace(f"JOIN {own}", f"JOIN {counted}{name}", 1), params


def with_counted(rows: QuerySet, relation: str, name: str) -> QuerySet:
    """`rows` with `name`, how many of a `relation` that refers to them each has."""
    found = rows.all()
    query = found.query
    related = found.model._meta.get_field(relation)
    own = query.get_initial_alias()
    joined = _Counted(related.related_model._meta.db_table, own, None, LOUTER, related, True)
    number: Field = IntegerField()
    number.set_attributes_from_name("counted")
    number.model = related.related_model  # By it Django tells one column from another.
    counted = Coalesce(Col(query.join(joined, reuse=set()), number), Value(0))
    return found.annotate(**{name: counted})
