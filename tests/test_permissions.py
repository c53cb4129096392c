"""Who may do what: every address, in each state of what stands there, in each role.

`permissions.txt` is the table. An address that is not in it fails, and so does another outcome:
    PERMISSIONS_ANEW=1 .venv/bin/python -m pytest tests/test_permissions.py    writes it anew
Outcomes: a status; `login` and `desk` for being sent there; `!` where a row of ours was written.
"""

import os
import re
from datetime import date
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from tests import hostile
from tests.admin.desk import signed_in
from tracker.actions import feedback, notes, updates
from tracker.admin.invitations import links
from tracker.models import (
    Evidence,
    Indicator,
    Measurement,
    MilestoneChange,
    Period,
    Reply,
    User,
)
from tracker.models.feedback import FeedbackQuerySet
from tracker.models.indicator import IndicatorQuerySet
from tracker.models.pledge_queryset import PledgeManager, PledgeQuerySet
from tracker.models.reply import ReplyQuerySet
from tracker.vocabulary import StaffRole

pytestmark = pytest.mark.sqlite_only
TABLE = Path(__file__).with_name("permissions.txt")
ROLES = ("nobody", "editor", "stranger", "reviewer", "manager", "administrator")
#: Who signs in or is refused is written down, too; what the table tells of is what was changed.
_WRITES = re.compile(
    r'(?:INSERT INTO|UPDATE|DELETE FROM) "tracker_(?!(?:user|session|auditentry|audithead)")'
)


