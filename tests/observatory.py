"""The ten tests of MDN's HTTP Observatory, with the points that it gives and takes.

The rules are those that MDN publishes with its scanner, the repository mdn/mdn-http-observatory on
GitHub: `src/scanner/index.js` (how points are added), `src/grader/charts.js` (what each outcome is
worth, and the grades) and `src/analyzer/tests/` (the outcome of each test). Told in our own words,
and left out what cannot be here: pages that are not HTML, policies in `<meta>` (a page that has one
is refused), and the list of hosts that browsers know beforehand, which a new host is not on.
"""

from http.cookies import Morsel, SimpleCookie
from urllib.parse import urlsplit

from tests.served import Answer
from tests.views.markup import Page

#: Who has lost no more than ten points is given the extra ones.
FOR_EXTRA = 90
GRADES = ("F", "F", "F", "F", "F", "D-", "D", "D", "D+", "C-", "C", "C", "C+", "B-", "B", "B")
GRADES = (*GRADES, "B+", "A-", "A", "A", "A+")
BROAD = {"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"}
INLINE = {"'unsafe-inline'", "data:"}
HALF_A_YEAR = 15_552_000
GOOD_REFERRER = ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin")
BAD_REFERRER = ("origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade")


def points(way: list[Answer]) -> dict[str, int]:
    """What each test gives or takes for `way`: all answers from plain http to the page."""
    page = way[-1]
    assert 200 <= page.status < 300, "the scanner gives no grade to a page that is none"
    assert not Page(page.body).all("meta", http_equiv="Content-Security-Policy")
    return {
        "content-security-policy": _policy(page),
        "cookies": _cookies(way),
        "cross-origin-resource-sharing": _sharing(page),
        "redirection": _redirection(way),
        "referrer-policy": _referrer(page),
        "strict-transport-security": _transport(page),
        "subresource-integrity": _integrity(page),
        "x-content-type-options": 0 if _value(page, "x-content-type-options") == "nosniff" else -5,
        "x-frame-options": _frames(page),
        "cross-origin-resource-policy": _resources(page),
    }


def score(given: dict[str, int]) -> int:
    """A hundred, less what is taken; what is given counts where little was taken."""
    taken = 100 + sum(each for each in given.values() if each < 0)
    return max(0, 100 + sum(given.values()) if taken >= FOR_EXTRA else taken)


def grade(points_in_all: int) -> str:
    return GRADES[min(points_in_all, 100) // 5]


def _value(page: Answer, name: str) -> str:
    return (page.first(name) or "").strip().lower()


def _directives(page: Answer) -> dict[str, set[str]]:
    parts = (
        part.split() for policy in page.all("content-security-policy") for part in policy.split(";")
    )
    return {words[0].lower(): set(words[1:]) for words in parts if words}


def _policy(page: Answer) -> int:
    policy = _directives(page)
    if not policy:
        return -25
    default = policy.get("default-src", {"*"})
    script, style = policy.get("script-src", default), policy.get("style-src", default)
    active = [
        source
        for name, sources in policy.items()
        if name not in {"img-src", "media-src"}
        for source in sources
    ]
    passive = policy.get("img-src", default) | policy.get("media-src", default)
    plain = ("http:", "ftp:")
    if script & (BROAD | INLINE) or policy.get("object-src", default) & BROAD:
        return -20
    if any(source.startswith(plain) for source in active):
        return -20
    if "'unsafe-eval'" in script | style or any(source.startswith(plain) for source in passive):
        return -10
    if style & (BROAD | INLINE):
        return 0
    return 10 if default == {"'none'"} else 5


def _cookies(way: list[Answer]) -> int:
    kept: dict[str, Morsel] = {}
    for answer in way:
        for line in answer.all("set-cookie"):
            kept |= SimpleCookie(line)
    is_known_secure = _transport(way[-1]) >= 0
    return min((_cookie(one, is_known_secure) for one in kept.values()), default=0)


def _cookie(cookie: Morsel, is_known_secure: bool) -> int:
    name, same_site = cookie.key.lower(), cookie["samesite"].lower()
    is_of_session = "login" in name or "sess" in name
    worst = 5 if same_site else 0
    if same_site not in {"", "lax", "strict", "none"} or (
        same_site == "none" and not cookie["secure"]
    ):
        worst = -20
    if "csrf" in name and not same_site:
        worst = -20
    if is_of_session and not cookie["httponly"]:
        worst = -30
    if not cookie["secure"]:
        worst = min(worst, (-5, -10, -20, -40)[is_of_session + 2 * (not is_known_secure)])
    return worst


def _sharing(page: Answer) -> int:
    """The page was asked for by the script of another site."""
    allowed = _value(page, "access-control-allow-origin")
    with_who = _value(page, "access-control-allow-credentials") == "true"
    return -50 if allowed not in {"", "*"} and with_who else 0


def _redirection(way: list[Answer]) -> int:
    first, *rest = [urlsplit(answer.url) for answer in way]
    if not rest or rest[-1].scheme != "https":
        return -20
    if rest[0].scheme == "http":
        return -10
    return 0 if rest[0].hostname == first.hostname else -5


def _referrer(page: Answer) -> int:
    said = [one.strip() for one in _value(page, "referrer-policy").split(",")]
    if said == [""]:
        return 0
    known = [one for one in said if one in GOOD_REFERRER + BAD_REFERRER]
    return 5 if known and known[-1] in GOOD_REFERRER else -5


def _transport(page: Answer) -> int:
    said = page.all("strict-transport-security")
    parts = [part.strip().lower() for part in (said or [""])[0].split(";")]
    ages = [part.removeprefix("max-age=") for part in parts if part.startswith("max-age=")]
    if not ages or not ages[-1].isdecimal():
        return -20
    return 0 if int(ages[-1]) >= HALF_A_YEAR else -10


def _integrity(page: Answer) -> int:
    given = []
    for script in Page(page.body).all("script"):
        address, digest = urlsplit(script.get("src", "")), script.get("integrity")
        if not address.path:
            continue
        if not address.netloc or (
            address.scheme and address.hostname == urlsplit(page.url).hostname
        ):
            given.append(5 if digest else 0)
        elif address.scheme == "https":
            given.append(5 if digest else -5)
        else:
            given.append(-20 if digest else -50)
    worst = min(given, default=0)
    # One script of ours with its digest is enough for the extra points.
    return worst if worst < 0 else max(given, default=0)


def _frames(page: Answer) -> int:
    if "frame-ancestors" in _directives(page):
        return 5
    said = _value(page, "x-frame-options")
    return 0 if said in {"deny", "sameorigin"} or said.startswith("allow-from") else -20


def _resources(page: Answer) -> int:
    said = _value(page, "cross-origin-resource-policy")
    return {"same-site": 10, "same-origin": 10, "cross-origin": 0, "": 0}.get(said, -5)
