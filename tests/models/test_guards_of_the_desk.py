"""Published replies, closed periods and the kept history stay as they are, by every road."""

import uuid
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from tests.models import raw
from tracker.models import Completion, FrozenFile, Milestone, Pledge, Reply, Responsibility, Update
from tracker.models.period import Period
from tracker.vocabulary import Role, Status


def refused_by_every_road(reason, roads, *models):
    """Each of `roads` is refused for `reason` and leaves every row of `models` as it was."""
    tables = [model._meta.db_table for model in models]

    def rows():
        return [raw.sql(f"SELECT * FROM {table} ORDER BY 1") for table in tables]

    before = rows()
    for name, road in roads.items():
        with pytest.raises(IntegrityError, match=reason), transaction.atomic():
            road()
        assert rows() == before, name


# --- Replies ------------------------------------------------------------------------------------


@pytest.fixture
def body(world):
    return world.body()


@pytest.fixture
def pledge(world, body):
    pledge = world.pledge()
    world.responsibility(pledge, body)
    return pledge


@pytest.fixture
def draft_of(world):
    def make(update, body, **values):
        return Reply.objects.create(
            update=update,
            body=body,
            **({"text_en": "We did.", "edited_at": world.at, "edited_by": world.author} | values),
        )

    return make


def publish(world, reply, verb="UPDATE", **otherwise):
    values = {"published_at": world.at, "published_by_id": world.reviewer.pk}
    raw.update(reply, verb, **(values | otherwise))


NOT_THEIRS = "a reply is that of a body that leads, to a published final status"


def test_a_reply_is_published_by_a_body_that_leads_to_a_final_status(world, pledge, body, draft_of):
    supporter, stranger = world.body("supporter"), world.body("stranger")
    world.responsibility(pledge, supporter, Role.SUPPORT)
    entry = world.published(pledge, Status.KEPT)
    going_on = world.published(pledge, Status.IN_PROGRESS, effective_on=date(2023, 2, 1))
    waiting = world.submitted(pledge, Status.NOT_KEPT)
    for update, by in (
        (entry, supporter),
        (entry, stranger),
        (going_on, body),
        (waiting, body),
    ):
        reply = draft_of(update, by)
        roads = {
            "SQL": lambda reply=reply: publish(world, reply),
            "ORM": lambda reply=reply: Reply.objects.filter(pk=reply.pk).update(
                published_at=world.at, published_by=world.reviewer
            ),
        }
        refused_by_every_road(NOT_THEIRS, roads, Reply)
    mine = draft_of(entry, body)
    # Nor is one's own turned into that of another while it is published.
    turned = {
        "of another body": lambda: publish(world, mine, body_id=stranger.pk),
        "to another entry": lambda: publish(world, mine, update_id=going_on.pk),
    }
    refused_by_every_road(NOT_THEIRS, turned, Reply)
    publish(world, mine)
    assert list(Reply.objects.published()) == [mine]


@pytest.fixture
def published_reply(world, pledge, body, draft_of):
    reply = draft_of(world.published(pledge, Status.KEPT), body)
    publish(world, reply)
    return Reply.objects.get(pk=reply.pk)


def test_a_published_reply_is_neither_changed_nor_deleted(world, body, published_reply, draft_of):
    reply = published_reply
    other = draft_of(reply.update, body, text_en="Another.")

    def save():
        stale = Reply.objects.get(pk=reply.pk)
        stale.text_en = "We did not."
        stale.save()

    roads = {
        "save": save,
        "save under its key": lambda: Reply(
            pk=reply.pk,
            update=reply.update,
            body=body,
            text_en="x",
            edited_at=world.at,
            edited_by=world.author,
        ).save(force_update=True),
        "update": lambda: Reply.objects.update(text_en="We did not."),
        "withdrawn": lambda: raw.update(reply, published_at=None, published_by_id=None),
        "delete": lambda: Reply.objects.get(pk=reply.pk).delete(),
        "delete of all": lambda: Reply.objects.all().delete(),
        "SQL delete": lambda: raw.delete(reply),
    }
    if connection.vendor == "sqlite":
        roads |= {
            "REPLACE by key": lambda: raw.insert_like(
                other, "REPLACE", id=reply.pk, uid=uuid.uuid4()
            ),
            "REPLACE by identifier": lambda: raw.insert_like(
                other, "REPLACE", id=999, uid=reply.uid
            ),
            "UPDATE OR REPLACE": lambda: raw.update(other, "UPDATE OR REPLACE", uid=reply.uid),
        }
    refused_by_every_road("a published reply is never changed or deleted", roads, Reply)
    for column in raw.columns(Reply):
        if column != "published_at":
            value = Reply.objects.values_list(column, flat=True).get(pk=reply.pk)
            road = {column: lambda column=column, value=value: raw.update(reply, **{column: value})}
            refused_by_every_road("a published reply is never changed or deleted", road, Reply)


def test_a_reply_enters_as_a_draft_and_may_be_mended(world, published_reply, draft_of, body):
    refused_by_every_road(
        "a reply is published by a step of its own",
        {"insert": lambda: raw.insert_like(published_reply, id=999, uid=uuid.uuid4())},
        Reply,
    )
    reply = draft_of(published_reply.update, body)
    reply.text_en = "Mended."
    reply.save()
    reply.delete()


