"""The labels that files print: one that changes leaves its former self behind for past files."""

import json
from datetime import date
from pathlib import Path

from django.db.models import TextChoices

from tracker import vocabulary
from tracker.reports import labels
from tracker.reports.labels import Former, label_in, text_in
from tracker.reports.summary import OTHERS
from tracker.vocabulary import Language, Status

PINNED = Path(__file__).with_name("labels.json")
#: Whole sentences that no file prints.
SENTENCES = {"Refusal", "FileFault", "CellFault"}


def todays():
    words = {
        f"{choices.__name__}.{choice.value}": choice.label
        for choices in vars(vocabulary).values()
        if isinstance(choices, type)
        and issubclass(choices, TextChoices)
        and choices is not TextChoices
        if choices.__name__ not in SENTENCES
        for choice in choices
    } | {f"summary.{by}.{kind}": text for (by, kind), text in OTHERS.items()}
    return {
        name: {language.suffix: text_in(name, text, language) for language in Language}
        for name, text in sorted(words.items())
    }


def test_no_label_changes_without_its_former_one_being_kept():
    """Where this fails: did you better a label? Then add its former one to `labels.FORMER`, with
    the last day on which the site said it, and the new one to `labels.json`. A new code needs
    the second only."""
    assert todays() == json.loads(PINNED.read_text("utf-8"))


def test_a_file_has_the_label_that_held_on_the_day(monkeypatch):
    first, second = date(2027, 1, 31), date(2028, 1, 31)
    former = (
        Former("Status.kept", second, "Done", "完成"),
        Former("Status.kept", first, "Delivered", "交付"),
    )
    monkeypatch.setattr(labels, "FORMER", former)
    asked = [date(2026, 1, 1), first, date(2027, 2, 1), second, date(2028, 2, 1), None]
    found = [label_in(Status.KEPT, Language.EN, day) for day in asked]
    assert found == ["Delivered", "Delivered", "Done", "Done", "Kept", "Kept"]
    assert label_in(Status.KEPT, Language.ZH_HANS, first) == "交付"
    assert label_in(Status.NOT_KEPT, Language.EN, first) == "Not kept"
