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
        # Without the fraction of the second, which SQLite would round: up to the next day, even.
        # Django reads the table's columns back by ", ", so there is none before a number.
        template = "date(substr(%(expressions)s,1,19), '+8 hours')"
        return super().as_sql(compiler, connection, template=template, **extra)
