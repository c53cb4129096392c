"""The record's texts in SQL: put in one order by every database, and several in one value."""

from django.db.models import Aggregate, Func, TextField


class InByteOrder(Func):
    """A text that sorts by its bytes, and not by the language that a database was made for."""

    template = "%(expressions)s"
    arity = 1

    def as_postgresql(self, compiler, connection, **extra):
        return self.as_sql(compiler, connection, template='%(expressions)s COLLATE "C"', **extra)


class Gathered(Aggregate):
    """Several numbers in one text, parted by commas, in no order that one may rely on."""

    output_field = TextField()
    template = "GROUP_CONCAT(%(expressions)s)"
    arity = 1

    def as_postgresql(self, compiler, connection, **extra):
        template = "STRING_AGG(%(expressions)s::text, ',')"
        return self.as_sql(compiler, connection, template=template, **extra)
