"""What a file is by its first bytes, beside what its name says."""

#: How the files of a kind begin.
BEGINNINGS = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
}
#: What is no text, whatever else it is: the kinds above, archives, programs.
_NO_TEXT = (
    *(mark for marks in BEGINNINGS.values() for mark in marks),
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"MZ",
    b"\x7fELF",
    b"\xd0\xcf\x11\xe0",
    b"GIF8",
)
#: With one of these, text is UTF-16, in which a Latin letter has a zero byte.
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def is_what_it_says(extension: str, beginning: bytes) -> bool:
    """Whether a file with this extension (of those that are taken) may begin so.

    Text of any encoding is text: it holds no zero byte, and does not begin as something else does.
    """
    marks = BEGINNINGS.get(extension.lower())
    if marks:
        return beginning.startswith(marks)
    return not beginning.startswith(_NO_TEXT) and (
        beginning.startswith(_WIDE) or b"\x00" not in beginning
    )
