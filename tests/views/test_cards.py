"""The pictures of shared addresses."""

import io
from datetime import date

import pytest
from PIL import Image, ImageChops

from tests.views.addresses import LANGUAGES
from tracker.views import drawing
from tracker.views.drawing import MARGIN, WIDTH, Badge, Card, lines, png, words
from tracker.vocabulary import Status

# How a page looks and what it says of itself does not depend on the database: one is enough.
pytestmark = pytest.mark.sqlite_only

CARD = Card(
    site="Lingang Pledge Tracker",
    eyebrow="P1.01",
    title="Pledge",
    badges=(Badge("kept", "Kept"),),
    beside="since May 1, 2024",
    foot="As of Nov. 23, 2026",
)


def picture(content):
    return Image.open(io.BytesIO(content)).convert("RGB")


def card_with(**values):
    return picture(png(Card(**(vars(CARD) | values))))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_of_page_has_its_picture(lingang, client, language):
    for address in ("card.png", "pillars/1/card.png", "pledges/P2.01/card.png"):
        response = client.get(f"/{language}/{address}")
        assert response["Content-Type"] == "image/png"
        assert picture(response.content).size == (1200, 630)
        assert len(response.content) < 150_000
        assert not response.cookies


def test_the_same_record_gives_the_same_bytes_and_is_not_sent_again(world, client):
    pledge = world.pledge()
    world.published(pledge)
    first = client.get("/en/pledges/P1.01/card.png")
    second = client.get("/en/pledges/P1.01/card.png")
    assert second.content == first.content
    assert png(CARD) == png(CARD)
    again = client.get("/en/pledges/P1.01/card.png", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    world.published(pledge, Status.KEPT, effective_on=date(2024, 1, 1))
    changed = client.get("/en/pledges/P1.01/card.png")
    assert changed["ETag"] != first["ETag"]
    past = client.get("/en/pledges/P1.01/card.png?as_of=2023-06-01")
    assert past["ETag"] not in {first["ETag"], changed["ETag"]}
    assert client.get("/zh-hans/pledges/P1.01/card.png")["ETag"] != changed["ETag"]


def test_what_is_not_public_or_no_day_has_no_picture(world, client):
    world.pledge("X9.99", public=False)
    assert client.get("/en/pledges/X9.99/card.png").status_code == 404
    assert client.get("/en/pillars/9/card.png").status_code == 404
    assert client.get("/en/card.png?as_of=2999-01-01").status_code == 400


def test_what_the_font_lacks_is_drawn_as_a_box_and_not_left_out():
    boxes = [card_with(title=sign) for sign in "龘🙂"]
    assert ImageChops.difference(*boxes).getbbox() is None
    assert ImageChops.difference(boxes[0], card_with(title="")).getbbox()


def test_every_sign_of_gb_2312_is_there_whatever_fonts_the_server_has():
    font = drawing._font("Bold", 36)
    box = bytes(font.getmask("龘"))
    rows = range(0xB0, 0xF8)
    signs = [
        bytes([row, cell]).decode("gb2312", "ignore") for row in rows for cell in range(0xA1, 0xFF)
    ]
    signs = [sign for sign in signs if sign]
    assert len(signs) == 6763
    assert [sign for sign in signs[::7] if bytes(font.getmask(sign)) == box] == []


@pytest.mark.parametrize(
    "title",
    [
        "Explore and support the whole-area testing of automated driving " * 3,
        "支持开展智能网联汽车全域测试、“数字孪生”示范应用，推进氢能产业（含加氢站）建设；" * 5,
        "建设 AI Innovation Port 并推进 Digital twin 示范应用 " * 5,
    ],
)
def test_a_title_is_parted_between_words_and_never_begins_a_line_with_a_closing_sign(title):
    font = drawing._font("Bold", 48)
    found = lines(title, font, WIDTH - 2 * MARGIN)
    assert len(found) > 1
    assert all(font.getlength(line) <= WIDTH - 2 * MARGIN for line in found)
    assert "".join(found).replace(" ", "") == title.replace(" ", "")
    assert [line for line in found if line[0] in "，。、；：！？）」』》”"] == []
    assert [line for line in found if line[-1] in "（「『《“"] == []
    known = {word.strip() for word in words(title)}
    assert {word.strip() for line in found for word in words(line)} <= known


@pytest.mark.parametrize(
    "title", ["W" * 200, "字" * 200, "word " * 40, "", "\x00\n\u202e", "é🙂龘"]
)
def test_a_title_of_any_length_stays_in_its_place(title):
    one = card_with(title=title)
    other = card_with(title="")
    box = ImageChops.difference(one, other).getbbox()
    if box:
        left, top, right, bottom = box
        assert left >= MARGIN - 4
        assert right <= WIDTH - MARGIN + 4
        assert top > 160
        assert bottom < 440


def test_every_status_has_a_shape_and_a_colour_of_its_own():
    shapes = [
        card_with(badges=(Badge(status.tone, "x"),), beside="").crop((70, 440, 122, 530))
        for status in Status
    ]
    for number, one in enumerate(shapes):
        for other in shapes[:number]:
            assert ImageChops.difference(one.convert("L"), other.convert("L")).getbbox()


def test_nine_statuses_stay_above_the_line():
    badges = tuple(Badge(status.tone, f"99 {status.label}") for status in Status)
    one, other = card_with(badges=badges, beside=""), card_with(badges=(), beside="")
    _left, top, right, bottom = ImageChops.difference(one, other).getbbox()
    assert top > 410
    assert right <= WIDTH - MARGIN
    assert bottom < 540