class Site:
    """A record with a thing in each state, and a browser of each role."""

    def __init__(self, world):
        self.world = world
        harbour, schools = world.body("harbour"), world.body("schools")
        editor = world.person("harbour-editor", StaffRole.EDITOR, bodies=[harbour])
        stranger = world.person("schools-editor", StaffRole.EDITOR, bodies=[schools])
        people = {
            "editor": editor,
            "stranger": stranger,
            "reviewer": world.person("harbour-reviewer", StaffRole.REVIEWER, bodies=[harbour]),
            "manager": world.person("a-manager", StaffRole.MANAGER),
            "administrator": User.objects.create_superuser("root", password="x"),
        }
        self.clients = {name: signed_in(person) for name, person in people.items()}
        self.clients["nobody"] = Client()
        for client in self.clients.values():
            client.raise_request_exception = False
        self.sessions = {
            name: {key: cookie.value for key, cookie in client.cookies.items()}
            for name, client in self.clients.items()
        }
        #: What of the desk a browser may keep, by what it was told.
        self.kept = set()
        public, hidden = world.pledge(), world.pledge("P1.02", public=False)
        for pledge in (public, hidden):
            world.responsibility(pledge, harbour)
        public.sectors.add(world.sector())
        by = {"created_by": editor, "edited_by": editor}
        published = world.published(public, "not_kept", **by)
        rows = {
            "draft": world.draft(public, **by),
            "submitted": world.submitted(public, **by),
            "returned": updates.return_(
                world.submitted(public, **by), by=world.reviewer, at=world.at, reason="No."
            ),
            "published": published,
        }
        milestone = world.milestone(public)
        world.change(rows["draft"], milestone)
        for update in (rows["draft"], published):
            evidence = update.evidence.get()
            name = evidence.file.storage.save("x.txt", ContentFile(b"x"))
            Evidence.objects.filter(pk=evidence.pk, update__state="draft").update(
                file=name, file_sha256="0" * 64
            )
        message = feedback.receive(
            public, kind="evidence", text="Look.", email="", on=world.at.date()
        )
        note = notes.write(public, update=None, text="A note.", by=world.author, at=world.at)
        indicator = Indicator.objects.create(
            programme=world.programme, pledge=public, code="I1", name_en="I", unit_en="t"
        )
        measurement = Measurement.objects.create(
            indicator=indicator, value=1, measured_on="2023-01-01", publisher="Office"
        )
        reply = Reply.objects.create(
            update=published,
            body=harbour,
            text_en="We reply.",
            edited_at=world.at,
            edited_by=editor,
        )
        period = Period.objects.create(
            programme=world.programme,
            slug="p1",
            name_en="P",
            starts_on=date(2023, 1, 1),
            ends_on=date(2023, 6, 30),
            opened_at=world.at,
            opened_by=world.author,
        )
        self.states = {
            "pledge": {"public": public.pk, "hidden": hidden.pk},
            "update": {state: row.pk for state, row in rows.items()},
            "milestone": {"one": milestone.pk},
            "milestonechange": {"one": MilestoneChange.objects.first().pk},
            "feedback": {"one": message.pk},
            "note": {"one": note.pk},
            "indicator": {"one": indicator.pk},
            "measurement": {"one": measurement.pk},
            "reply": {"one": reply.pk},
            "period": {"one": period.pk},
            "user": {"one": world.author.pk},
            "group": {"one": world.groups[StaffRole.EDITOR].pk},
            "programme": {"one": world.programme.pk},
            "pillar": {"one": world.pillar.pk},
            "body": {"one": harbour.pk},
            "sector": {"one": public.sectors.get().pk},
        }
        uid = urlsafe_base64_encode(force_bytes(world.author.pk))
        self.link = reverse("admin:choose-password", args=[uid, links.make_token(world.author)])
        self.evidence = {
            "published": published.evidence.get().uid,
            "draft": rows["draft"].evidence.get().uid,
        }

    def objects(self, place: str) -> dict[str, str]:
        """The address in each state of what stands there."""
        model = re.match(r"/admin/\w+/(\w+)/", place)
        if "<path:object_id>" in place or "<id>" in place:
            states = self.states.get(model[1], {"none": 1}) if model else {"none": 1}
            found = {
                state: place.replace("<path:object_id>", str(pk)) for state, pk in states.items()
            }
        elif "<uuid:uid>" in place:
            found = {
                state: place.replace("<uuid:uid>", str(uid)) for state, uid in self.evidence.items()
            }
        elif "<uidb64>" in place:
            found = {"over": place, "open": self.link}
        elif "<code>" in place:
            found = {
                state: place.replace("<code>", code)
                for state, code in (("public", "P1.01"), ("hidden", "P1.02"))
            }
        else:
            found = {"": place}
        if "<slug:step>" in place:
            steps = next(m for m in admin.site._registry if m._meta.model_name == model[1])
            names = admin.site._registry[steps].steps
            found = {
                f"{state} {step}": address.replace("<slug:step>", step)
                for state, address in found.items()
                for step in names
            }
        return {state: _filled(address) for state, address in found.items()}

    def outcome(self, role: str, method: str, address: str, data: dict) -> str:
        """What this role is answered; nothing that it changed stays."""
        written = []

        def noted(execute, sql, params, many, context):
            if _WRITES.match(sql):
                written.append(sql)
            return execute(sql, params, many, context)

        client = self.clients[role]
        # One of the addresses is the way out.
        client.cookies = SimpleCookie(self.sessions[role])
        with transaction.atomic(), connection.execute_wrapper(noted):
            response = getattr(client, method.lower())(address, data)
            # What it reads from, it lets go of; the connection itself stays open.
            for close in response._resource_closers:
                close()
            response.close = lambda: None
            transaction.set_rollback(True)
        if address.startswith("/admin/") and "no-store" not in response.get("Cache-Control", ""):
            self.kept.add(address)
        where = response.get("Location", "")
        status = str(response.status_code)
        if status == "302":
            status = {"/admin/": "desk"}.get(where, "login" if "/login/" in where else status)
        return status + ("!" if written else "")

    def rows(self, about: str = ""):
        """Every row of the table: its name and how to ask for it; those `about` something first."""
        places = sorted(hostile.addresses(), key=lambda place: (about not in place, place))
        for place in places:
            for state, address in self.objects(place).items():
                for method in ("GET", "POST"):
                    yield f"{method} {place} {state}".strip(), method, address, {}
        yield from self.bulk()

    def bulk(self):
        """Each action on a list, taken on each object there is."""
        for model, desk in admin.site._registry.items():
            name = model._meta.model_name
            place = f"/admin/{model._meta.app_label}/{name}/"
            actions = [getattr(action, "__name__", action) for action in desk.actions or ()]
            for action in (*actions, "delete_selected"):
                for state, pk in self.states.get(name, {}).items():
                    data = {"action": action, "_selected_action": [pk], "post": "yes"}
                    yield f"POST {place} {action} {state}", "POST", place, data

    def roles(self, name: str) -> tuple[str, ...]:
        # What is public is the same for everyone: nobody and who may do everything stand for all.
        return ROLES if name.split()[1].startswith("/admin/") else (ROLES[0], ROLES[-1])

    def line(self, name: str, *asked) -> str:
        return f"{name}: " + " ".join(self.outcome(role, *asked) for role in self.roles(name))


def _filled(address: str) -> str:
    values = {"order": "1", "name": "pledges", "slug": "hydrogen", "section": "pledges"}
    values |= {"extension": "csv", "app_label": "auth", "token": "nobody-s", "filename": "x.csv"}
    if "/bodies/" in address:
        values["slug"] = "harbour"
    if address.startswith("/admin/r/"):
        values |= {"content_type_id": "1", "object_id": "1"}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values.get(found[1], "1"), address)


