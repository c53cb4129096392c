"""Every text that readers and staff see is there in Chinese."""

import re
import shutil
from pathlib import Path

import polib
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES"

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]|\{\w*\}")


def key(entry):
    return entry.msgctxt, entry.msgid


def test_every_text_is_translated():
    catalogue = polib.pofile(str(CATALOGUE / "django.po"))
    left = [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy]
    assert left == []


def test_no_text_is_missing_from_the_catalogue(tmp_path, settings, monkeypatch):
    # In a copy: the command writes into the catalogue of the folder that it runs in.
    for part in ("tracker", "templates"):
        shutil.copytree(ROOT / part, tmp_path / part)
    (tmp_path / "locale").mkdir()
    monkeypatch.chdir(tmp_path)
    settings.LOCALE_PATHS = [str(tmp_path / "locale")]
    call_command("makemessages", locale=["zh_Hans"], verbosity=0)
    found = polib.pofile(str(tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"))
    kept = polib.pofile(str(CATALOGUE / "django.po"))
    # What is not there yet, and what is no longer in the code: `make messages` mends both.
    assert {key(e) for e in found} ^ {key(e) for e in kept} == set()


def test_the_compiled_catalogue_is_that_of_the_text():
    text, compiled = (
        polib.pofile(str(CATALOGUE / "django.po")),
        polib.mofile(str(CATALOGUE / "django.mo")),
    )
    assert {key(e): (e.msgstr, e.msgstr_plural) for e in text} == {
        key(e): (e.msgstr, e.msgstr_plural) for e in compiled
    }


def test_translations_keep_their_placeholders():
    for entry in polib.pofile(str(CATALOGUE / "django.po")):
        wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for text in entry.msgstr_plural.values() or [entry.msgstr]:
            assert set(PLACEHOLDER.findall(text)) == wanted, entry.msgid
