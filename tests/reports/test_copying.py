"""The CSV that a database writes itself is, to the byte, the one that is written row by row."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection
from django.db.models import CharField, F, Func, Value
from django.test.utils import CaptureQueriesContext

from tracker.actions import updates
from tracker.models import Indicator, Measurement, Pledge, Sector, Update
from tracker.reports import REPORTS, copying, csv
from tracker.reports.base import Column, Kind, Report
from tracker.reports.formats import FORMATS
from tracker.rules.asof import AsOf
from tracker.rules.cells import HARMLESS, begins_as_formula
from tracker.vocabulary import Status

NOW = AsOf(date(2026, 11, 23))
PAST = AsOf(date(2026, 11, 23), on=date(2024, 6, 1))
#: The reports that a database holds all of.
HELD = ("updates", "milestones", "evidence", "measurements")
#: Every character of the first plane that PostgreSQL has too.
CHARACTERS = [chr(code) for code in range(1, 0x10000) if not 0xD800 <= code <= 0xDFFF]
HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "'quoted", "''", "'", '"', '""', '=","',
    "＝1", " =1", "\u200b=1", "\u3000＋1", "a=1", "(=1)", " ", ",", "a,b", 'a "b" c', "a\nb",
    "a\r\nb", "a\rb", "\\.", "\\N", "NULL", "%s %% {}", "一,二", "“三”", "😀", "😀=1", "~=1",
    "\x7f=1", "é", "0;1",
    "a;=1", "a; -1;b", "\t=1", "a\t@b", "a\n=1", "a, b\r\n+1;'=2", "a;'=1", "=1;=1", '";=1;"',
    "a;\u200b＝1", ";", "a;", "三;=1", "😀\t=1",
]  # fmt: skip


def quick(report, asof=NOW):
    return b"".join(FORMATS["csv"].pieces(report, Pledge.objects.seen(asof), asof))


def told(report, asof=NOW):
    """Row by row, of what the database holds."""
    return "".join(csv.lines(report, Pledge.objects.seen(asof), asof)).encode()


def read(report, monkeypatch, asof=NOW):
    """Row by row, of objects, as it is done for the words of a past day."""
    with monkeypatch.context() as patched:
        patched.setattr(Report, "held", lambda *asked: None)
        return told(report, asof)


def of_sectors(*paths, rows=None):
    rows = Sector.objects.order_by("pk") if rows is None else rows
    columns = tuple(Column(path, Kind.TEXT, path, path, path) for path in paths)
    return Report("sectors", "Sectors", "Sectors.", columns, lambda *asked: rows.all())


def _rich(world):
    """A record in which every column is empty somewhere and hostile somewhere."""
    for number, text in enumerate(HOSTILE, start=1):
        pledge = world.pledge(f"P1.{number:02}", title_en=text[:200], title_zh=f"{text}三")
        draft = world.draft(
            pledge,
            list(Status)[number % len(Status)],
            narrative_en=text,
            narrative_zh="" if number % 2 else f"三{text}",
            evidence=0,
            reported_progress=number % 101 if number % 3 else None,
            **({"due_on": date(2024, 5, 1), "due_precision": "day"} if number % 4 == 0 else {}),
        )
        world.evidence(
            draft,
            title=text,
            publisher=f"{text}x",
            quotation=text if number % 2 else "",
            note_zh=text,
            published_on=date(2023, 1, number % 28 + 1) if number % 2 else None,
            kind="news" if number % 2 else "official",
        )
        step = world.milestone(pledge, text, title_zh=text)
        done = number % 2
        world.change(
            draft,
            step,
            state="done" if done else "open",
            done_on=date(2023, 1, 1) if done else None,
        )
        updates.publish(
            updates.submit(draft, by=world.author, at=world.at), by=world.reviewer, at=world.at
        )
        _measure(world, number, text, pledge if number % 2 else None)
    for entry in list(Update.objects.published()[:3]):
        world.correction(entry, Status.STALLED, correction_reason_zh='=“一”,"二"')


def _measure(world, number, text, pledge):
    values = ["0", "100", "-0.5", "12345.6789", "0.1", "1000000.25", "-3", "99999999.9999"]
    indicator = Indicator.objects.create(
        code=f"I{number}", programme=world.programme, pledge=pledge, name_en=text, unit_zh=text,
        target=None if number % 2 else Decimal(values[number % 8]), note_en=text,
    )  # fmt: skip
    Measurement.objects.create(
        indicator=indicator,
        value=Decimal(values[number % 8]),
        measured_on=date(2024, 1, 1),
        is_baseline=bool(number % 2),
        publisher=text,
        published_at=world.at,
        published_by=world.reviewer,
    )


def test_every_road_gives_the_same_bytes(world, monkeypatch):
    _rich(world)
    for asof in (NOW, PAST):
        for name in HELD:
            report = REPORTS[name]
            assert report.held(Pledge.objects.seen(asof), asof) is not None
            made = quick(report, asof)
            assert made.count(b"\r\n") > len(HOSTILE), name
            assert made == told(report, asof), name
            assert made == read(report, monkeypatch, asof), name


def test_all_rows_are_read_at_once_only_where_nothing_narrows_them_down(world):
    first, second = (world.pledge(f"P1.{number:02}") for number in (1, 2))
    for pledge in (first, second, world.pledge("P1.03", public=False)):
        if pledge.is_public:
            world.published(pledge)
        world.draft(pledge)
    seen = Pledge.objects.seen(NOW)

    def numbers(pledges):
        rows = REPORTS["updates"].held(pledges, NOW, is_read_whole=True)
        return " IN (" in str(rows.query), [row.sequence for row in rows]

    assert numbers(seen.order_by("-code")) == (False, [1, 2])
    assert numbers(seen.filter(code="P1.02")) == (True, [2])
    assert numbers(Pledge.objects.order_by("code"))[0]
    for nothing in (Pledge.objects.none(), seen.filter(pk__in=[])):
        rows = REPORTS["updates"].held(nothing, NOW, is_read_whole=True)
        assert list(copying.pieces(REPORTS["updates"], rows))[1:] == []


def test_the_words_of_a_past_day_are_written_row_by_row(world):
    asof = AsOf(date(2026, 11, 24), known_on=date(2026, 11, 23))
    for name in HELD:
        assert REPORTS[name].held(Pledge.objects.seen(asof), asof) is None


def test_the_guard_of_the_database_is_the_one_of_the_rules(db):
    """Whatever a text begins with: visible or not, and a formula behind it or none."""
    Sector.objects.bulk_create(
        [
            Sector(slug=f"s{number}", name_en=f"{character}=1", name_zh=f"{character}a")
            for number, character in enumerate([*CHARACTERS, "😀", "\U000e0001", "\U0001f1e6"])
        ],
        batch_size=5000,
    )
    report = of_sectors("name_en", "name_zh")
    assert quick(report) == told(report)


def test_what_is_said_to_be_harmless_needs_no_guard():
    for first, last in HARMLESS:
        for code in range(ord(first), ord(last) + 1):
            assert not begins_as_formula(f"{chr(code)}=1")
        assert ord(last) < 0x10FFFF


def test_a_large_file_comes_in_pieces_worth_sending(db):
    Sector.objects.bulk_create(
        [Sector(slug=f"s{number}", name_en="临港" * 50) for number in range(4000)]
    )
    report = of_sectors("slug", "name_en")
    sizes = [len(piece) for piece in FORMATS["csv"].pieces(report, Pledge.objects.none(), NOW)]
    assert sum(sizes) == len(told(report))
    assert max(sizes) < 2 * csv.CHUNK
    assert len(sizes) < 4 + sum(sizes) / csv.CHUNK


def test_who_stops_reading_leaves_the_connection_as_it_was(db):
    Sector.objects.bulk_create(
        [Sector(slug=f"s{number}", name_en="临港") for number in range(3000)]
    )
    pieces = FORMATS["csv"].pieces(of_sectors("slug", "name_en"), Pledge.objects.none(), NOW)
    next(pieces)
    next(pieces)
    pieces.close()
    assert Sector.objects.count() == 3000


class _Failing(Func):
    """A number, until the database cannot give it."""

    output_field = CharField()
    template = "CAST(9223372036854775807 - %(expressions)s * 4611686018427387904 AS text)"

    def as_sqlite(self, compiler, connection, **extra):
        template = "CASE WHEN %(expressions)s > 1 THEN json('no') ELSE 'a' END"
        return self.as_sql(compiler, connection, template=template, **extra)


def test_what_the_database_cannot_give_breaks_off(transactional_db):
    first = Sector.objects.bulk_create(
        [Sector(slug=f"s{number}", name_en="x" * 100) for number in range(4000)]
    )[0]
    rank = F("pk") / Value(first.pk + 3500)
    # In no order: to put them in one, all of them would be made first.
    rows = Sector.objects.annotate(failing=_Failing(rank * 2)).order_by()
    pieces = FORMATS["csv"].pieces(of_sectors("name_en", "failing", rows=rows), None, NOW)
    received = []
    with pytest.raises(DatabaseError):
        received.extend(pieces)
    assert len(received) > 1
    assert Sector.objects.count() == 4000


def test_the_rows_come_from_one_statement(world):
    world.published(world.pledge())
    rows = REPORTS["updates"].held(Pledge.objects.seen(NOW), NOW)
    with CaptureQueriesContext(connection) as captured:
        assert len(list(copying.pieces(REPORTS["updates"], rows))) == 2
    read = [query["sql"] for query in captured if "narrative_en" in query["sql"]]
    assert len(read) == 1
