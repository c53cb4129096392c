"""Draws the picture that stands for a page where its address is shared: 1200 by 630 pixels.

The same card gives the same bytes. Nothing here asks the database, the clock or the network.
"""

import io
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).resolve().parent.parent / "fonts"
SIZE = WIDTH, HEIGHT = 1200, 630
MARGIN = 80
#: Shapes are drawn so many times larger and then made smaller, for even edges.
FINE = 8

PAPER, INK, QUIET, BRAND = "#f5f7f6", "#13201f", "#3f4c4a", "#0a4453"
#: The colours of the statuses on light paper; the same as in static/tracker.css.
TONES = {
    "not-rated": "#44514f",
    "not-started": "#3a4644",
    "in-progress": "#0b4a80",
    "stalled": "#6a4100",
    "partly-kept": "#00524f",
    "kept": "#0b5327",
    "not-kept": "#8a1420",
    "superseded": "#56337e",
    "not-verifiable": "#5a4234",
}

#: A title is set in the first of these sizes in which it fits.
TITLE_SIZES = (64, 56, 48, 42, 36)
TITLE_TOP, TITLE_BOTTOM = 172, 418
LEADING = 1.3
#: However long a text is, no more of it is looked at.
MOST_CHARACTERS = 400

WORD = re.compile(
    r"\s+|[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+"
)
#: What may not begin a line, and what may not end one.
CLOSING, OPENING = frozenset("，。、；：！？）」』》〉】〕”’%％…"), frozenset("（「『《〈【〔“‘")


@dataclass(frozen=True)
class Badge:
    """A status as shape, colour and word, with a number before the word where it is a count."""

    tone: str
    text: str


@dataclass(frozen=True)
class Card:
    """What a card says: a line above, the title, statuses with a line beside, a line below."""

    site: str
    eyebrow: str
    title: str
    badges: tuple[Badge, ...]
    beside: str
    foot: str


def png(card: Card) -> bytes:
    """The card as a PNG."""
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 14), fill=BRAND)
    _mark(image)
    draw.text((MARGIN + 56, 76), _clean(card.site), font=_font("Bold", 28), fill=BRAND, anchor="lm")
    draw.text(
        (MARGIN, 146), _fitting(card.eyebrow, 26), font=_font("Bold", 26), fill=QUIET, anchor="lm"
    )
    _title(draw, card.title)
    _badges(image, draw, card)
    draw.line((MARGIN, 546, WIDTH - MARGIN, 546), fill="#d3dbd8", width=2)
    draw.text(
        (MARGIN, 580), _fitting(card.foot, 24), font=_font("Regular", 24), fill=QUIET, anchor="lm"
    )
    target = io.BytesIO()
    image.save(target, "PNG", optimize=False, compress_level=6)
    return target.getvalue()


@cache
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    # Laid out by Pillow itself: another library would set the same text elsewhere otherwise.
    path = FONTS / f"NotoSansSC-{weight}.otf"
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


