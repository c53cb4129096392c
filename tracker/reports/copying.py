"""Reports as CSV, written by the database itself: to the byte what `csv.lines` writes, and many
times as fast.

PostgreSQL copies the rows out as CSV. SQLite puts each line together in its own language. Either
way it is one statement, and so one state of the record, and nothing is held but the piece that is
being sent.
"""

from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, transaction
from django.db.models import Expression, Func, QuerySet, TextField
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn
from psycopg.waiting import Wait

from tracker.reports import csv
from tracker.reports.base import Report
from tracker.reports.cells import IN_PYTHON, Cell, Label

#: Lines are fetched from SQLite this many at a time.
LINES = 100


def pieces(report: Report, rows: QuerySet, *, bom: bool = False) -> Iterator[bytes]:
    """The file of `rows`, from `Report.held`, in pieces worth sending one by one."""
    yield csv.opening(report, bom=bom).encode()
    copy = {"postgresql": _from_postgresql, "sqlite": _from_sqlite}[connections[rows.db].vendor]
    # Where no row can fit, Django has nothing to ask.
    with suppress(EmptyResultSet):
        yield from copy(rows, _cells(report))


def _cells(report: Report) -> list[Expression]:
    return [
        Label(path, column.labels()) if column.label_in else Cell(path)
        for column in report.columns
        for path in [str(column.value)]
    ]


def _from_postgresql(rows: QuerySet, cells: list[Expression]) -> Iterator[bytes]:
    connection = connections[rows.db]
    sql, params = rows.values_list(*cells).query.get_compiler(rows.db).as_sql()
    with transaction.atomic(rows.db), connection.cursor() as cursor:
        # Days in ISO, whatever the server was set to. To compile the expressions first takes longer
        # than they do. One worker beside the leader, who writes: with two it is no sooner done on
        # two cores, and whoever asks for a page meanwhile waits twice as long.
        cursor.execute(
            "SELECT set_config('datestyle', 'ISO', true), set_config('jit', 'off', true), "
            "set_config('max_parallel_workers_per_gather', '1', true)"
        )
        statement = cursor.mogrify(f"COPY ({sql}) TO STDOUT (FORMAT csv)", params)
        with connection.wrap_database_errors, cursor.copy(statement) as copy:
            is_done = False
            while not is_done:
                lines, is_done = copy.connection.wait(_some(copy.connection.pgconn))
                # The line feeds were taken off: joining puts them back, each behind its return.
                if lines:
                    yield csv.parted(b"\r\n".join([*lines, b""]))


def _some(server: PGconn) -> Generator[Wait, Any, tuple[list[memoryview], bool]]:
    """Enough lines of a COPY for a piece, without their line feeds, and whether they are the last.

    For `Connection.wait`, which waits wherever this yields. Read one by one through psycopg's
    `Copy`, a million lines take half a second of CPU more.
    """
    lines: list[memoryview] = []
    size = 0
    while size < csv.CHUNK:
        length, line = server.get_copy_data(1)
        if length > 0:
            lines.append(line[:-1])
            size += length
        elif length == 0:  # Nothing is there yet.
            while not (yield Wait.R):
                pass
            server.consume_input()
        else:
            [result] = iter(server.get_result, None)
            if result.status != ExecStatus.COMMAND_OK:
                raise error_from_result(result)
            return lines, True
    return lines, False


class _Line(Func):
    """One line of the file, in UTF-8."""

    output_field = TextField()

    def as_sqlite(self, compiler, connection, **extra):
        # `format` puts it together at once; `||` would copy it anew for each cell.
        cells = ",".join(["%%%%s"] * len(self.get_source_expressions()))
        template = f"CAST(format('{cells}' || char(13, 10), %(expressions)s) AS BLOB)"
        return self.as_sql(compiler, connection, template=template, **extra)


def _from_sqlite(rows: QuerySet, cells: list[Expression]) -> Iterator[bytes]:
    connection = connections[rows.db]
    sql, params = rows.values_list(_Line(*cells)).query.get_compiler(rows.db).as_sql()
    with connection.cursor() as cursor:
        connection.connection.create_function(IN_PYTHON, 1, csv.quoted, deterministic=True)
        cursor.execute(sql, params)
        waiting, size = [], 0
        while lines := cursor.fetchmany(LINES):
            piece = csv.parted(b"".join([line for (line,) in lines]))
            waiting.append(piece)
            size += len(piece)
            if size >= csv.CHUNK:
                yield b"".join(waiting)
                waiting, size = [], 0
        if waiting:
            yield b"".join(waiting)
