"""A source's text, cut where its passages and notes begin and end."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from tracker.models import Passage, Pledge, Source, SourceNote
from tracker.rules.asof import AsOf
from tracker.rules.coverage import Span, sentences, unaccounted


@dataclass(frozen=True)
class Segment:
    """A stretch of text with what it is: a pledge, no pledge for a reason, or neither.

    `notes` are the notes on the text that end with this stretch.
    """

    text: str
    passage: Passage | None
    pledge: Pledge | None
    notes: tuple[SourceNote, ...]
    #: Whether the passage begins and ends here: a note inside a passage cuts it in two.
    begins: bool
    ends: bool
    #: The pledges before and after this one, where it is one: to go on from pledge to pledge.
    earlier: Passage | None = None
    later: Passage | None = None

    @property
    def kind(self) -> str:
        """What `Annotation.only` tells stretches apart by."""
        if self.pledge:
            return "pledges"
        return "others" if self.passage else ""


@dataclass(frozen=True)
class Annotation:
    """A source as its page tells it. `paragraphs` hold the text in order; none of it is left out
    but the line breaks between them. `asides` are the passages that are no pledge, each with its
    `number` among them."""

    paragraphs: tuple[tuple[Segment, ...], ...]
    #: The passages that became pledges, each with its `pledge` as it stands, in the text's order.
    marked: tuple[Passage, ...]
    asides: tuple[Passage, ...]
    notes: tuple[SourceNote, ...]
    pledges: int
    sentences: int
    #: In how many of the sentences a pledge stands, and how many hold none.
    with_pledge: int
    without_pledge: int
    unaccounted: int

    def only(self, kind: str) -> list[list[Segment | None]]:
        """The paragraphs with the stretches of one kind; None stands for what is left out.

        A paragraph that has none of that kind is left out whole.
        """
        found = []
        for paragraph in self.paragraphs:
            shown: list[Segment | None] = []
            for segment in paragraph:
                if segment.kind == kind:
                    shown.append(segment)
                elif segment.text.strip() and shown[-1:] != [None]:
                    shown.append(None)
            if any(shown):
                found.append(shown)
        return found


def annotation(source: Source, asof: AsOf) -> Annotation:
    """The annotated text. A passage whose pledge is not public then shows as plain text."""
    pledges = {
        pledge.pk: pledge
        for pledge in Pledge.objects.seen(asof).filter(passages__source=source).distinct()
    }
    passages = [
        passage
        for passage in source.passages.published()
        if passage.pledge_id is None or passage.pledge_id in pledges
    ]
    notes = list(source.notes.all())
    for stretch in (*passages, *notes):
        # Each has the source at hand already: without this, its text would be a query of its own.
        stretch.source = source
    marked = [passage for passage in passages if passage.pledge_id]
    for passage in marked:
        passage.pledge = pledges[passage.pledge_id]
    asides = [passage for passage in passages if passage.pledge_id is None]
    for number, passage in enumerate(asides, start=1):
        passage.number = number
    spans = sentences(source.text)
    pledged = [span for span in spans if any(span.touches(passage.span) for passage in marked)]
    missing = unaccounted(source.text, [passage.span for passage in passages])
    return Annotation(
        paragraphs=tuple(_paragraphs(source.text, passages, notes, pledges)),
        marked=tuple(marked),
        asides=tuple(asides),
        notes=tuple(notes),
        pledges=len(pledges),
        sentences=len(spans),
        with_pledge=len(pledged),
        without_pledge=len(spans) - len(pledged) - len(missing),
        unaccounted=len(missing),
    )


def _paragraphs(
    text: str,
    passages: list[Passage],
    notes: list[SourceNote],
    pledges: dict[int, Pledge],
) -> Iterable[tuple[Segment, ...]]:
    start = 0
    for line in text.splitlines(keepends=True):
        end = start + len(line)
        bare = Span(start, start + len(line.rstrip()))
        if bare.end > bare.start:
            yield tuple(_segments(text, bare, passages, notes, pledges))
        start = end


def _segments(
    text: str,
    line: Span,
    passages: list[Passage],
    notes: list[SourceNote],
    pledges: dict[int, Pledge],
) -> Iterable[Segment]:
    cuts = {line.start, line.end}
    cuts |= {cut for p in passages for cut in (p.start, p.end) if line.start < cut < line.end}
    cuts |= {n.end for n in notes if line.start < n.end < line.end}
    ordered = sorted(cuts)
    marked = [passage for passage in passages if passage.pledge_id]
    places = {passage.pk: place for place, passage in enumerate(marked)}
    for start, end in pairwise(ordered):
        here = Span(start, end)
        passage = next((p for p in passages if p.span.touches(here)), None)
        place = places.get(passage.pk) if passage else None
        yield Segment(
            text=text[start:end],
            passage=passage,
            pledge=pledges.get(passage.pledge_id) if passage and passage.pledge_id else None,
            notes=tuple(n for n in notes if n.end == end),
            begins=passage is not None and passage.start == start,
            ends=passage is not None and passage.end == end,
            earlier=marked[place - 1] if place else None,
            later=None if place is None else next(iter(marked[place + 1 :]), None),
        )
