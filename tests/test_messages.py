"""Every text that readers and staff see is there in Chinese."""

import re
from pathlib import Path

import polib
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES"
IGNORED = [".venv/*", "tests/*", "var/*", "lingang/*"]

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]|\{\w*\}")


def key(entry):
    return entry.msgctxt, entry.msgid


def test_every_text_is_translated():
    catalogue = polib.pofile(CATALOGUE / "django.po")
    left = [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy]
    assert left == []


def test_no_text_is_missing_from_the_catalogue(tmp_path, settings, monkeypatch):
    monkeypatch.chdir(ROOT)
    settings.LOCALE_PATHS = [str(tmp_path)]
    call_command("makemessages", locale=["zh_Hans"], ignore_patterns=IGNORED, verbosity=0)
    found = polib.pofile(tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po")
    kept = polib.pofile(CATALOGUE / "django.po")
    # What is not there yet, and what is no longer in the code: `make messages` mends both.
    assert {key(e) for e in found} ^ {key(e) for e in kept} == set()


def test_the_compiled_catalogue_is_that_of_the_text():
    text, compiled = (
        polib.pofile(CATALOGUE / "django.po"),
        polib.mofile(CATALOGUE / "django.mo"),
    )
    assert {key(e): (e.msgstr, e.msgstr_plural) for e in text} == {
        key(e): (e.msgstr, e.msgstr_plural) for e in compiled
    }


def test_translations_keep_their_placeholders():
    for entry in polib.pofile(CATALOGUE / "django.po"):
        wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for text in entry.msgstr_plural.values() or [entry.msgstr]:
            assert set(PLACEHOLDER.findall(text)) == wanted, entry.msgid
