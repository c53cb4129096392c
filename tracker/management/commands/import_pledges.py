from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation

from tracker.actions import imports
from tracker.actions.imports.columns import DATE_ORDER, SHAPES
from tracker.actions.staff import account_of, sync_roles
from tracker.models import User
from tracker.rules.dates import day_of
from tracker.rules.readings import key
from tracker.rules.tables import Unreadable
from tracker.vocabulary import DateOrder, ImportKind, Language, StaffRole, Status

#: The account under which this command works where --by names nobody.
OPERATOR = "record-importer"


class Command(BaseCommand):
    help = (
        "Brings pledges, milestones or updates in from CSV or XLSX: all of the file, or nothing. "
        "Says row by row what it does; docs/importing.md lists the columns."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say it, and write nothing")
        parser.add_argument("--kind", choices=ImportKind.values, help="else told by the header")
        parser.add_argument("--by", metavar="USERNAME", help=f"whose work it is; else {OPERATOR}")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="HEADER=COLUMN",
            help="which column a header of the file is; nothing after = leaves it unread",
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="COLUMN=VALUE",
            help="what new rows lack, such as programme, announced_on, code_prefix, date_order",
        )
        parser.add_argument(
            "--word",
            action="append",
            default=[],
            metavar="WORD=STATUS",
            help="which status a word of the file is",
        )
        parser.add_argument(
            "--add",
            action="store_true",
            help="add programmes, pillars, sectors and bodies that are not known",
        )
        parser.add_argument("--language", choices=Language.values, default=Language.EN.value)

    def handle(self, *, file, language, **options):
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}. Name a file to read.") from None
        choices = _choices(options)
        with translation.override(language), transaction.atomic():
            try:
                self._import(file, content, choices, options)
            except Unreadable as error:
                raise CommandError(f"{file}: {error}") from None
            except PermissionDenied:
                raise CommandError("--by: this person may not import. Name an editor.") from None

    def _import(self, file, content, choices, options):
        now = timezone.now()
        by = _person(options["by"])
        kept = imports.keep(content=content, filename=file.name, choices=choices, by=by, at=now)
        plan = imports.preview(kept, by=by, on=day_of(now))
        self._say(plan)
        if plan.is_wrong:
            raise CommandError("Nothing was imported: mend what is wrong first.")
        if options["dry_run"]:
            # Not even the file is kept.
            transaction.set_rollback(True)
            return
        self._apply(kept, plan, by, now)

    def _apply(self, kept, plan, by, now):
        imports.remember(kept, plan)

        def tell(done, of):
            if done % 500 == 0 or done == of:
                self.stderr.write(f"{done}/{of}")

        try:
            imports.apply(
                kept,
                digest=plan.digest,
                by=by,
                at=now,
                on=day_of(now),
                tell=tell,
            )
        except imports.Moved as moved:
            for number, before, after in moved.rows:
                self.stdout.write(f"row {number}: {before} | {after}")
            raise CommandError(str(moved)) from None
        self.stdout.write("Imported.")

    def _say(self, plan):
        kind = plan.matching.shape.kind
        self.stdout.write(f"{kind.label} ({plan.table.written})")
        for fault in plan.faults:
            self.stdout.write(f"wrong: {fault}")
        for why, headers in plan.matching.left_out.items():
            self.stdout.write(f"not read: {', '.join(headers)} ({why})")
        for text in plan.assumed:
            self.stdout.write(f"assumed: {text}")
        for text in plan.added:
            self.stdout.write(f"added: {text}")
        for row in plan.rows:
            self.stdout.write(f"{row.number}\t{row.about}\t{row}")
        self.stdout.write(", ".join(f"{count} {name}" for name, count in plan.counts.items()))


def _person(username) -> User:
    if not username:
        person = account_of(OPERATOR, StaffRole.EDITOR)
        # Whoever works at the machine may add bodies too: what managers keep.
        person.groups.add(sync_roles()[StaffRole.MANAGER])
        return User.objects.get(pk=person.pk)
    try:
        return User.objects.get(username=username)
    except User.DoesNotExist:
        raise CommandError(f"--by: there is nobody called {username}.") from None


def _choices(options) -> imports.Choices:
    columns = _pairs("--map", options["map"])
    given = _pairs("--set", options["set"])
    words = _pairs("--word", options["word"])
    known = {name for shape in SHAPES.values() for name in shape.label_of}
    _known("--map", columns.values(), known | {""})
    can_be_given = {name for shape in SHAPES.values() for name in shape.given}
    _known("--set", given, can_be_given | {DATE_ORDER})
    _known("--word", words.values(), Status.values)
    if DATE_ORDER in given:
        _known("--set date_order", [given[DATE_ORDER]], DateOrder.values)
    return imports.Choices(
        kind=options["kind"] or "",
        columns={key(header): column for header, column in columns.items()},
        given=given,
        words={key(word): code for word, code in words.items()},
        adds=options["add"],
    )


def _pairs(option, texts) -> dict[str, str]:
    pairs = {}
    for text in texts:
        left, equals, right = text.rpartition("=")
        if not equals or not left:
            raise CommandError(f"{option} {text}: write it as LEFT=RIGHT.")
        pairs[left.strip()] = right.strip()
    return pairs


def _known(option, names, known) -> None:
    for name in names:
        if name not in known:
            raise CommandError(f"{option}: {name} is none of {', '.join(sorted(known))}.")
