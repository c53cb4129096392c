"""What the role of the public site reads of every table: `tests/grants.txt`, complete.

    GRANTS_ANEW=1 .venv/bin/python -m pytest tests/models/test_public.py    writes it anew

A new table or column changes it: look at the difference before you keep it. That PostgreSQL gives
the role just this is tested in `tests/test_public_role.py`.
"""

import os
from pathlib import Path

import pytest

from tracker.models.public import ALL, SHOWN, models
from tracker.queries.copies import TABLES, WITHIN
from tracker.reports.coverage import EXPORTED, PRIVATE

TABLE = Path(__file__).parent.parent / "grants.txt"
BY_MODEL = {shown.model: shown for shown in SHOWN}


def lines():
    for model in models():
        shown = BY_MODEL.get(model)
        name = model._meta.db_table
        if shown is None:
            yield f"{name}: nothing"
            continue
        kept = [field.column for field, is_public in shown.fields() if not is_public]
        yield f"{name}: {'all rows' if shown.rows == ALL else 'rows where ' + shown.rows}"
        told = [field.column for field, is_public in shown.fields() if is_public]
        yield f"  shown: {' '.join(told)}"
        if shown.if_public:
            led = [f"{field.column} to {there.table}" for field, there in shown.leading()]
            yield f"  shown if the row it leads to is: {' '.join(led)}"
        yield f"  kept: {' '.join(kept) or '-'}"


def test_every_table_and_column_is_placed():
    now = "".join(f"{line}\n" for line in lines())
    if os.environ.get("GRANTS_ANEW"):
        TABLE.write_text(now)
    assert now == TABLE.read_text()


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: shown.table)
def test_only_what_is_there_is_named(shown):
    assert set(shown.names) <= {field.name for field, _is_public in shown.fields()}


def test_no_table_is_named_twice():
    assert len(BY_MODEL) == len(SHOWN)


def test_what_reports_and_copies_hold_is_shown():
    names = {shown.model.__name__: set(shown.names) for shown in SHOWN}
    told = {tuple(field.split(".")) for field in EXPORTED}
    told |= {(t.model.__name__, name) for t in TABLES for name in t.fields}
    told |= {(model.__name__, name) for model, fields in WITHIN.items() for name in fields}
    between = {"sectors", "responsibilities", "completions", "files"}
    missing = {(model, name) for model, name in told if name not in names[model] | between}
    assert missing == set()


def test_no_person_and_no_step_of_the_desk_is_shown():
    """Nor by whom, in any table; nor what `coverage.PRIVATE` calls work of the desk."""
    of_the_desk = {name for name, why in PRIVATE.items() if "desk" in why or "staff" in why}
    for shown in SHOWN:
        for field, is_public in shown.fields():
            target = field.related_model
            is_private = f"{shown.model.__name__}.{field.name}" in of_the_desk
            is_person = field.name.endswith("_by") or (target and target.__name__ == "User")
            assert not (is_public and (is_person or is_private)), field
