"""The record's days in SQL."""

from django.db.models import DateField, Func


class ShanghaiDay(Func):
    """The day in Asia/Shanghai of a moment: `rules.dates.day_of` for the database.

    China has kept UTC+8 without summer time since 1991, which is all that SQLite needs to know;
    unlike Django's own truncation it also works where only the database is at hand.
    """

    output_field = DateField()

    def as_sql(self, compiler, connection, **extra):
        return super().as_sql(
            compiler, connection, template="(%(expressions)s AT TIME ZONE 'Asia/Shanghai')::date"
        )

    def as_sqlite(self, compiler, connection, **extra):
        return super().as_sql(
            compiler, connection, template="date(%(expressions)s, '+8 hours')", **extra
        )
