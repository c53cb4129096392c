"""What LibreOffice makes of a file, without a screen."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

PROGRAM = "soffice"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_LINK = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}a"
#: By what lines are parted, as one says it at the import of a text file: as the file is, and as the
#: program offers by itself.
SEPARATORS = {"comma": "44", "comma, semicolon, tab": "44/59/9"}

#: How the program keeps a cell of a workbook that holds yes or no, which ours have.
_YES_OR_NO = {"of:=TRUE()", "of:=FALSE()"}


class NotHere(Exception):
    """LibreOffice is not installed, or opened nothing."""


@dataclass(frozen=True)
class Seen:
    """What is in a file that was opened: cells with something in them, and what runs."""

    cells: int
    formulas: tuple[str, ...]


class Office:
    """The program, with settings of its own in `folder`."""

    def __init__(self, folder: Path) -> None:
        if not shutil.which(PROGRAM):
            raise NotHere("LibreOffice is not installed (Debian: apt-get install libreoffice-calc)")
        self.folder = folder

    def sees(self, files: Sequence[Path], separator: str = "") -> list[Seen]:
        """What it sees in each file. Lines of text are parted at `separator`, by its code."""
        into = self.folder / f"as-{separator.replace('/', '-') or 'books'}"
        # UTF-8 from the first line on; what looks like a formula is one.
        how = [f"--infilter=CSV:{separator},34,76,1,,0,false,true,false"] if separator else []
        done = subprocess.run(
            [
                *(PROGRAM, f"-env:UserInstallation=file://{self.folder}/settings", "--headless"),
                *how,
                *("--convert-to", "fods", "--outdir", str(into), *map(str, files)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        opened = [into / f"{file.stem}.fods" for file in files]
        if missing := [file.name for file in opened if not file.exists()]:
            raise NotHere(f"LibreOffice did not open {', '.join(missing)}: {done.stderr.strip()}")
        return [_seen(file) for file in opened]


def _seen(file: Path) -> Seen:
    cells, formulas = 0, []
    for _event, element in ElementTree.iterparse(file):
        if element.tag == f"{_TABLE}table-cell":
            cells += element.get(f"{_OFFICE}value-type") is not None
            formula = element.get(f"{_TABLE}formula")
            if formula is not None and formula not in _YES_OR_NO:
                formulas.append(formula)
            # A link in a cell is followed by whoever clicks on it.
            formulas += [str(link.attrib) for link in element.iter(_LINK)]
            element.clear()
    return Seen(cells, tuple(formulas))
