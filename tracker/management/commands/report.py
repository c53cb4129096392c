import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict
from django.utils import timezone

from tracker.forms import AsOfForm, PledgeFilter
from tracker.models import Pledge
from tracker.reports import REPORTS, csv
from tracker.rules.dates import day_of

#: The parameters of the list page, by the name of their option.
ONE = ("q", "programme", "pillar", "sector", "body", "due_after", "due_before", "sort")
MANY = ("status", "flag")


class Command(BaseCommand):
    help = "Writes a report, for any day, with the filters of the list page."

    def add_arguments(self, parser):
        parser.add_argument("name", choices=sorted(REPORTS))
        parser.add_argument("--as-of", metavar="D", help="the day asked about, YYYY-MM-DD")
        parser.add_argument("--known-on", metavar="D", help="as the record was known on that day")
        parser.add_argument("--format", choices=["csv"], default="csv")
        parser.add_argument("--output", type=Path, metavar="F", help="a file; else standard output")
        for name in ONE:
            parser.add_argument(f"--{name.replace('_', '-')}", metavar="V")
        for name in MANY:
            parser.add_argument(f"--{name}", action="append", default=[], metavar="V")

    def handle(self, *, name, output, **options):
        asked = _asked(options)
        form = AsOfForm(asked, today=day_of(timezone.now()))
        asof = form.asof()
        found = PledgeFilter(asked, Pledge.objects.seen(asof), asof=asof)
        for parameter, errors in (form.errors | (found.errors or {})).items():
            option = "--" + parameter.replace("_", "-")
            raise CommandError(f"{option}: {' '.join(map(str, errors))}")
        chunks = csv.chunks(csv.lines(REPORTS[name], found.qs, asof))
        if output is None:
            # Bytes: printing text would turn the report's line ends into the system's.
            stream = getattr(self.stdout._out, "buffer", None) or sys.stdout.buffer
            _write(stream, chunks)
            return
        # Whole or not at all: a report that fails half-way leaves no file that looks whole.
        unfinished = output.with_name(output.name + ".part")
        try:
            with unfinished.open("wb") as stream:
                _write(stream, chunks)
            unfinished.replace(output)
        except OSError as error:
            raise CommandError(
                f"{output}: {error.strerror}. Name a file that can be written."
            ) from None
        finally:
            unfinished.unlink(missing_ok=True)


def _asked(options) -> QueryDict:
    asked = QueryDict(mutable=True)
    for name in ("as_of", "known_on", *ONE):
        if options[name] is not None:
            asked[name] = _text(name, options[name])
    for name in MANY:
        asked.setlist(name, [_text(name, value) for value in options[name]])
    return asked


def _text(name: str, value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        option = "--" + name.replace("_", "-")
        raise CommandError(f"{option}: this is no text. Give it in UTF-8.") from None
    return value


def _write(stream, chunks) -> None:
    for chunk in chunks:
        stream.write(chunk)
    stream.flush()
