"""Sweeps over all models and all controlled words: what holds for one holds for each."""

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.functional import Promise

from tests.nouns import NOUNS
from tracker.vocabulary import (
    FLAG_DEFINITIONS,
    STATUS_DEFINITIONS,
    Flag,
    Language,
    Refusal,
    Status,
)

EACH_MODEL = pytest.mark.parametrize("model", NOUNS, ids=lambda model: model.__name__)

#: Columns that Django's own user and session bring with them, named by Django.
OF_DJANGO = {"last_login", "date_joined", "expire_date", "session_data"}


def own_fields(model, *kinds):
    return [field for field in model._meta.local_fields if isinstance(field, kinds)]


def constraint_names(model):
    return {constraint.name for constraint in model._meta.constraints}


def columns_of(condition):
    """The columns that a constraint's condition speaks of."""
    for child in condition.children:
        if isinstance(child, models.Q):
            yield from columns_of(child)
        else:
            yield child[0].split("__")[0]


# --- Models -------------------------------------------------------------------------------------


def test_the_sweeps_see_every_noun():
    assert len(NOUNS) >= 27
    assert {"Pledge", "Update", "Evidence", "Standing"} <= {model.__name__ for model in NOUNS}


@EACH_MODEL
def test_a_docstring_of_its_own_says_what_one_row_is(model):
    doc = vars(model)["__doc__"] or ""
    # Django writes one itself where there is none: the name and the fields.
    assert not doc.startswith(f"{model.__name__}(")
    assert doc.strip().split("\n")[0].endswith((".", ":"))


def test_no_two_models_are_described_in_the_same_words():
    docs = [model.__doc__ for model in NOUNS]
    assert len(set(docs)) == len(docs)


@EACH_MODEL
def test_a_model_and_its_columns_have_names_that_can_be_translated(model):
    assert isinstance(model._meta.verbose_name, Promise)
    assert isinstance(model._meta.verbose_name_plural, Promise)
    for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
        if not field.auto_created:
            assert isinstance(field.verbose_name, Promise), field


@EACH_MODEL
def test_a_moment_has_its_person_and_a_constraint_keeps_them_together(model):
    fields = {field.name: field for field in model._meta.local_fields}
    steps = {name[:-3] for name in fields if name.endswith(("_at", "_by"))}
    for step in steps:
        at, by = fields[f"{step}_at"], fields[f"{step}_by"]
        assert at.null == by.null, step
        if at.null:
            assert f"{model._meta.model_name}_{step}_paired" in constraint_names(model)


@EACH_MODEL
def test_columns_are_named_for_what_they_hold(model):
    for field in own_fields(model, models.DateField):
        if field.name not in OF_DJANGO:
            end = "_at" if isinstance(field, models.DateTimeField) else "_on"
            assert field.name.endswith(end), field
    for field in own_fields(model, models.ForeignKey):
        if field.related_model._meta.label == settings.AUTH_USER_MODEL:
            # Whoever is written to did nothing.
            assert field.name.endswith("_by") or field.name == "recipient", field


@EACH_MODEL
def test_a_date_has_its_precision_where_one_is_kept(model):
    names = {field.name for field in model._meta.local_fields}
    for name in names:
        if name.endswith("_precision"):
            prefix = name.removesuffix("_precision")
            assert f"{prefix}_on" in names
            paired = f"{model._meta.model_name}_{prefix}_paired"
            # A standing is compared with the record, column by column, by a trigger.
            assert paired in constraint_names(model) or model.__name__ == "Standing"


@EACH_MODEL
def test_a_text_has_its_column_in_each_language(model):
    fields = {field.name: field for field in model._meta.local_fields}
    suffixes = {f"_{language.suffix}" for language in Language}
    for name in {name[:-3] for name in fields if name[-3:] in suffixes}:
        columns = [fields[f"{name}_{language.suffix}"] for language in Language]
        assert len({type(column) for column in columns}) == 1, name
        assert len({column.max_length for column in columns}) == 1, name
        # Either may be missing; that one is there is kept by a constraint, where it must be.
        assert all(column.blank for column in columns), name