@pytest.fixture
def site(world, monkeypatch):
    # Who may is decided before a page is drawn, and drawing takes nine tenths of the time.
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", property(lambda _: ""))
    monkeypatch.setattr("django.shortcuts.loader.render_to_string", lambda *_a, **_k: "")
    return Site(world)


@pytest.fixture
def table():
    return dict(line.rsplit(": ", 1) for line in TABLE.read_text().splitlines())


def test_every_address_answers_each_role_as_the_table_says(site):
    lines = [site.line(*row) for row in site.rows()]
    if os.environ.get("PERMISSIONS_ANEW"):
        TABLE.write_text("".join(f"{line}\n" for line in sorted(lines)))
    assert sorted(lines) == TABLE.read_text().splitlines()
    # The words of the desk's scripts are the same for everybody.
    assert site.kept <= {"/admin/jsi18n/"}, "no browser keeps what only staff may see"


def test_nobody_reaches_the_desk(table):
    reached = {
        name: outcomes.split()[0]
        for name, outcomes in table.items()
        if name.split()[1].startswith("/admin/") and outcomes.split()[0] not in {"login", "404"}
    }
    # The way in and out, the words of the desk's scripts, and the page on which one chooses a
    # password, for who has the link.
    choose = "/admin/sign-in/choose/<uidb64>/<token>/"
    assert {name.split()[1] for name in reached} <= {
        "/admin/login/",
        "/admin/logout/",
        "/admin/jsi18n/",
        choose,
    }
    # It is the link that opens it: without a right one it is not there, for anybody.
    assert {name for name in reached if choose in name} == {
        f"GET {choose} open",
        f"POST {choose} open",
    }
    assert set(table[f"GET {choose} over"].split()) == {"404"}
    assert set(table[f"POST {choose} over"].split()) == {"404"}


def test_the_table_tells_roles_apart(table):
    change = table["GET /admin/tracker/update/<path:object_id>/change/ draft"]
    assert change.split() == ["login", "200", "desk", "200", "200", "200"]
    publish = "POST /admin/tracker/update/<path:object_id>/step/<slug:step>/ submitted publish"
    reviewer, administrator = ROLES.index("reviewer"), ROLES.index("administrator")
    wrote = [number for number, said in enumerate(table[publish].split()) if "!" in said]
    assert wrote == [reviewer, administrator]


def test_what_is_only_read_writes_nothing(table):
    """So no link and no picture of another site makes somebody's browser change the record."""
    assert len([name for name in table if name.startswith("GET ")]) > 250
    wrote = [name for name, outcomes in table.items() if "!" in outcomes]
    assert len(wrote) > 10
    assert [name for name in wrote if name.startswith("GET ")] == []


def test_no_cell_is_a_fault_of_ours(table):
    assert [name for name, outcomes in table.items() if re.search(r"\b5\d\d", outcomes)] == []


def _own_permissions():
    """Each permission that one of our admins answers itself."""
    for model, desk in admin.site._registry.items():
        for kind in type(desk).__mro__:
            if kind.__module__.startswith("tracker."):
                for name in vars(kind):
                    if re.fullmatch(r"has_(add|change|delete|view|publish|close)_permission", name):
                        yield model._meta.model_name, type(desk), name


FAULTS = [
    ("pledge", PledgeQuerySet, "in_care_of", lambda self, *_: self.all()),
    ("indicator", IndicatorQuerySet, "in_care_of", lambda self, *_: self.all()),
    ("feedback", FeedbackQuerySet, "in_care_of", lambda self, *_: self.all()),
    ("reply", ReplyQuerySet, "in_care_of", lambda self, *_: self.all()),
    ("update", User, "has_perm", lambda *_: True),
    ("/admin/", admin.AdminSite, "has_permission", lambda *_: True),
    ("/pledges/", PledgeQuerySet, "published", lambda self, *_: self.all()),
    *(
        (model, kind, name, lambda *_a, **_k: True)
        for model, kind, name in sorted(set(_own_permissions()), key=str)
    ),
]


def _is_seen(site, table, about):
    """Whether a cell about this says something else than the table does."""
    for name, *asked in site.rows(about):
        if about in name:
            told = table[name].split()
            roles = site.roles(name)
            # Who may do everything may do no more by any fault.
            for number, role in enumerate(roles[:-1]):
                if site.outcome(role, *asked) != told[number]:
                    return True
    return False


def test_each_seeded_fault_changes_the_table(site, table):
    unseen = []
    for about, kind, name, lax in FAULTS:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kind, name, lax)
            # The question is kept as it was put together without the fault.
            patch.setattr(PledgeManager, "seen", lambda self, asof: self.get_queryset().seen(asof))
            if not _is_seen(site, table, about if "/" in about else f"/{about}/"):
                unseen.append(f"{kind.__name__}.{name}")
    assert unseen == []
