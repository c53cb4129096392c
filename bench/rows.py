"""The rows of the bench's record: what each table of the tracker is to hold, the same for a seed.

N public pledges with ten published updates each, a fiftieth as many pledges that are not public,
and a hundredth as many drafts. The entries are made in the order of the record, over four years,
and each is chained to the one before it as publishing does it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

from bench.data import SEED
from bench.words import RARE_EN, RARE_ZH, Words
from tracker.queries import chain
from tracker.rules.chain import START, digest
from tracker.rules.dates import last_day
from tracker.vocabulary import EvidenceKind, Status

UPDATES = 10
#: The record runs from the first to the last of these days.
FIRST, LAST = date(2022, 7, 1), date(2026, 6, 30)
MINUTES = ((LAST - FIRST).days - 60) * 24 * 60
PROGRAMMES = (3, 5, 8)  # How many pillars each has.
SECTORS, BODIES, AUTHORS, REVIEWERS = 30, 40, 12, 4

Row = dict[str, Any]


def _day(minute: int) -> date:
    return FIRST + timedelta(days=60 + minute // (24 * 60))


def moment(day: date, minute: int = 0) -> str:
    """A moment (UTC) as SQLite keeps it and PostgreSQL reads it. Its day in Shanghai is `day`."""
    return f"{day} {minute % (15 * 60) // 60:02}:{minute % 60:02}:00"


@dataclass(slots=True)
class Known:
    """What the record says so far of one pledge: what its next entry is made to fit."""

    content: Row
    announced: date
    arc: list[str]
    milestones: list[Row]
    entries: int = 0
    last: tuple[int, str] | None = None
    done: set[str] = field(default_factory=set)


class Rows:
    """Makes rows table by table: `frame()`, then `pledges()`, then `updates()`."""

    def __init__(self, pledges: int, seed: int = SEED) -> None:
        self.number = pledges
        self.random = Random(seed)
        self.words = Words(self.random)
        self.keys: dict[str, int] = {}
        self.known: list[Known] = []
        self.digest = START

    def _next(self, table: str) -> int:
        self.keys[table] = self.keys.get(table, 0) + 1
        return self.keys[table]

    def _uid(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    # --- What pledges are grouped by, and who writes -------------------------------------

    def frame(self) -> Iterator[tuple[str, Row]]:
        zh, en = self.words.zh, self.words.en
        for number in range(1, AUTHORS + REVIEWERS + 1):
            yield "tracker_user", _user(number)
        pillar = 0
        for number, pillars in enumerate(PROGRAMMES, start=1):
            yield (
                "tracker_programme",
                {
                    **_named(number, f"programme-{number}", en(2, 4), zh(2, 4)),
                    "summary_en": en(20, 40),
                    "summary_zh": zh(10, 20),
                    "announced_on": str(FIRST),
                },
            )
            for order in range(1, pillars + 1):
                pillar += 1
                yield (
                    "tracker_pillar",
                    {
                        "id": pillar,
                        "programme_id": number,
                        "order": order,
                        "title_en": en(2, 5)[:-1],
                        "title_zh": zh(2, 4)[:-1],
                    },
                )
            yield "tracker_source", self._source(number)
        for number in range(1, SECTORS + 1):
            yield "tracker_sector", _named(number, f"sector-{number}", en(1, 2), zh(1, 2))
        for number in range(1, BODIES + 1):
            yield "tracker_body", _named(number, f"body-{number}", en(3, 5), zh(3, 5)) | {"url": ""}

    def _source(self, number: int) -> Row:
        text = "\n".join(self.words.en(20, 40) for _paragraph in range(40))
        return {
            "id": number,
            "slug": f"source-{number}",
            "programme_id": number,
            "title_en": self.words.en(3, 6),
            "title_zh": self.words.zh(3, 6),
            "publisher_en": "Office",
            "publisher_zh": "办公室",
            "event_on": None,
            "published_on": str(FIRST),
            "url": "https://example.org/source",
            "language": "en",
            "text": text,
            "sha256": sha256(text.encode()).hexdigest(),
            "note_en": "",
            "note_zh": "",
        }

    # --- Pledges ---------------------------------------------------------------------------

    def pledges(self) -> Iterator[tuple[str, Row]]:
        for number in range(1, self.number + self.number // 50 + 1):
            yield from self._pledge(number, is_public=number <= self.number)

    def _pledge(self, number: int, *, is_public: bool) -> Iterator[tuple[str, Row]]:
        random, words = self.random, self.words
        programme = random.choices((1, 2, 3), (2, 5, 3))[0]
        pillar = sum(PROGRAMMES[: programme - 1]) + random.randint(1, PROGRAMMES[programme - 1])
        announced = FIRST + timedelta(days=random.randint(0, 50))
        due_on, precision = self._due(announced, none=0.2)
        row = {
            "id": number,
            "version": 1,
            "programme_id": programme,
            "pillar_id": pillar,
            "parent_id": random.randint(1, number - 1) if number > 1 and number % 20 == 0 else None,
            "code": f"P{number:06}",
            "slug": f"pledge-{number}",
            "wording": words.en(15, 40),
            "wording_language": "en",
            "title_en": words.en(4, 9),
            "title_zh": words.zh(4, 9),
            "summary_en": words.en(15, 30),
            "summary_zh": words.zh(10, 20),
            "yardstick_en": words.en(8, 15),
            "yardstick_zh": words.zh(5, 10),
            "wording_note_en": "",
            "wording_note_zh": "",
            "speaker_en": "",
            "speaker_zh": "",
            "announced_on": str(announced),
            "original_due_on": due_on,
            "original_due_precision": precision,
            "published_at": moment(announced) if is_public else None,
            "published_by_id": AUTHORS + 1 if is_public else None,
        }
        yield "tracker_pledge", row
        for sector in {self._skewed(SECTORS) for _each in range(random.randint(1, 3))}:
            yield (
                "tracker_pledge_sectors",
                {"id": self._next("sectors"), "pledge_id": number, "sector_id": sector},
            )
        bodies = list(dict.fromkeys(self._skewed(BODIES) for _each in range(random.randint(1, 3))))
        for body in bodies:
            yield (
                "tracker_responsibility",
                {
                    "id": self._next("responsibility"),
                    "pledge_id": number,
                    "body_id": body,
                    "role": "lead" if body == bodies[0] else "support",
                    "note_en": "",
                    "note_zh": "",
                },
            )
        milestones = [
            self._milestone(number, order, announced)
            for order in range(1, random.choices((1, 2, 3, 4, 5), (70, 10, 10, 6, 4))[0])
        ]
        for milestone in milestones:
            yield "tracker_milestone", milestone
        if is_public:
            content = {name: row[name] for name in chain._PLEDGE}
            content["published_at"] = _said(row["published_at"])
            self.known.append(Known(content, announced, self._arc(), milestones))

    def _skewed(self, number: int) -> int:
        """A number up to `number`, the small ones far more often."""
        return 1 + int(number * self.random.random() ** 2)

    def _due(self, after: date, none: float) -> tuple[str | None, str]:
        if self.random.random() < none:
            return None, "none"
        precision = self.random.choice(("day", "month", "year"))
        day = after + timedelta(days=self.random.randint(200, 2500))
        return str(last_day(day, precision)), precision

    def _milestone(self, pledge: int, order: int, announced: date) -> Row:
        due_on, precision = self._due(announced, none=0.3)
        return {
            "id": self._next("milestone"),
            "uid": self._uid(),
            "version": 1,
            "pledge_id": pledge,
            "order": order,
            "title_en": self.words.en(3, 6),
            "title_zh": self.words.zh(2, 5),
            "original_due_on": due_on,
            "original_due_precision": precision,
        }

    def _arc(self) -> list[str]:
        """The statuses of a pledge's entries, the first one first."""
        random = self.random
        ends = ("kept", "partly_kept", "not_kept", "superseded", "in_progress", "stalled")
        end = random.choices(ends, (20, 12, 8, 2, 40, 10))[0]
        start = random.choice(("not_rated", "not_started", "in_progress"))
        turn, late = random.randint(1, 4), random.randint(7, UPDATES)
        if random.random() < 0.03:
            start = end = "not_verifiable"
        middle = start if start == "not_verifiable" else "in_progress"
        return [start if n < turn else middle if n < late else end for n in range(UPDATES - 1)] + [
            end
        ]

    # --- Entries, in the order of the record --------------------------------------------------

    def updates(self) -> Iterator[tuple[str, Row]]:
        for sequence, (minute, pledge) in enumerate(self._turns(), start=1):
            yield from self._entry(sequence, minute, pledge)
        for _draft in range(self.number * UPDATES // 100):
            yield from self._draft()
        yield "tracker_head", {"id": 1, "sequence": self.number * UPDATES, "digest": self.digest}

    def _turns(self) -> Iterator[tuple[int, int]]:
        """When each entry is published, and of which pledge: the whole record in its order."""
        random, number = self.random, self.number
        turns = []
        for pledge in range(number):
            # Some pledges are soon done with, and then nothing is said of them for years.
            span = MINUTES if random.random() < 0.7 else MINUTES // random.randint(2, 4)
            turns += [int(random.random() * span) * number + pledge for _each in range(UPDATES)]
        turns.sort()
        return (divmod(turn, number) for turn in turns)

    def _entry(self, sequence: int, minute: int, place: int) -> Iterator[tuple[str, Row]]:
        random, known = self.random, self.known[place]
        day = _day(minute)
        effective = max(known.announced, day - timedelta(days=random.choice((0, 0, 1, 3, 10, 40))))
        corrects = known.last if known.last and random.random() < 0.02 else None
        key, status = self._next("update"), known.arc[known.entries]
        row = self._update(key, place + 1, status, effective, moment(day, minute))
        row |= {
            "state": "published",
            "sequence": sequence,
            "submitted_at": row["created_at"],
            "submitted_by_id": row["created_by_id"],
            "published_at": row["created_at"],
            "published_by_id": AUTHORS + 1 + key % REVIEWERS,
        }
        if corrects:
            row |= {"corrects_id": corrects[0], "correction_reason_en": self.words.en(5, 10)}
        evidence = list(self._evidence(key, status, day))
        changes = list(self._changes(key, known, effective))
        content = {name: row[name] for name in chain._ENTRY} | {
            "number": sequence,
            "corrects": corrects[1] if corrects else None,
            "pledge": known.content,
            "published_at": _said(row["published_at"]),
            "evidence": sorted(
                ({name: each[name] for name in chain._EVIDENCE} for each in evidence),
                key=lambda each: each["uid"],
            ),
            "milestones": sorted(
                (
                    {"uid": uid} | {name: change[name] for name in chain._CHANGE}
                    for uid, change in changes
                ),
                key=lambda change: change["uid"],
            ),
        }
        row["digest"] = self.digest = digest(self.digest, content)
        known.entries, known.last = known.entries + 1, (key, row["uid"])
        yield "tracker_update", row
        yield (
            "tracker_update_writers",
            {"id": self._next("writer"), "update_id": key, "user_id": row["created_by_id"]},
        )
        for each in evidence:
            yield "tracker_evidence", each
        for _uid, change in changes:
            yield "tracker_milestonechange", change

    def _update(self, key: int, pledge: int, status: str, effective: date, at: str) -> Row:
        random, words = self.random, self.words
        due_on, precision = self._due(effective, none=0.1) if random.random() < 0.05 else (None, "")
        author = 1 + key % AUTHORS
        rare = key % 4999 == 17
        return {
            "id": key,
            "uid": self._uid(),
            "version": 1,
            "pledge_id": pledge,
            "state": "draft",
            "status": status,
            "effective_on": str(effective),
            "reported_progress": random.randint(1, 100) if random.random() < 0.2 else None,
            "due_on": due_on,
            "due_precision": precision,
            "narrative_en": words.en(6, 15) + (f" A {RARE_EN}." if rare else ""),
            "narrative_zh": words.zh(6, 15) + (f"有{RARE_ZH}。" if rare else ""),
            "corrects_id": None,
            "correction_reason_en": "",
            "correction_reason_zh": "",
            "created_at": at,
            "created_by_id": author,
            "edited_at": at,
            "edited_by_id": author,
            "submitted_at": None,
            "submitted_by_id": None,
            "returned_at": None,
            "returned_by_id": None,
            "return_reason": "",
            "published_at": None,
            "published_by_id": None,
            "sequence": None,
            "digest": "",
        }

    def _evidence(self, key: int, status: str, day: date) -> Iterator[Row]:
        random, words = self.random, self.words
        least = 0 if status == Status.NOT_RATED else 1
        for _each in range(least + (random.random() < 0.1)):
            number = self._next("evidence")
            yield {
                "id": number,
                "uid": self._uid(),
                "update_id": key,
                "kind": random.choice(EvidenceKind.values),
                "title": words.en(4, 8),
                "language": "en",
                "publisher": words.en(1, 3)[:-1],
                "url": f"https://example.org/{number}",
                "file": "",
                "file_sha256": "",
                "published_on": str(day),
                "seen_on": None,
                "quotation": words.en(5, 12),
                "note_en": "",
                "note_zh": "",
            }

    def _changes(self, key: int, known: Known, effective: date) -> Iterator[tuple[str, Row]]:
        """What an entry says of milestones: the first one opens them, later ones end some."""
        for milestone in known.milestones:
            uid = milestone["uid"]
            if known.entries == 0:
                state = "open"
            elif uid not in known.done and self.random.random() < 0.12:
                state = self.random.choices(("done", "dropped"), (9, 1))[0]
                known.done.add(uid)
            else:
                continue
            yield (
                uid,
                {
                    "id": self._next("change"),
                    "update_id": key,
                    "milestone_id": milestone["id"],
                    "state": state,
                    "due_on": milestone["original_due_on"],
                    "due_precision": milestone["original_due_precision"],
                    "done_on": str(effective) if state == "done" else None,
                },
            )

    def _draft(self) -> Iterator[tuple[str, Row]]:
        key, pledge = self._next("update"), self.random.randint(1, self.number)
        row = self._update(key, pledge, "in_progress", LAST, moment(LAST))
        if key % 3 == 0:
            author = row["created_by_id"]
            row |= {"state": "submitted", "submitted_at": moment(LAST), "submitted_by_id": author}
        yield "tracker_update", row
        for each in self._evidence(key, row["status"], LAST):
            yield "tracker_evidence", each


def _named(key: int, slug: str, en: str, zh: str) -> Row:
    return {"id": key, "slug": slug, "name_en": en.rstrip("."), "name_zh": zh.rstrip("。")}


def _user(number: int) -> Row:
    """One who wrote or reviewed. Nobody can sign in with the password `!`."""
    return {
        "id": number,
        "password": "!",
        "last_login": None,
        "is_superuser": False,
        "username": f"person-{number}",
        "first_name": "",
        "last_name": "",
        "email": "",
        "is_staff": True,
        "is_active": True,
        "date_joined": moment(FIRST),
        "language": "en",
        "is_site_wide": True,
    }


def _said(at: str) -> str:
    """A moment as the chain says it."""
    return f"{at.replace(' ', 'T')}.000000+00:00"
