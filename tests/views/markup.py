"""A page as tests ask about it: its text, its links, and whether its markup holds."""

from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "hr", "img"}
# Of SVG: written `<rect/>`, and closed by that.
SHAPES = {"circle", "path", "rect", "use"}
HIDDEN = {"style", "script", "title"}


class Page(HTMLParser):
    """Parsed HTML. `faults` lists tags that do not nest, and identifiers that occur twice."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.html = html
        self.tags = []
        self.ids = []
        self.faults = []
        self._open = []
        self._words = []
        self._texts = {}
        self.feed(html)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self._open]
        self.faults += [f"#{one} occurs twice" for one in set(self.ids) if self.ids.count(one) > 1]

    def handle_starttag(self, tag, attributes):
        attributes = {name: value or "" for name, value in attributes}
        self.tags.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag not in VOID:
            self._open.append(tag)
            self._texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag, attributes):
        if tag not in SHAPES:
            self.faults.append(f"<{tag}/> closes nothing")
        self.tags.append((tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag):
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> inside {self._open[-3:]}")
        else:
            self._open.pop()

    def handle_data(self, data):
        for tag in set(self._open):
            self._texts[tag][-1] += data
        if not HIDDEN & set(self._open):
            self._words.append(data)

    @property
    def text(self):
        """What a reader sees, white space evened out."""
        return " ".join("".join(self._words).split())

    def texts(self, tag):
        """The text of each element of a kind."""
        return [" ".join(text.split()) for text in self._texts.get(tag, [])]

    def all(self, tag, **wanted):
        """The attributes of each element of a kind that has the attributes `wanted`."""
        return [
            attributes
            for name, attributes in self.tags
            if name == tag
            and all(attributes.get(key.strip("_")) == value for key, value in wanted.items())
        ]

    def with_class(self, name):
        return [
            attributes for _, attributes in self.tags if name in attributes.get("class", "").split()
        ]

    @property
    def links(self):
        return [attributes["href"] for attributes in self.all("a")]

    @property
    def language(self):
        return self.all("html")[0]["lang"]

    @property
    def codes(self):
        """The codes of the pledges shown as cards, in their order."""
        titles = zip(self.texts("h3"), self.all("h3"), strict=True)
        return [text.split()[0] for text, a in titles if a.get("class") == "card-title"]
