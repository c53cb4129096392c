"""Model fields that differ from Django's own in what they take."""

from django import forms
from django.core.validators import URLValidator
from django.db import models


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


class WebAddress(models.URLField):
    """The address of a page: http or https, and https where neither is said."""

    default_validators = [URLValidator(schemes=["http", "https"])]

    def formfield(self, **kwargs):
        return super().formfield(**({"assume_scheme": "https"} | kwargs))
