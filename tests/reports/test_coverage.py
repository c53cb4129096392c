"""Every field of every model is in a public table, or is declared private with the reason."""

import pytest
from django.apps import apps

from tests.nouns import NOUNS
from tracker.reports import REPORTS
from tracker.reports.coverage import EXPORTED, PRIVATE, reason


def fields_of(model):
    return [*model._meta.concrete_fields, *model._meta.local_many_to_many]


@pytest.mark.parametrize(
    "model", list(apps.get_app_config("tracker").get_models()), ids=lambda model: model.__name__
)
def test_every_field_is_exported_or_private_with_a_reason(model):
    """Where this fails: add the field to a report and to `coverage.EXPORTED`, or say in
    `coverage.PRIVATE` why readers do not get it."""
    name = model.__name__
    for field in fields_of(model):
        exported = EXPORTED.get(f"{name}.{field.name}")
        # A one-to-one key is a relation as well, and may be told as one.
        why = reason(name, field.name, is_key=field.primary_key and not exported)
        assert bool(exported) != bool(why), f"{name}.{field.name}"


@pytest.mark.parametrize(("field", "column"), list(EXPORTED.items()))
def test_what_is_exported_has_its_column(field, column):
    report, _dot, name = column.partition(".")
    assert name in REPORTS[report].header


def test_both_lists_speak_of_what_is_there():
    known = {model.__name__ for model in NOUNS} | {
        f"{model.__name__}.{field.name}" for model in NOUNS for field in fields_of(model)
    }
    assert set(EXPORTED) | set(PRIVATE) <= known
    assert all(len(why.split()) >= 3 for why in PRIVATE.values())
