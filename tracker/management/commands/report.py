import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict
from django.utils import timezone

from tracker.forms.reports import asked_of_report
from tracker.models import Pledge
from tracker.reports import EVERY_REPORT
from tracker.reports.formats import FORMATS
from tracker.reports.xlsx import TooLarge
from tracker.rules.dates import day_of

#: The parameters of the list page, by the name of their option.
ONE = ("q", "programme", "pillar", "sector", "body", "due_after", "due_before", "sort")
MANY = ("status", "flag")
DAYS = {
    "as_of": "the day asked about, YYYY-MM-DD",
    "known_on": "as the record was known on that day",
    "from": "the day that a period begins after",
    "to": "the last day of a period",
}


class Command(BaseCommand):
    help = "Writes a report, for any day, with the filters of the list page."

    def add_arguments(self, parser):
        parser.add_argument("name", choices=sorted(EVERY_REPORT))
        for name, text in DAYS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", metavar="D", help=text)
        parser.add_argument("--by", metavar="V", help="summary: by pillar or body")
        parser.add_argument("--format", choices=list(FORMATS), default="csv")
        parser.add_argument(
            "--bom", action="store_true", help="CSV with the mark by which Excel knows UTF-8"
        )
        parser.add_argument("--output", type=Path, metavar="F", help="a file; else standard output")
        for name in ONE:
            parser.add_argument(f"--{name.replace('_', '-')}", metavar="V")
        for name in MANY:
            parser.add_argument(f"--{name}", action="append", default=[], metavar="V")

    def handle(self, *, name, output, **options):
        report = EVERY_REPORT[name]
        asked = asked_of_report(
            _asked(options),
            today=day_of(timezone.now()),
            takes=report.parameters,
            staff=None if report.is_public else Pledge.objects.as_staff_see(),
        )
        for parameter, errors in asked.errors.items():
            option = "--" + parameter.replace("_", "-")
            raise CommandError(f"{option}: {' '.join(map(str, errors))}")
        try:
            pieces = FORMATS[options["format"]].pieces(
                report, asked.pledges, asked.asof, asked.options, bom=options["bom"]
            )
        except TooLarge as error:
            raise CommandError(f"{error}: it does not fit a spreadsheet. Ask for CSV.") from None
        if output is None:
            # Bytes: printing text would turn the report's line ends into the system's.
            stream = getattr(self.stdout._out, "buffer", None) or sys.stdout.buffer
            _write(stream, pieces)
            return
        # Whole or not at all: a report that fails half-way leaves no file that looks whole.
        unfinished = output.with_name(output.name + ".part")
        try:
            with unfinished.open("wb") as stream:
                _write(stream, pieces)
            unfinished.replace(output)
        except OSError as error:
            raise CommandError(
                f"{output}: {error.strerror}. Name a file that can be written."
            ) from None
        finally:
            unfinished.unlink(missing_ok=True)


def _asked(options) -> QueryDict:
    asked = QueryDict(mutable=True)
    for name in (*DAYS, "by", *ONE):
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


def _write(stream, pieces) -> None:
    for piece in pieces:
        stream.write(piece)
    stream.flush()
