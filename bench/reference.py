"""What a list must say, worked out in plain Python from the record: slow and obviously right.

    python -m bench.reference ADDRESS …     prints, as JSON, what each list address must answer

It reads every row once and asks nothing of the stored standings, of indexes, or of SQL.
"""

import json
import sys
from collections import Counter
from datetime import date
from urllib.parse import parse_qs, urlsplit

from bench.data import set_up

PAGE = 25


class Record:
    """The public record in memory."""

    def __init__(self) -> None:
        from tracker.models import Evidence, Pledge, Update

        self.pledges = list(
            Pledge.objects.filter(published_at__isnull=False)
            .select_related("programme", "pillar")
            .prefetch_related("sectors", "responsibilities__body")
            .order_by("code")
        )
        self.entries: dict[int, list] = {}
        for entry in Update.objects.filter(state="published"):
            self.entries.setdefault(entry.pledge_id, []).append(entry)
        self.evidence: dict[int, list] = {}
        for each in Evidence.objects.all():
            self.evidence.setdefault(each.update_id, []).append(each)

    def rows(self, day: date) -> list[dict]:
        """Each pledge as it stood on `day`, with all that filters look at."""
        from tracker.rules.standing import in_effect, status_of

        found = []
        for pledge in self.pledges:
            if pledge.announced_on > day:
                continue
            holding = in_effect(self.entries.get(pledge.pk, []), day)
            moved = next((e for e in holding if e.due_precision), None)
            found.append(
                {
                    "pledge": pledge,
                    "status": status_of(holding),
                    "due": moved.due_on if moved else pledge.original_due_on,
                    "last": holding[0].effective_on if holding else pledge.announced_on,
                    "cited": bool(holding and self.evidence.get(holding[0].pk)),
                    "programme": {pledge.programme.slug},
                    "pillar": {str(pledge.pillar.order)},
                    "sector": {sector.slug for sector in pledge.sectors.all()},
                    "body": {r.body.slug for r in pledge.responsibilities.all()},
                }
            )
        return found

    def flags(self, row: dict, day: date) -> set[str]:
        from django.conf import settings

        from tracker.rules.dates import is_late, is_stale

        after = settings.STALE_AFTER_DAYS
        found = {
            "late": is_late(row["due"], row["status"], day),
            "stale": is_stale(row["last"], row["status"], day, after),
            "no_evidence": not row["cited"],
        }
        return {flag for flag, holds in found.items() if holds}

    def texts(self, pledge, day: date) -> str:
        """All that a search looks into, as one text."""
        from tracker.models.pledge import SEARCHED
        from tracker.models.update import SEARCHED as IN_ENTRY
        from tracker.models.update import SEARCHED_EVIDENCE

        names = [x for s in pledge.sectors.all() for x in (s.name_en, s.name_zh)]
        names += [
            x for r in pledge.responsibilities.all() for x in (r.body.name_en, r.body.name_zh)
        ]
        names += [pledge.pillar.title_en, pledge.pillar.title_zh]
        names += [getattr(pledge, field) for field in SEARCHED]
        for entry in self.entries.get(pledge.pk, []):
            if entry.effective_on <= day:
                names += [getattr(entry, field) for field in IN_ENTRY]
                for each in self.evidence.get(entry.pk, []):
                    names += [getattr(each, field) for field in SEARCHED_EVIDENCE]
        return "\n".join(names).lower()

    def _says(self, pledge, words: list[str], day: date) -> bool:
        texts = self.texts(pledge, day)
        return all(word in texts or pledge.code.lower().startswith(word) for word in words)

    def answer(self, address: str, today: date) -> dict:
        """How many pledges fit, which are on the page, and what each choice would give."""
        asked = parse_qs(urlsplit(address).query)
        day = date.fromisoformat(asked["as_of"][0]) if "as_of" in asked else today
        rows = self.rows(day)
        if "q" in asked:
            words = asked["q"][0].lower().split()
            rows = [row for row in rows if self._says(row["pledge"], words, day)]
        if "due_after" in asked:
            after = date.fromisoformat(asked["due_after"][0])
            rows = [row for row in rows if row["due"] and row["due"] >= after]
        for row in rows:
            row["flag"] = self.flags(row, day)
        fits = [row for row in rows if _fits(row, asked)]
        suffix = "zh" if address.startswith("/zh") else "en"
        _sort(fits, asked.get("sort", ["code"])[0], suffix)
        counts = {
            name: Counter(value for row in rows if _fits(row, asked, name) for value in row[name])
            for name in ("programme", "pillar", "sector", "body")
        }
        counts["status"] = Counter(row["status"] for row in rows if _fits(row, asked, "status"))
        counts["flag"] = Counter(flag for row in fits for flag in row["flag"])
        return {
            "total": len(fits),
            "codes": [row["pledge"].code for row in fits[:PAGE]],
            "counts": {name: dict(sorted(count.items())) for name, count in counts.items()},
        }


def _fits(row: dict, asked: dict, but: str = "") -> bool:
    """Whether a pledge fits all that was asked for, leaving the filter `but` out."""
    for name in ("programme", "pillar", "sector", "body"):
        if name != but and name in asked and asked[name][0] not in row[name]:
            return False
    if but != "status" and "status" in asked and row["status"] not in asked["status"]:
        return False
    return but == "flag" or set(asked.get("flag", [])) <= row["flag"]


def _sort(rows: list[dict], order: str, suffix: str) -> None:
    keys = {
        "code": lambda row: row["pledge"].code,
        "title": lambda row: getattr(row["pledge"], f"title_{suffix}").encode(),
        "updated": lambda row: row["last"],
        "due": lambda row: row["due"] or date.max,
    }
    backwards = order.startswith("-")
    rows.sort(key=keys["code"])
    rows.sort(key=keys[order.lstrip("-")], reverse=backwards)
    if order.lstrip("-") == "due":
        rows.sort(key=lambda row: row["due"] is None)  # Undated ones last, either way.


def main() -> None:
    set_up()
    from django.utils import timezone

    from tracker.rules.dates import day_of

    record, today = Record(), day_of(timezone.now())
    print(json.dumps({address: record.answer(address, today) for address in sys.argv[1:]}))


if __name__ == "__main__":
    main()
