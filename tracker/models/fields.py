"""Model fields that differ from Django's own in what they take."""

from django import forms
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class ExactTextField(forms.CharField):
    """A text typed or pasted whole. Browsers send each line end as CR LF; it is taken as LF."""

    def __init__(self, **kwargs):
        super().__init__(strip=False, **kwargs)

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class ExactText(models.TextField):
    """A text kept to the letter: forms do not strip it."""

    def formfield(self, **kwargs):
        return super().formfield(**({"form_class": ExactTextField} | kwargs))


class Version(models.PositiveIntegerField):
    """How often a row has been saved, so that nobody saves over what they have not seen.

    `save()` writes one more than was read. Where the row has moved on since, that is not one more
    than what stands there, and a trigger refuses it; see `migrations/sql/guards_2`. A save of
    named fields takes part just where it names this one too.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **({"verbose_name": _("version")} | _VERSION | kwargs))

    def pre_save(self, row, add):
        version = getattr(row, self.attname)
        if add:
            return version
        setattr(row, self.attname, version + 1)
        return version + 1


_VERSION = {"default": 1, "editable": False}


class WebAddress(models.URLField):
    """The address of a page: http or https, and https where neither is said."""

    default_validators = [URLValidator(schemes=["http", "https"])]

    def formfield(self, **kwargs):
        return super().formfield(**({"assume_scheme": "https"} | kwargs))
