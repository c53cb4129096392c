import pytest
from django.utils import translation

from tests.nouns import NOUNS
from tracker.models import Body
from tracker.models.bilingual import Bilingual
from tracker.vocabulary import Language


@pytest.mark.parametrize(
    ("reader", "en", "zh", "text", "language", "is_fallback"),
    [
        ("en", "Ministry", "部委", "Ministry", "en", False),
        ("zh-hans", "Ministry", "部委", "部委", "zh-hans", False),
        ("zh-hans", "Ministry", "", "Ministry", "en", True),
        ("en", "", "部委", "部委", "zh-hans", True),
    ],
)
def test_a_text_is_read_in_the_readers_language_else_in_the_other(  # noqa: PLR0917
    reader, en, zh, text, language, is_fallback
):
    with translation.override(reader):
        name = Body(name_en=en, name_zh=zh).name
    assert (name.text, name.language, name.is_fallback) == (text, language, is_fallback)


def test_a_program_without_a_language_reads_english():
    with translation.override(None):
        assert Body(name_en="Ministry", name_zh="部委").name.language is Language.EN


def test_on_the_class_it_is_the_reader_itself():
    assert isinstance(Body.name, Bilingual)
    assert Body.name.name == "name"


def test_every_pair_of_columns_is_read_as_one():
    for model in NOUNS:
        columns = {field.name for field in model._meta.get_fields()}
        pairs = {name[:-3] for name in columns if name.endswith(("_en", "_zh"))}
        readers = {
            name
            for kind in model.__mro__
            for name, value in vars(kind).items()
            if isinstance(value, Bilingual)
        }
        assert readers == pairs, model
