"""What refers to each row, counted once for all rows in a table that is joined.

Asked row by row, such a count is a look into an index for each: quicker for some rows, slower for
all. Django knows only the first (`Subquery`): this is the other.
"""

from typing import Any

from django.db.models import Count, Field, IntegerField, QuerySet, Value
from django.db.models.expressions import Col
from django.db.models.functions import Coalesce
from django.db.models.sql.constants import LOUTER
from django.db.models.sql.datastructures import Join


class _Counted(Join):
    """Joins, in the place of the related table, how many of its rows refer to each."""

    def as_sql(self, compiler, connection) -> tuple[str, list[Any]]:
        sql, params = super().as_sql(compiler, connection)
        field = self.join_field.field
        each = field.model._base_manager.order_by().values(field.attname)
        counting = each.annotate(counted=Count("*")).query.get_compiler(connection=connection)
        counted, own_params = counting.as_sql()
        table = compiler.quote_name_unless_alias(self.table_name)
        # The first of its table has that table's name, which now has to be said.
        name = f" {table}" if self.table_alias == self.table_name else ""
        return sql.replace(f"JOIN {table}", f"JOIN ({counted}){name}", 1), [*own_params, *params]


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
