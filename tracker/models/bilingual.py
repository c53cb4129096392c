"""Texts kept in two columns, and read in the reader's language."""

from django.db.models import CheckConstraint, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tracker.rules.translation import Wording, wording
from tracker.vocabulary import Language


class Bilingual:
    """Reads `<name>_en` and `<name>_zh` of a row as one `Wording` for the active language.

    Where the reader's language is missing, the wording is the other one and says so.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, row, owner=None) -> "Wording | Bilingual":
        if row is None:
            return self
        texts = {language: getattr(row, f"{self.name}_{language.suffix}") for language in Language}
        return wording(texts, Language.of(get_language()))


def in_one_language(model: str, *names: str) -> list[CheckConstraint]:
    """Constraints: each text in `names` is there in one language at least."""
    return [
        CheckConstraint(
            name=f"{model}_has_{name}",
            condition=~Q(**{f"{name}_en": ""}) | ~Q(**{f"{name}_zh": ""}),
            violation_error_message=_("Give this text in English or in Chinese, better in both."),
        )
        for name in names
    ]
