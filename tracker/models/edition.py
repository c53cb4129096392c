from django.db import connections, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EditionQuerySet(models.QuerySet):
    def current(self) -> int:
        """The number of the present edition; 0 where nothing was ever published."""
        # Asked for with every page: in plain SQL, for building a query takes longer than this one.
        with connections[self.db].cursor() as cursor:
            cursor.execute("SELECT number FROM tracker_edition WHERE id = 1")
            row = cursor.fetchone()
        return row[0] if row else 0


class Edition(models.Model):
    """The edition of the public record. One row, whose number the database moves on.

    It moves with each change that a reader may see, by whatever road it comes, as that change
    becomes visible. What was made of the record under one number holds until there is another.
    """

    number = models.PositiveBigIntegerField(_("number"))

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        constraints = [models.CheckConstraint(name="edition_is_one", condition=Q(pk=1))]

    def __str__(self) -> str:
        return str(self.number)


class TouchQuerySet(models.QuerySet):
    def since(self, number: int) -> "TouchQuerySet":
        """The pledges that moved in an edition after `number`."""
        return self.filter(number__gt=number)


class Touch(models.Model):
    """The last edition in which one pledge moved: it, its record or what it belongs to."""

    # No foreign key: what is deleted was touched too.
    pledge_id = models.BigIntegerField(_("pledge"), primary_key=True)
    number = models.PositiveBigIntegerField(_("edition"))

    objects = TouchQuerySet.as_manager()

    class Meta:
        verbose_name = _("touched pledge")
        verbose_name_plural = _("touched pledges")
        indexes = [models.Index(fields=["number"], name="touch_number")]

    def __str__(self) -> str:
        return f"{self.pledge_id}: {self.number}"
