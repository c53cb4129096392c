"""Loads a programme's record from files such as those in `fixtures/lingang`.

What is there already is left as it is, so that loading again changes nothing and undoes nobody's
work. What is new passes the checks that staff's own input passes: each row is validated, and each
update is submitted by one account and published by another.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from tracker.actions import pledges as pledge_actions
from tracker.actions import staff, updates
from tracker.models import (
    Body,
    Evidence,
    Indicator,
    Measurement,
    Passage,
    Pillar,
    Pledge,
    Programme,
    Responsibility,
    Sector,
    Source,
    SourceNote,
    Update,
)
from tracker.vocabulary import StaffRole, Status

Row = TypeVar("Row", bound=Model)

#: Under it, each update's stable identifier is made from its key in the file.
NAMESPACE = uuid.UUID("7d3c0f0e-6b0a-5c55-9a4e-2f6f4b1f2d11")


class BadFile(Exception):
    """A file cannot be loaded; nothing was. The message names the file, the row and the remedy."""


@dataclass
class Loaded:
    """How many rows of each kind were new."""

    new: dict[str, int] = field(default_factory=dict)

    def count(self, row: Model) -> None:
        name = type(row).__name__
        self.new[name] = self.new.get(name, 0) + 1


@transaction.atomic
def load(
    folder: Path, *, author: str = "record-author", reviewer: str = "record-reviewer"
) -> Loaded:
    """Loads `programme.json`, `pledges.json`, `updates.json` and the source's text from `folder`.

    Raises BadFile at the first row that does not hold, and then loads nothing.
    """
    loader = _Loader(folder, author, reviewer)
    loader.frame()
    loader.pledges()
    loader.passages()
    loader.indicators()
    loader.updates()
    return loader.loaded


class _Loader:
    def __init__(self, folder: Path, author: str, reviewer: str) -> None:
        self.folder = folder
        self.file = self._read("programme.json")
        self.at = datetime.fromisoformat(self.file["published_at"])
        self.author = staff.account_of(author, StaffRole.EDITOR)
        self.reviewer = staff.account_of(reviewer, StaffRole.REVIEWER)
        self.loaded = Loaded()

    def _read(self, name: str) -> Any:
        path = self.folder / name
        try:
            return json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise BadFile(f"{path} is missing. Name a folder that holds it.") from None
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise BadFile(f"{path} is no JSON in UTF-8: {error}. Mend the file.") from None

    def _keep(
        self, label: str, model: type[Row], key: Mapping[str, Any], values: Mapping[str, Any]
    ) -> Row:
        """The row with `key`, made from `values` and validated where it is not there yet."""
        found = model._default_manager.filter(**key).first()
        if found is not None:
            return found
        row = model(**key, **values)
        self._validated(label, row)
        row.save()
        self.loaded.count(row)
        return row

    def _validated(self, label: str, row: Model) -> None:
        try:
            row.full_clean()
        except ValidationError as error:
            raise BadFile(f"{self.folder}: {label}: {error}. Mend the file.") from None

    def frame(self) -> None:
        """The programme with its pillars, sectors and bodies, and the source."""
        programme = dict(self.file["programme"])
        slug = programme.pop("slug")
        self.programme = self._keep(f"programme {slug}", Programme, {"slug": slug}, programme)
        self.pillars = {
            item["order"]: self._keep(
                f"pillar {item['order']}",
                Pillar,
                {"programme": self.programme, "order": item["order"]},
                _without(item, "order"),
            )
            for item in self.file["pillars"]
        }
        self.sectors = {
            item["slug"]: self._keep(
                f"sector {item['slug']}", Sector, {"slug": item["slug"]}, _without(item, "slug")
            )
            for item in self.file["sectors"]
        }
        self.bodies = {
            item["slug"]: self._keep(
                f"body {item['slug']}", Body, {"slug": item["slug"]}, _without(item, "slug")
            )
            for item in self.file["bodies"]
        }
        source = self.file["source"]
        # Bytes, not text: reading as text would turn the document's line ends into others.
        text = (self.folder / source["text_file"]).read_bytes().decode("utf-8")
        self.source = self._keep(
            f"source {source['slug']}",
            Source,
            {"slug": source["slug"]},
            _without(source, "slug", "text_file", "event_on", "published_on")
            | {
                "programme": self.programme,
                "text": text,
                "event_on": _day(source["event_on"]),
                "published_on": _day(source["published_on"]),
            },
        )

    def pledges(self) -> None:
        """The pledges with their sectors and the bodies responsible; new ones become public."""
        self.by_code: dict[str, Pledge] = {}
        for item in self._read("pledges.json"):
            code = item["code"]
            known = Pledge.objects.filter(code=code).first()
            if known is not None:
                self.by_code[code] = known
                continue
            pledge = self._keep(
                f"pledge {code}",
                Pledge,
                {"code": code},
                _without(
                    item,
                    "code",
                    "pillar",
                    "sectors",
                    "responsibilities",
                    "start",
                    "end",
                    "announced_on",
                    "due_on",
                    "due_precision",
                )
                | {
                    "programme": self.programme,
                    "pillar": self.pillars[item["pillar"]],
                    "announced_on": _day(item["announced_on"]),
                    "original_due_on": _day(item["due_on"]),
                    "original_due_precision": item["due_precision"],
                },
            )
            pledge.sectors.set(self.sectors[slug] for slug in item["sectors"])
            for responsibility in item["responsibilities"]:
                self._keep(
                    f"pledge {code}, {responsibility['body']}",
                    Responsibility,
                    {"pledge": pledge, "body": self.bodies[responsibility["body"]]},
                    _without(responsibility, "body"),
                )
            self.by_code[code] = pledge_actions.publish_pledge(pledge, by=self.reviewer, at=self.at)

    def passages(self) -> None:
        """What each stretch of the source became, and the known slips of its text."""
        for item in self.file["passages"]:
            pledge = self.by_code[item["pledge"]] if "pledge" in item else None
            self._keep(
                f"passage {item['start']}–{item['end']}",
                Passage,
                {"source": self.source, "start": item["start"]},
                _without(item, "start", "pledge") | {"pledge": pledge},
            )
        for item in self.file["source_notes"]:
            note = self._keep(
                f"note {item['key']}",
                SourceNote,
                {"source": self.source, "key": item["key"]},
                _without(item, "key", "quote"),
            )
            if self.source.text[item["start"] : item["end"]] != item["quote"]:
                raise BadFile(f"{self.folder}: note {note.key}: the source does not say its quote.")

    def indicators(self) -> None:
        for item in self.file["indicators"]:
            indicator = self._keep(
                f"indicator {item['code']}",
                Indicator,
                {"code": item["code"]},
                _without(item, "code", "measurements") | {"programme": self.programme},
            )
            for value in item["measurements"]:
                measurement = self._keep(
                    f"indicator {item['code']}, {value['measured_on']}",
                    Measurement,
                    {"indicator": indicator, "measured_on": _day(value["measured_on"])},
                    _without(value, "measured_on") | {"source": self.source, "is_baseline": True},
                )
                pledge_actions.publish_measurement(measurement, by=self.reviewer, at=self.at)

    def updates(self) -> None:
        """The entries, in the order of their days; those that rate nothing come first."""
        items = self._read("updates.json")
        items.sort(key=lambda item: (item["status"] != Status.NOT_RATED, item["effective_on"]))
        for item in items:
            uid = uuid.uuid5(NAMESPACE, f"{self.programme.slug}/{item['key']}")
            if not Update.objects.filter(uid=uid).exists():
                self._update(uid, item)

    def _update(self, uid: uuid.UUID, item: dict[str, Any]) -> None:
        label = f"update {item['key']}"
        update = Update(
            uid=uid,
            pledge=self.by_code[item["pledge"]],
            status=item["status"],
            effective_on=date.fromisoformat(item["effective_on"]),
            narrative_en=item["narrative_en"],
            narrative_zh=item["narrative_zh"],
            created_at=self.at,
            created_by=self.author,
            edited_at=self.at,
            edited_by=self.author,
        )
        self._validated(label, update)
        update.save()
        self.loaded.count(update)
        for number, item_evidence in enumerate(item["evidence"], 1):
            evidence = Evidence(
                uid=uuid.uuid5(uid, item_evidence["fact"]),
                update=update,
                published_on=_day(item_evidence["published_on"]),
                **_without(item_evidence, "fact", "published_on"),
            )
            self._validated(f"{label}, evidence {number}", evidence)
            evidence.save()
            self.loaded.count(evidence)
        try:
            updates.submit(update, by=self.author, at=self.at)
            updates.publish(update, by=self.reviewer, at=self.at)
        except updates.Refused as error:
            raise BadFile(f"{self.folder}: {label}: {error}") from None


def _without(item: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in names}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
