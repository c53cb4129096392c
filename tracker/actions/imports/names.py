"""What pledges are grouped by and who answers for them, by the names that files call them."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db.models import Model
from django.utils.text import slugify
from django.utils.translation import gettext as _

from tracker.actions.imports.plan import Cells, Planner
from tracker.models import Body, Pillar, Programme, Sector
from tracker.rules.readings import is_chinese, key

#: What stands between several names in one cell. A comma does only where each part is known.
_BETWEEN = re.compile(r"[;；|\n]+")
_COMMA = re.compile(r"[,，、]+")


class Names:
    """The rows of one model by slug and by name. With `adds`, a name that is not known is added."""

    def __init__(self, model: type[Model], planner: Planner) -> None:
        self.model, self.planner = model, planner
        self.rows: dict[str, Any] = {}
        self.added: list[Any] = []
        for row in model._default_manager.all():
            self._know(row)

    def _know(self, row: Any) -> None:
        for name in (row.name_en, row.name_zh, row.slug):
            if name:
                self.rows[key(name)] = row

    def by_slug(self, slug: str) -> Any:
        return self.rows[key(slug)]

    def one(self, cells: Cells, column: str, **values: Any) -> Any:
        """The row that a cell names; None where it names none, or one that is not known."""
        text = cells.text(column)
        return self._row(cells, column, text, values) if text else None

    def many(self, cells: Cells, column: str) -> list[Any]:
        """The rows that a cell names, each once, in its order."""
        text = cells.text(column)
        parts = [text] if key(text) in self.rows else _parts(_BETWEEN, text)
        names: list[str] = []
        labels = self._labels(cells, column, len(parts))
        for part in parts:
            smaller = _parts(_COMMA, part)
            whole = key(part) in self.rows or not all(key(name) in self.rows for name in smaller)
            # Chinese names are told apart by their own comma; they hold none themselves.
            names += [part] if whole and not ("、" in part and is_chinese(part)) else smaller
        if len(names) != len(labels):
            labels = [{}] * len(names)
        found = [
            self._row(cells, column, name, label) for name, label in zip(names, labels, strict=True)
        ]
        return list({row.slug: row for row in found if row is not None}.values())

    def _row(self, cells: Cells, column: str, name: str, values: dict[str, Any]) -> Any:
        row = self.rows.get(key(name))
        if row is not None:
            return row
        if not self.planner.choices.adds:
            cells.wrong(
                column,
                _("“%s” is not known; add it first, or let the import add what is not known")
                % name,
            )
            return None
        if not _may_add(self.planner, cells, self.model):
            return None
        suffix = "zh" if is_chinese(name) else "en"
        if not {"name_en", "name_zh"} & set(values):
            values = {f"name_{suffix}": name} | values
        row = self.model(slug=self._slug(name), **values)
        cells.check(row, {"slug", "name_en", "name_zh"}, column)
        self._know(row)
        self.added.append(row)
        self.planner.added.append(f"{self.model._meta.verbose_name}: {name}")
        return row

    def _labels(self, cells: Cells, column: str, count: int) -> list[dict[str, Any]]:
        """The names that the reports' own label columns give to the parts of a cell."""
        labels: list[dict[str, Any]] = [{} for _part in range(count)]
        for suffix in ("en", "zh"):
            texts = _parts(_BETWEEN, cells.label(f"{column}_{suffix}"))
            for label, text in zip(labels, texts if len(texts) == count else [], strict=False):
                label[f"name_{suffix}"] = text
        return labels

    def _slug(self, name: str) -> str:
        plain = slugify(name)[:50].strip("-")
        taken = {row.slug for row in self.rows.values()}
        if plain and not is_chinese(name) and plain not in taken:
            return plain
        digest = sha256(name.encode()).hexdigest()[:8]
        return f"{plain}-{digest}" if plain else f"{self.model._meta.model_name}-{digest}"

    def save(self, at: datetime, why: str) -> None:
        for row in self.added:
            self.planner.sign(row, at, why)
            row.save()


class Pillars:
    """The pillars of each programme, by number and by title."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self.rows: dict[tuple[str, str], Pillar] = {}
        self.last: dict[str, int] = {}
        self.added: list[Pillar] = []
        for pillar in Pillar.objects.select_related("programme"):
            self._know(pillar)

    def _know(self, pillar: Pillar) -> None:
        programme = pillar.programme.slug
        for name in (pillar.title_en, pillar.title_zh, str(pillar.order)):
            if name:
                self.rows[programme, key(name)] = pillar
        self.last[programme] = max(self.last.get(programme, 0), pillar.order)

    def one(self, cells: Cells, programme: Programme) -> Pillar | None:
        """The pillar that a cell names; None where it names none, or one that is not known."""
        text = cells.text("pillar")
        # The file's own labels give a new pillar its titles in both languages.
        titles = {
            name: cells.label(name) for name in ("pillar_en", "pillar_zh") if cells.label(name)
        }
        if not text:
            return None
        pillar = self.rows.get((programme.slug, key(text)))
        if pillar is not None:
            return pillar
        if not self.planner.choices.adds:
            cells.wrong(
                "pillar",
                _("“%s” is not known; add it first, or let the import add what is not known")
                % text,
            )
            return None
        if not _may_add(self.planner, cells, Pillar):
            return None
        order = self.last.get(programme.slug, 0) + 1
        if text.isdigit() and titles:
            order = int(text)
        elif text.isdigit():
            cells.wrong("pillar", _("the programme has no pillar with the number %s") % text)
            return None
        else:
            titles = titles or {"pillar_zh" if is_chinese(text) else "pillar_en": text}
        pillar = Pillar(
            programme=programme,
            order=order,
            **{name.replace("pillar", "title"): title for name, title in titles.items()},
        )
        cells.check(pillar, {"order", "title_en", "title_zh"}, "pillar")
        self._know(pillar)
        self.added.append(pillar)
        self.planner.added.append(f"{Pillar._meta.verbose_name}: {pillar}")
        return pillar

    def save(self, at: datetime, why: str) -> None:
        for pillar in self.added:
            self.planner.sign(pillar, at, why)
            pillar.save()


class Frame:
    """Everything that a pledge names, read in four queries."""

    def __init__(self, planner: Planner) -> None:
        self.programmes = Names(Programme, planner)
        self.pillars = Pillars(planner)
        self.sectors = Names(Sector, planner)
        self.bodies = Names(Body, planner)

    def programme(self, cells: Cells, announced_on: date | None) -> Programme | None:
        text = cells.text("programme")
        if not text:
            known = sorted({row.slug for row in self.programmes.rows.values()})
            cells.missing("programme", _("known ones: %s") % (", ".join(known) or "–"))
            return None
        is_new = key(text) not in self.programmes.rows
        if is_new and self.programmes.planner.choices.adds and announced_on is None:
            cells.missing("announced_on")
            return None
        return self.programmes.one(cells, "programme", announced_on=announced_on)

    def save(self, at: datetime, why: str) -> None:
        for part in (self.programmes, self.pillars, self.sectors, self.bodies):
            part.save(at, why)


def _parts(between: re.Pattern[str], text: str) -> list[str]:
    return [part.strip() for part in between.split(text) if part.strip()]


def _may_add(planner: Planner, cells: Cells, model: type[Model]) -> bool:
    permission = f"add_{model._meta.model_name}"
    if not planner.by.cares_for_all:
        cells.wrong("", _("only those who work for every body add what is not known"))
        return False
    return planner.may(cells, permission)


def names(rows: Iterable[Any]) -> str:
    """Several rows as the preview writes them."""
    return "; ".join(sorted(str(row) for row in rows))