# --- Periods ------------------------------------------------------------------------------------


@pytest.fixture
def period(world):
    return Period.objects.create(
        programme=world.programme,
        slug="2026-q3",
        name_en="Third quarter",
        starts_on=date(2026, 7, 1),
        ends_on=date(2026, 9, 30),
        opened_at=world.at,
        opened_by=world.author,
    )


def a_file(world, period, name="pledges.csv"):
    return FrozenFile.objects.create(
        period=period,
        filename=name,
        report="pledges",
        content=b"code\n",
        sha256="0" * 64,
        made_at=world.at,
        made_by=world.author,
    )


def completed(world, period, pledge):
    return Completion.objects.create(
        period=period, pledge=pledge, marked_at=world.at, marked_by=world.author
    )


def close(world, period):
    Period.objects.filter(pk=period.pk).update(closed_at=world.at, closed_by=world.author)


def test_a_closed_period_never_changes_nor_what_belongs_to_it(world, pledge, period):
    done, file = completed(world, period, pledge), a_file(world, period)
    other = Period.objects.create(
        programme=world.programme,
        slug="open",
        name_en="Open",
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        opened_at=world.at,
        opened_by=world.author,
    )
    another = world.pledge("P1.02")
    elsewhere = completed(world, other, another)
    close(world, period)
    roads = {
        "save": period.save,
        "reopened": lambda: Period.objects.update(closed_at=None, closed_by=None),
        "SQL": lambda: raw.update(period, name_en="Otherwise"),
        "delete": lambda: raw.delete(period),
        "completion added": lambda: completed(world, period, another),
        "completion moved to": lambda: raw.update(elsewhere, period_id=period.pk),
        "completion moved from": lambda: raw.update(done, period_id=other.pk),
        "completion changed": lambda: raw.update(done, pledge_id=another.pk),
        "completion deleted": done.delete,
        "completion deleted by SQL": lambda: raw.delete(done),
        "file added": lambda: a_file(world, period, "updates.csv"),
        "file changed": lambda: FrozenFile.objects.update(content=b"x"),
        "file moved": lambda: raw.update(file, period_id=other.pk),
        "file deleted": file.delete,
        "file deleted by SQL": lambda: raw.sql("DELETE FROM tracker_frozenfile"),
    }
    if connection.vendor == "sqlite":
        roads |= {
            "REPLACE by key": lambda: raw.insert_like(other, "REPLACE", id=period.pk, slug="new"),
            "REPLACE by slug": lambda: raw.insert_like(other, "REPLACE", id=99, slug=period.slug),
            "UPDATE OR REPLACE": lambda: raw.update(other, "UPDATE OR REPLACE", slug=period.slug),
            "file replaced": lambda: raw.insert_like(file, "REPLACE", period_id=other.pk),
        }
    refused_by_every_road(
        "a closed period never changes|a frozen file never changes",
        roads,
        Period,
        Completion,
        FrozenFile,
    )


def test_an_open_period_is_kept_up_until_it_is_closed(world, pledge, period):
    done = completed(world, period, pledge)
    period.name_en = "Mended"
    period.save()
    done.delete()
    a_file(world, period)
    close(world, period)
    assert Period.objects.closed().get().name_en == "Mended"


# --- History ------------------------------------------------------------------------------------

HISTORIES = [
    model
    for model in Pledge._meta.apps.get_app_config("tracker").get_models()
    if model.__name__.startswith("Historical")
]


def test_the_sweep_sees_every_history():
    assert len(HISTORIES) == 13


def test_history_is_only_ever_added_to(lingang):
    Milestone.objects.create(pledge=Pledge.objects.first(), title_en="First step")
    left = set(HISTORIES)
    for model in HISTORIES:
        table, key = model._meta.db_table, model._meta.pk.column
        if not raw.sql(f"SELECT 1 FROM {table} LIMIT 1"):
            continue
        left.remove(model)
        roads = {
            "save": lambda model=model: model.objects.first().save(),
            "update": lambda model=model, key=key: model.objects.update(
                **{key: model.objects.values_list(key, flat=True).first()}
            ),
            "delete": lambda model=model: model.objects.first().delete(),
            "delete of all": lambda model=model: model.objects.all()._raw_delete("default"),
            "SQL update": lambda table=table, key=key: raw.sql(f"UPDATE {table} SET {key} = {key}"),
            "SQL delete": lambda table=table: raw.sql(f"DELETE FROM {table}"),
        }
        if connection.vendor == "sqlite":
            roads["REPLACE"] = lambda table=table: raw.sql(
                f"REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"
            )
        refused_by_every_road("history is only ever added to", roads, model)
    assert left == set()


def test_history_outlives_what_it_is_about(world, body):
    pledge = world.pledge(public=False)
    duty = world.responsibility(pledge, body)
    duty.delete()
    pledge.delete()
    assert [e.history_type for e in Responsibility.history.order_by("history_id")] == ["+", "-"]
    assert [e.history_type for e in Pledge.history.order_by("history_id")] == ["+", "-"]
    assert not hasattr(Update, "history")
