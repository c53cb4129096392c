from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Gram(models.Model):
    """One stretch of text that a public pledge or its record says: see `rules.grams`."""

    # Given by `actions.grams`: there is one at a time that writes.
    id = models.BigIntegerField(_("key"), primary_key=True)
    text = models.CharField(_("text"), max_length=200)
    is_word = models.BooleanField(_("is a word"))

    class Meta:
        verbose_name = _("gram")
        verbose_name_plural = _("grams")
        constraints = [
            # In this order: words are gone through, and shorter ones looked up.
            models.UniqueConstraint(fields=["is_word", "text"], name="gram_once")
        ]

    def __str__(self) -> str:
        return self.text


class Posting(models.Model):
    """Which pledges, among a block of keys, say a gram."""

    gram = models.ForeignKey(Gram, models.CASCADE, related_name="postings", verbose_name=_("gram"))
    block = models.PositiveIntegerField(_("block"))
    keys = models.BinaryField(_("keys"))

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [models.UniqueConstraint(fields=["block", "gram"], name="posting_once")]

    def __str__(self) -> str:
        return f"{self.gram_id}: {self.block}"


class Indexed(models.Model):
    """The edition up to which the grams are of what is public. One row, locked to write them.

    Pledges that were touched since are searched as they stand.
    """

    number = models.PositiveBigIntegerField(_("edition"))
    is_whole = models.BooleanField(_("is whole"), default=False)

    class Meta:
        verbose_name = _("edition of the index")
        verbose_name_plural = _("editions of the index")
        constraints = [models.CheckConstraint(name="indexed_is_one", condition=Q(pk=1))]

    def __str__(self) -> str:
        return str(self.number)