@EACH_MODEL
def test_a_text_has_a_greatest_length(model):
    for field in own_fields(model, models.CharField, models.TextField, models.FileField):
        assert field.max_length or field.name in OF_DJANGO, field


@EACH_MODEL
def test_a_web_address_is_one_that_runs_nothing(model):
    for field in own_fields(model, models.URLField):
        assert field.clean("https://example.org/a?b=c", None)
        for address in ("javascript:alert(1)", "data:text/html,x", "ftp://example.org/", "//a.b"):
            with pytest.raises(ValidationError):
                field.clean(address, None)


@EACH_MODEL
def test_an_empty_text_is_never_null(model):
    for field in own_fields(model, models.CharField, models.TextField, models.FileField):
        assert not field.null, field


@pytest.mark.parametrize(
    # A trigger keeps a standing's words; a user's language decides nothing of the record.
    "model",
    [
        model
        for model in NOUNS
        if model.__name__ not in ("Standing", "User")
        and any(field.choices for field in model._meta.local_fields)
    ],
    ids=lambda model: model.__name__,
)
def test_a_controlled_word_is_kept_to_its_list_by_the_database(model):
    checked = {
        column
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
        for column in columns_of(constraint.condition)
    }
    for field in model._meta.local_fields:
        if field.choices:
            assert field.name in checked, field


@EACH_MODEL
def test_nothing_that_others_rest_on_goes_with_what_they_rest_on(model):
    """Rows are deleted along with another only where they are a part of it."""
    parts = {
        ("Responsibility", "pledge"),
        ("Evidence", "update"),
        ("MilestoneChange", "update"),
        ("Standing", "pledge"),
        ("Posting", "gram"),
    }
    for field in own_fields(model, models.ForeignKey):
        cascades = field.remote_field.on_delete is models.CASCADE
        assert cascades == ((model.__name__, field.name) in parts), field


# --- Controlled words -----------------------------------------------------------------------------

#: DESIGN, section 2.
STATUSES = [
    ("not_rated", "Not yet rated", "尚未评估"),
    ("not_started", "Not started", "尚未启动"),
    ("in_progress", "In progress", "推进中"),
    ("stalled", "Stalled", "停滞"),
    ("partly_kept", "Partly kept", "部分兑现"),
    ("kept", "Kept", "已兑现"),
    ("not_kept", "Not kept", "未兑现"),
    ("superseded", "Superseded", "已被取代"),
    ("not_verifiable", "Not verifiable", "无法核实"),
]


def labels_in(language):
    with translation.override(language):
        return [(status.value, str(status.label)) for status in Status]


def test_the_statuses_have_the_words_of_the_design_in_english():
    assert labels_in("en") == [(code, english) for code, english, _chinese in STATUSES]


def test_the_statuses_have_the_words_of_the_design_in_chinese():
    assert labels_in("zh-hans") == [(code, chinese) for code, _english, chinese in STATUSES]


def test_every_status_and_every_flag_is_defined_in_one_sentence():
    assert set(STATUS_DEFINITIONS) == set(Status)
    assert set(FLAG_DEFINITIONS) == set(Flag)
    said = [str(word.definition) for word in (*Status, *Flag)]
    assert all(sentence.endswith(".") for sentence in said)
    assert len(set(said)) == len(said)


def test_every_status_has_a_tone_of_its_own():
    assert len({status.tone for status in Status}) == len(Status)
    assert Status.PARTLY_KEPT.tone == "partly-kept"


def test_every_refusal_says_what_is_wrong_in_words_of_its_own():
    said = [str(refusal.label) for refusal in Refusal]
    assert all(sentence.endswith(".") for sentence in said)
    assert len(set(said)) == len(said)


# --- Style sheets -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sheet", sorted((settings.BASE_DIR / "static").glob("*.css")), ids=lambda sheet: sheet.name
)
def test_every_block_of_a_style_sheet_is_closed_where_it_belongs(sheet):
    """One left open swallows what follows: the rules of a screen became rules of paper once."""
    depth = 0
    for number, line in enumerate(sheet.read_text().splitlines(), 1):
        assert not (depth and line.startswith("/*")), f"{sheet.name}:{number} stands in a block"
        depth += line.count("{") - line.count("}")
    assert depth == 0
