"""What no file of ours does, whatever it is for: each rule with a sample that breaks it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON = [p for part in ("tracker", "lingang") for p in sorted((ROOT / part).rglob("*.py"))]
SCRIPTS = sorted((ROOT / "static").glob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

#: Where SQL is put together by psycopg's own `format`, which quotes names.
OF_PSYCOPG = "tracker/actions/backups/engines.py"
#: Asks the scanner for malware, by a socket of this machine.
OF_THE_SCANNER = "tracker/forms/scanning.py"
#: What speaks to other machines. Django's mail, psycopg and redis do; an address that somebody
#: typed is called by nothing.
OF_THE_NETWORK = {"requests", "httpx", "aiohttp", "urllib3", "ftplib", "smtplib.SMTP", "telnetlib"}
OF_THE_NETWORK |= {"urllib.request", "http.client", "xmlrpc.client", "socket"}


@cache
def everything():
    """Each file of ours that serves, by its name, as the nodes of its syntax: read once."""
    read = [path for path in PYTHON if "migrations" not in path.parts]
    return {str(p.relative_to(ROOT)): list(ast.walk(ast.parse(p.read_text()))) for p in read}


def nodes(tree, kind):
    return (node for node in tree if isinstance(node, kind))


def name_of(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def is_literal(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def templates_of_texts(tree):
    """Where a text would be run as a template, or as code."""
    made = {"Template", "from_string", "eval", "exec"}
    return [node.lineno for node in nodes(tree, ast.Call) if name_of(node) in made]


def formats_of_texts(tree):
    """Where the pattern of a `format` is not written there: `{0.__class__}` reads what it likes."""
    return [
        node.lineno
        for node in nodes(tree, ast.Call)
        if name_of(node) in {"format", "format_map", "vformat"}
        and isinstance(node.func, ast.Attribute)
        and not is_literal(node.func.value)
    ]


def _loose(node):
    """The variables that a pattern is made of; not constants, nor what is escaped."""
    if isinstance(node, ast.Call) and name_of(node) == "escape":
        return
    if isinstance(node, ast.GeneratorExp | ast.ListComp):
        yield from _loose(node.elt)
        return
    if isinstance(node, ast.Name) and not node.id.isupper():
        yield node.id
    # What a function gives that is given nothing hangs on nothing that was typed.
    if not (isinstance(node, ast.Call) and not node.args):
        for child in ast.iter_child_nodes(node):
            yield from _loose(child)


def patterns_of_texts(tree):
    """Where a regular expression holds a text that is not escaped, or a query asks by one."""
    by_query = [
        word.value.lineno
        for word in nodes(tree, ast.keyword)
        if re.search("regex$", word.arg or "")
    ]
    by_query += [
        node.lineno
        for node in nodes(tree, ast.Constant)
        if re.search("__i?regex$", str(node.value))
    ]
    return by_query + [
        node.lineno
        for node in nodes(tree, ast.Call)
        if isinstance(node.func, ast.Attribute)
        and getattr(node.func.value, "id", "") == "re"
        and node.func.attr != "escape"
        and any(_loose(node.args[0]))
    ]


def calls_of_other_machines(tree):
    named = [(node.lineno, one.name) for node in nodes(tree, ast.Import) for one in node.names]
    for node in nodes(tree, ast.ImportFrom):
        named += [(node.lineno, f"{node.module}.{one.name}") for one in node.names]
        named.append((node.lineno, node.module or ""))
    return [line for line, name in named if name in OF_THE_NETWORK]


RULES = [
    (templates_of_texts, "Template(typed).render()"),
    (formats_of_texts, "said = typed.format(user)"),
    (patterns_of_texts, "re.compile(f'{A}|{re.escape(b)}|{typed}')"),
    (patterns_of_texts, "Pledge.objects.filter(title__iregex=typed)"),
    (calls_of_other_machines, "from urllib import request"),
]


@pytest.mark.parametrize(("rule", "sample"), RULES)
def test_no_text_that_was_typed_becomes_code(rule, sample):
    assert rule(list(ast.walk(ast.parse(sample)))), "the rule does not see its sample"
    found = {path: rule(tree) for path, tree in everything().items()}
    allowed = {formats_of_texts: OF_PSYCOPG, calls_of_other_machines: OF_THE_SCANNER}.get(rule)
    assert {path: lines for path, lines in found.items() if lines and path != allowed} == {}


#: What would make markup or code of a text, keep something in the browser, listen to other windows,
#: or write under a name that may be `__proto__`.
_MARKUP = r"\b(inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\(|new Function"
_NAMES = r"__proto__|\.prototype\b|Object\.assign|\bin\s+\w+\)\s*\{|\w\[[^\]\"'\d]+\]\s*=(?!=)"
OF_SCRIPTS = {
    _MARKUP: "a.innerHTML = b",
    r"\b(local|session)Storage\b|indexedDB|document\.cookie": "localStorage.a = b",
    r"postMessage|onmessage|\"message\"": 'addEventListener("message", f)',
    _NAMES: "a[b] = c",
}


@pytest.mark.parametrize(("pattern", "sample"), OF_SCRIPTS.items())
def test_no_script_of_ours_makes_code_of_a_text_or_keeps_it(pattern, sample):
    assert re.search(pattern, sample)
    assert len(SCRIPTS) > 3
    assert [path.name for path in SCRIPTS if re.search(pattern, path.read_text())] == []


@pytest.mark.parametrize(
    ("pattern", "sample"),
    [
        (r"\|\s*safe\b|autoescape off", "{{ a|safe }}"),
        # What needs a plugin, or is fetched from elsewhere.
        (r"<(object|embed|applet)\b", "<embed src=a>"),
        (r"<(script|link|img|source)\b[^>]*(src|href)=\"(https?:)?//", '<img src="//a.example/b">'),
    ],
)
def test_no_template_lets_a_text_be_markup_or_asks_another_site(pattern, sample):
    assert re.search(pattern, sample)
    assert len(TEMPLATES) > 50
    assert [path.name for path in TEMPLATES if re.search(pattern, path.read_text())] == []