def _clean(text: str) -> str:
    """The text on one line, without what has no shape."""
    shown = "".join(" " if c.isspace() else c for c in text[:MOST_CHARACTERS])
    shown = "".join(c for c in shown if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Cn"})
    return " ".join(shown.split())


def words(text: str) -> list[str]:
    """What may stand on lines of its own: a word with the space after it, or one Chinese sign.

    A sign that closes stays with what it closes, one that opens with what it opens.
    """
    found: list[str] = []
    for part in WORD.findall(text):
        joins = found and (part.isspace() or part in CLOSING or found[-1][-1] in OPENING)
        if joins:
            found[-1] += part
        else:
            found.append(part)
    return found


def lines(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """The text in lines no wider than `width`, parted between words only.

    A word that is wider than a whole line is the one thing that is parted within.
    """
    found, line = [], ""
    for word in words(text):
        if line and font.getlength((line + word).rstrip()) > width:
            found.append(line.rstrip())
            line = ""
        line += word
        while font.getlength(line.rstrip()) > width:
            cut = _fitting_length(line, font, width)
            found.append(line[:cut])
            line = line[cut:]
    return [*found, line.rstrip()] if line.strip() else found


def _fitting(text: str, size: int) -> str:
    """As much of the text as one line holds, ended by an ellipsis where that is not all."""
    font, width = _font("Bold", size), WIDTH - 2 * MARGIN
    first = lines(_clean(text), font, width)
    if len(first) <= 1:
        return "".join(first)
    return _ended(first[0], font, width)


def _ended(line: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    parts = words(line)
    while len(parts) > 1 and font.getlength("".join(parts).rstrip() + "…") > width:
        parts.pop()
    room = width - font.getlength("…")
    rest = "".join(parts).rstrip()
    return rest[: _fitting_length(rest, font, room)] + "…"


def _fitting_length(text: str, font: ImageFont.FreeTypeFont, width: float) -> int:
    """How many characters of the text are no wider than `width`; one at least."""
    fits = range(1, len(text) + 1)
    return max(1, bisect_right(fits, width, key=lambda n: font.getlength(text[:n])))


def _title(draw: ImageDraw.ImageDraw, title: str) -> None:
    width, height, text = WIDTH - 2 * MARGIN, TITLE_BOTTOM - TITLE_TOP, _clean(title)
    for size in TITLE_SIZES:
        font = _font("Bold", size)
        set_in = lines(text, font, width)
        whole = all(word.rstrip() in " ".join(set_in) for word in words(text))
        if whole and len(set_in) * size * LEADING <= height:
            break
    room = int(height // (size * LEADING))
    if len(set_in) > room:
        set_in = [*set_in[: room - 1], _ended(set_in[room - 1], font, width)]
    for number, line in enumerate(set_in):
        draw.text((MARGIN, TITLE_TOP + number * size * LEADING), line, font=font, fill=INK)


def _badges(image: Image.Image, draw: ImageDraw.ImageDraw, card: Card) -> None:
    """The statuses side by side, in more rows where one is full, and the line beside them."""
    size, row = (38, 0) if len(card.badges) == 1 else (25, 42)
    font, x, placed, rows = _font("Bold", size), float(MARGIN), [], 0
    for badge in card.badges:
        text = _clean(badge.text)
        wide = size + 12 + font.getlength(text)
        if x > MARGIN and x + wide > WIDTH - MARGIN:
            x, rows = float(MARGIN), rows + 1
        placed.append((badge.tone, text, x, rows))
        x += wide + 36
    top = 486 if not rows else 508 - rows * row
    for tone, text, left, number in placed:
        middle = top + number * row
        _glyph(image, tone, (int(left), int(middle - size / 2), size))
        place = (left + size + 12, middle)
        draw.text(place, text, font=font, fill=TONES[tone], anchor="lm")
    if card.beside:
        beside = _font("Regular", 28)
        draw.text((x, top), _clean(card.beside), font=beside, fill=QUIET, anchor="lm")


def _mark(image: Image.Image) -> None:
    """The site's mark: a ring that is not closed yet, round a point."""

    def shape(draw: ImageDraw.ImageDraw, n: float) -> None:
        draw.arc((3 * n, 3 * n, 29 * n, 29 * n), -25, 295, fill=255, width=round(3 * n))
        draw.ellipse((10.4 * n, 10.4 * n, 21.6 * n, 21.6 * n), fill=255)

    _stamp(image, (MARGIN, 56, 40), 32, BRAND, shape)


def _glyph(image: Image.Image, tone: str, box: tuple[int, int, int]) -> None:
    """A status's shape, as in templates/components/glyphs.html."""
    _stamp(image, box, 16, TONES[tone], _SHAPES[tone])


def _stamp(image, box, units, colour, shape) -> None:
    """Draws a shape of `units` a side in one colour. `box`: its place, and how wide it gets."""
    *place, size = box
    mask = Image.new("L", (size * FINE, size * FINE), 0)
    shape(ImageDraw.Draw(mask), size * FINE / units)
    mask = mask.resize((size, size), Image.Resampling.LANCZOS)
    image.paste(Image.new("RGB", (size, size), colour), tuple(place), mask)


def _ring(draw, n, start=0, end=360):
    draw.arc((n, n, 15 * n, 15 * n), start, end, fill=255, width=round(1.6 * n))


def _polygon(draw, n, *points, fill=255):
    draw.polygon([(x * n, y * n) for x, y in points], fill=fill)


def _stroke(draw, n, *points, fill=255):
    draw.line([(x * n, y * n) for x, y in points], fill=fill, width=round(1.7 * n), joint="curve")


def _not_rated(draw, n):
    for start in range(0, 360, 45):
        _ring(draw, n, start, start + 24)


def _not_started(draw, n):
    _ring(draw, n)


def _in_progress(draw, n):
    _ring(draw, n)
    _polygon(draw, n, (6.4, 4.9), (6.4, 11.1), (11.5, 8))


def _stalled(draw, n):
    _ring(draw, n)
    for x in (5.6, 8.7):
        draw.rectangle((x * n, 5.2 * n, (x + 1.7) * n, 10.8 * n), fill=255)


def _partly_kept(draw, n):
    _ring(draw, n)
    draw.pieslice((1.8 * n, 1.8 * n, 14.2 * n, 14.2 * n), 90, 270, fill=255)


def _kept(draw, n):
    draw.ellipse((n, n, 15 * n, 15 * n), fill=255)
    _stroke(draw, n, (4.3, 7.5), (7, 10.2), (11.7, 5.5), fill=0)


def _not_kept(draw, n):
    draw.ellipse((n, n, 15 * n, 15 * n), fill=255)
    _stroke(draw, n, (4.7, 4.7), (11.3, 11.3), fill=0)
    _stroke(draw, n, (11.3, 4.7), (4.7, 11.3), fill=0)


def _superseded(draw, n):
    _ring(draw, n)
    _stroke(draw, n, (4.6, 8), (10.6, 8))
    _stroke(draw, n, (8.2, 5.4), (10.8, 8), (8.2, 10.6))


def _not_verifiable(draw, n):
    _ring(draw, n)
    draw.arc((5.9 * n, 4.0 * n, 10.1 * n, 8.2 * n), 180, 60, fill=255, width=round(1.5 * n))
    _stroke(draw, n, (8.6, 7.9), (8, 9.3))
    draw.ellipse((7.1 * n, 10.3 * n, 8.9 * n, 12.1 * n), fill=255)


_SHAPES = {
    "not-rated": _not_rated,
    "not-started": _not_started,
    "in-progress": _in_progress,
    "stalled": _stalled,
    "partly-kept": _partly_kept,
    "kept": _kept,
    "not-kept": _not_kept,
    "superseded": _superseded,
    "not-verifiable": _not_verifiable,
}
