"""Nobody saves over what they have not seen, and nobody publishes what they wrote themselves."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from tests.models import raw
from tests.models.raw import refused
from tracker.actions import updates
from tracker.models import Milestone, Pledge, Reply, Update
from tracker.vocabulary import StaffRole, Status

MOVED_ON = "the row was changed meanwhile"
TEXT = {Pledge: "title_en", Update: "narrative_en", Milestone: "title_en", Reply: "text_en"}
EACH = pytest.mark.parametrize("model", TEXT, ids=lambda model: model.__name__)


@pytest.fixture
def row_of(world):
    """Makes a row that several people may edit."""

    def make(model):
        pledge = world.pledge()
        if model is Pledge:
            return pledge
        if model is Milestone:
            return world.milestone(pledge)
        if model is Update:
            return world.draft(pledge)
        body = world.body()
        world.responsibility(pledge, body)
        entry = world.published(pledge, Status.KEPT)
        return Reply.objects.create(
            update=entry, body=body, text_en="No.", edited_at=world.at, edited_by=world.author
        )

    return make


def two_copies(row):
    """One row as two people read it; the first has saved already."""
    model = type(row)
    first, second = model.objects.get(pk=row.pk), model.objects.get(pk=row.pk)
    setattr(first, TEXT[model], "Theirs.")
    first.save()
    setattr(second, TEXT[model], "Mine.")
    return first, second


def _save(row):
    row.save()


def _save_fields(row):
    row.save(update_fields=["version", TEXT[type(row)]])


def _save_forced(row):
    row.save(force_update=True)


def _bulk_update(row):
    row.version += 1
    type(row).objects.bulk_update([row], ["version", TEXT[type(row)]])


def _queryset_update(row):
    values = {"version": row.version + 1, TEXT[type(row)]: "Mine."}
    type(row).objects.filter(pk=row.pk).update(**values)


def _back_to_the_first(row):
    type(row).objects.filter(pk=row.pk).update(version=1)


def _two_at_once(row):
    type(row).objects.filter(pk=row.pk).update(version=F("version") + 2)


def _sql(row):
    raw.update(row, version=row.version + 1, **{TEXT[type(row)]: "Mine."})


def _sql_in_place(row):
    raw.update(row, version=row.version, **{TEXT[type(row)]: "Mine."})


ROADS = {
    "save": _save,
    "save of fields": _save_fields,
    "forced save": _save_forced,
    "bulk_update": _bulk_update,
    "queryset.update": _queryset_update,
    "queryset.update back to the first": _back_to_the_first,
    "queryset.update by two": _two_at_once,
    "raw SQL": _sql,
    "raw SQL with the version that was read": _sql_in_place,
}


@EACH
def test_a_stale_save_is_refused_by_every_road(row_of, model):
    first, second = two_copies(row_of(model))
    for name, road in ROADS.items():
        stale = model.objects.get(pk=first.pk)
        stale.version = second.version
        setattr(stale, TEXT[model], "Mine.")
        with pytest.raises(IntegrityError, match=MOVED_ON), transaction.atomic():
            road(stale)
        now = model.objects.get(pk=first.pk)
        assert (now.version, getattr(now, TEXT[model])) == (first.version, "Theirs."), name


@EACH
def test_whoever_reads_again_may_save(row_of, model):
    first, second = two_copies(row_of(model))
    second.refresh_from_db()
    setattr(second, TEXT[model], "Mine.")
    second.save()
    second.save()
    now = model.objects.get(pk=second.pk)
    assert (now.version, getattr(now, TEXT[model])) == (first.version + 2, "Mine.")


# --- Four eyes, among all who wrote -------------------------------------------------------------


def publish(world, update, by, **otherwise):
    """What `updates.publish` writes, in SQL."""
    values = {"state": "published", "published_at": world.at, "published_by_id": by.pk}
    raw.update(update, **(values | {"sequence": 77, "digest": "1" * 64} | otherwise))


@pytest.mark.parametrize("status", sorted(Status.final()))
def test_a_final_status_is_published_by_none_of_its_writers(world, status):
    update = world.submitted(world.pledge(), status)
    third = world.person("third", StaffRole.EDITOR, StaffRole.REVIEWER)
    update.writers.add(third)
    with refused("published by none of its writers"):
        publish(world, update, third)
    # Nor by saying another status while publishing it.
    Update.objects.filter(pk=update.pk).update(status=Status.STALLED)
    with refused("published by none of its writers"):
        publish(world, update, third, status=status)
    Update.objects.filter(pk=update.pk).update(status=status)
    publish(world, update, world.reviewer)


def test_another_status_is_published_by_one_of_its_writers(world):
    update = world.submitted(world.pledge(), Status.STALLED)
    update.writers.add(world.reviewer)
    publish(world, update, world.reviewer)


@pytest.fixture
def entry(world):
    return world.published(world.pledge(), Status.KEPT)


def writers():
    return raw.sql("SELECT * FROM tracker_update_writers ORDER BY id")


def test_the_writers_of_a_published_update_never_change(world, entry):
    draft = world.draft(entry.pledge)
    draft.writers.add(world.author)
    other = world.person("other")
    before = writers()
    assert len(before) == 2
    through = Update.writers.through.objects
    roads = {
        "add": lambda: entry.writers.add(other),
        "remove": lambda: entry.writers.remove(world.author),
        "clear": entry.writers.clear,
        "set": lambda: entry.writers.set([other]),
        "update": lambda: through.filter(update=entry).update(user=other),
        "moved from": lambda: through.filter(update=entry).update(update=draft),
        "moved to": lambda: through.filter(update=draft).update(update=entry),
        "delete": lambda: through.all().delete(),
        "SQL": lambda: raw.sql("DELETE FROM tracker_update_writers"),
    }
    if connection.vendor == "sqlite":
        roads["REPLACE"] = lambda: raw.sql(
            "REPLACE INTO tracker_update_writers SELECT id, %s, user_id "
            "FROM tracker_update_writers WHERE update_id = %s",
            draft.pk,
            entry.pk,
        )
    for name, road in roads.items():
        with pytest.raises(IntegrityError, match="a published update"), transaction.atomic():
            road()
        assert writers() == before, name


def test_the_writers_of_a_draft_are_still_kept_up(world):
    draft = world.draft(world.pledge())
    draft.writers.add(world.author, world.reviewer)
    draft.writers.remove(world.reviewer)
    assert draft.writers.get() == world.author


def test_each_step_moves_an_update_on(world):
    draft = world.draft(world.pledge())
    seen = [draft.version]
    for step in (updates.submit, updates.withdraw, updates.submit):
        seen.append(step(draft, by=world.author, at=world.at).version)
    seen.append(updates.return_(draft, by=world.reviewer, at=world.at, reason="Why?").version)
    seen.append(updates.submit(draft, by=world.author, at=world.at).version)
    seen.append(updates.publish(draft, by=world.reviewer, at=world.at).version)
    assert seen == [1, 2, 3, 4, 5, 6, 7]
