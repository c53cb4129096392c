"""Loads a programme's record from files such as those in `fixtures/lingang`.

What is there already is left as it is, so that loading again changes nothing and undoes nobody's
work. What is new passes the checks that staff's own input passes: each row is validated, and each
update is submitted by one account and published by another.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
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
from tracker.rules.coverage import Span
from tracker.vocabulary import StaffRole, Status

Row = TypeVar("Row", bound=Model)
Item = dict[str, Any]

#: Under it, each update's stable identifier is made from its key in the file.
NAMESPACE = uuid.UUID("7d3c0f0e-6b0a-5c55-9a4e-2f6f4b1f2d11")

PROGRAMME, PLEDGES, UPDATES = "programme.json", "pledges.json", "updates.json"


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
    loader.notes()
    loader.indicators()
    loader.updates()
    return loader.loaded


class _Named(dict[Any, Any]):
    """Rows by the names that other rows of the files call them by."""

    def __init__(self, kind: str, file: str) -> None:
        super().__init__()
        self.kind, self.file = kind, file

    def __missing__(self, name: object) -> None:
        raise ValueError(
            f"{self.file} holds no {self.kind} “{name}”. Add it there or mend the name"
        )


class _Loader:
    def __init__(self, folder: Path, author: str, reviewer: str) -> None:
        self.folder = folder
        self.file = self._read(PROGRAMME, dict)
        with self._row(PROGRAMME, "published_at"):
            self.at = datetime.fromisoformat(self.file["published_at"])
            if self.at.tzinfo is None:
                raise ValueError("The moment lacks its time zone, such as +08:00")
        self.author = staff.account_of(author, StaffRole.EDITOR)
        self.reviewer = staff.account_of(reviewer, StaffRole.REVIEWER)
        self.loaded = Loaded()
        self.pillars = _Named("pillar", PROGRAMME)
        self.sectors = _Named("sector", PROGRAMME)
        self.bodies = _Named("body", PROGRAMME)
        self.by_code = _Named("pledge", PLEDGES)

    # --- The files, and what is said of a row that does not hold -----------------------------

    def _text(self, name: str) -> str:
        path = self.folder / name
        try:
            # Bytes, not text: reading as text would turn the document's line ends into others.
            return path.read_bytes().decode("utf-8")
        except OSError as error:
            raise BadFile(
                f"{path} cannot be read: {error.strerror}. Name a folder that holds it."
            ) from error
        except UnicodeDecodeError as error:
            raise BadFile(f"{path} is not in UTF-8: {error}. Save it as UTF-8.") from error

    def _read(self, name: str, kind: type) -> Any:
        try:
            read = json.loads(self._text(name))
        except json.JSONDecodeError as error:
            raise BadFile(f"{self.folder / name} is no JSON: {error}. Mend the file.") from error
        if not isinstance(read, kind):
            wanted = "a list" if kind is list else "an object"
            raise BadFile(f"{self.folder / name} does not hold {wanted}. Mend the file.")
        return read

    def _section(self, name: str) -> list[Any]:
        section = self.file.get(name)
        if not isinstance(section, list):
            raise BadFile(
                f"{self.folder / PROGRAMME}: it has no list “{name}”. Add one, empty if need be."
            )
        return section

    @contextmanager
    def _row(self, file: str, kind: str, number: int = 0, name: object = None) -> Iterator[None]:
        """Whatever does not hold inside is a BadFile that names the row.

        The row is called by its `name`, else by its `number` in its list.
        """
        called = f"“{name}”" if name is not None else f"number {number}" if number else ""
        where = f"{self.folder / file}: {kind} {called}".rstrip()
        try:
            yield
        except ValidationError as error:
            raise BadFile(f"{where}: {_said(error)} Mend the row.") from error
        except updates.Refused as error:
            raise BadFile(f"{where}: {error}") from error
        except KeyError as error:
            raise BadFile(f"{where}: it has no {error}. Add it.") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise BadFile(f"{where}: {error}. Mend the row.") from error

    def _rows(
        self, file: str, kind: str, items: list[Any], *key: str
    ) -> Iterator[tuple[Item, Any]]:
        """Each item with the context that names it, after a check that its `key` is its own."""
        seen = set()
        for number, item in enumerate(items, 1):
            with self._row(file, kind, number):
                if not isinstance(item, dict):
                    raise TypeError("It is no object")
                name = ", ".join(str(item[part]) for part in key)
            if name in seen:
                raise BadFile(
                    f"{self.folder / file}: {kind} “{name}” is there twice. Take one out or "
                    "give it a key of its own."
                )
            seen.add(name)
            yield item, self._row(file, kind, number, name)

    def _keep(
        self, model: type[Row], key: Mapping[str, Any], values: Mapping[str, Any]
    ) -> tuple[Row, bool]:
        """The row with `key`, and whether it is new: made from `values` and validated."""
        found = model._default_manager.filter(**key).first()
        if found is not None:
            return found, False
        return self._new(model(**key, **values)), True

    def _new(self, row: Row) -> Row:
        row.full_clean()
        # Its history begins when it was published, not when this copy of it was loaded.
        row._history_date = self.at  # type: ignore[attr-defined]
        row.save()
        self.loaded.count(row)
        return row

    # --- The nouns, each after those that it names ---------------------------------------------

    def frame(self) -> None:
        """The programme with its pillars, sectors and bodies, and the source."""
        with self._row(PROGRAMME, "programme"):
            given = self.file["programme"]
            self.programme, _new = self._keep(
                Programme,
                {"slug": given["slug"]},
                _without(given, "slug", "announced_on")
                | {"announced_on": _day(given["announced_on"])},
            )
        for item, row in self._rows(PROGRAMME, "pillar", self._section("pillars"), "order"):
            with row:
                key = {"programme": self.programme, "order": item["order"]}
                self.pillars[item["order"]], _new = self._keep(Pillar, key, _without(item, "order"))
        for kind, section, model, known in (
            ("sector", "sectors", Sector, self.sectors),
            ("body", "bodies", Body, self.bodies),
        ):
            for item, row in self._rows(PROGRAMME, kind, self._section(section), "slug"):
                with row:
                    known[item["slug"]], _new = self._keep(
                        model, {"slug": item["slug"]}, _without(item, "slug")
                    )
        with self._row(PROGRAMME, "source"):
            given = self.file["source"]
            self.source, _new = self._keep(
                Source,
                {"slug": given["slug"]},
                _without(given, "slug", "text_file", "event_on", "published_on")
                | {
                    "programme": self.programme,
                    "text": self._text(given["text_file"]),
                    "event_on": _day(given["event_on"]),
                    "published_on": _day(given["published_on"]),
                },
            )

    def pledges(self) -> None:
        """The pledges with their sectors and the bodies responsible; new ones become public."""
        for item, row in self._rows(PLEDGES, "pledge", self._read(PLEDGES, list), "code"):
            with row:
                known = Pledge.objects.filter(code=item["code"]).first()
                self.by_code[item["code"]] = known or self._pledge(item)

    def _pledge(self, item: Item) -> Pledge:
        own = ("pillar", "sectors", "responsibilities", "start", "end")
        dates = ("announced_on", "due_on", "due_precision")
        pledge = self._new(
            Pledge(
                **_without(item, *own, *dates),
                programme=self.programme,
                pillar=self.pillars[item["pillar"]],
                announced_on=date.fromisoformat(item["announced_on"]),
                original_due_on=_day(item["due_on"]),
                original_due_precision=item["due_precision"],
            )
        )
        pledge.sectors.set([self.sectors[slug] for slug in item["sectors"]])
        for given in item["responsibilities"]:
            body = self.bodies[given["body"]]
            self._new(Responsibility(pledge=pledge, body=body, **_without(given, "body")))
        return pledge_actions.publish_pledge(pledge, by=self.reviewer, at=self.at)

    def passages(self) -> None:
        """What each stretch of the source became. Where staff cut it otherwise, theirs stay."""
        there = [passage.span for passage in self.source.passages.all()]
        items = self._section("passages")
        for item, row in self._rows(PROGRAMME, "passage", items, "start", "end"):
            with row:
                if any(Span(item["start"], item["end"]).touches(span) for span in there):
                    continue
                pledge = self.by_code[item["pledge"]] if "pledge" in item else None
                values = _without(item, "pledge")
                self._new(Passage(source=self.source, pledge=pledge, **values))

    def notes(self) -> None:
        """The known slips of the source's text."""
        for item, row in self._rows(PROGRAMME, "note", self._section("source_notes"), "key"):
            with row:
                said = self.source.text[item["start"] : item["end"]]
                if said != item["quote"]:
                    raise ValueError(f"The source says “{said}” there, not “{item['quote']}”")
                key = {"source": self.source, "key": item["key"]}
                self._keep(SourceNote, key, _without(item, "key", "quote"))

    def indicators(self) -> None:
        """The indicators with the values that the source states; new values become public."""
        for item, row in self._rows(PROGRAMME, "indicator", self._section("indicators"), "code"):
            with row:
                indicator, is_new = self._keep(
                    Indicator,
                    {"code": item["code"]},
                    _without(item, "code", "measurements") | {"programme": self.programme},
                )
                # A known indicator's values are staff's.
                for value in item["measurements"] if is_new else []:
                    measurement = self._new(
                        Measurement(
                            indicator=indicator,
                            source=self.source,
                            is_baseline=True,
                            measured_on=date.fromisoformat(value["measured_on"]),
                            **_without(value, "measured_on"),
                        )
                    )
                    pledge_actions.publish_measurement(measurement, by=self.reviewer, at=self.at)

    def updates(self) -> None:
        """The entries, in the order of their days; those that rate nothing come first."""
        rows = list(self._rows(UPDATES, "update", self._read(UPDATES, list), "key"))
        for item, row in sorted(rows, key=lambda pair: _order(pair[0])):
            with row:
                uid = uuid.uuid5(NAMESPACE, f"{self.programme.slug}/{item['key']}")
                if not Update.objects.filter(uid=uid).exists():
                    self._update(uid, item)

    def _update(self, uid: uuid.UUID, item: Item) -> None:
        unknown = set(item) - {"key", "pledge", "evidence", *_UPDATE_FIELDS}
        if unknown:
            raise ValueError(f"It has fields that are not loaded: {', '.join(sorted(unknown))}")
        values = {name: item[name] for name in _UPDATE_FIELDS if name in item}
        update = self._new(
            Update(
                **values
                | {name: _day(values.get(name)) for name in ("effective_on", "due_on")}
                | {"uid": uid, "pledge": self.by_code[item["pledge"]]}
                | {"created_at": self.at, "created_by": self.author}
                | {"edited_at": self.at, "edited_by": self.author}
            )
        )
        for number, given in enumerate(item["evidence"], 1):
            with self._row(UPDATES, f"update “{item['key']}”, evidence", number):
                evidence = Evidence(
                    uid=uuid.uuid5(uid, given["fact"]),
                    update=update,
                    published_on=_day(given["published_on"]),
                    seen_on=_day(given.get("seen_on")),
                    **_without(given, "fact", "published_on", "seen_on"),
                )
                self._new(evidence)
        updates.submit(update, by=self.author, at=self.at)
        updates.publish(update, by=self.reviewer, at=self.at)


_UPDATE_FIELDS = (
    "status",
    "effective_on",
    "reported_progress",
    "due_on",
    "due_precision",
    "narrative_en",
    "narrative_zh",
)


def _order(item: Item) -> tuple[bool, str]:
    return item.get("status") != Status.NOT_RATED, str(item.get("effective_on"))


def _said(error: ValidationError) -> str:
    """What is wrong with which field."""
    return " ".join(
        " ".join(messages) if name == NON_FIELD_ERRORS else f"{name}: {' '.join(messages)}"
        for name, messages in error.message_dict.items()
    )


def _without(item: Mapping[str, Any], *names: str) -> Item:
    return {name: value for name, value in item.items() if name not in names}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
