#!/usr/bin/env python3
"""Checks a downloaded record of pledges by itself, with nothing but Python's standard library.

    python3 check_record.py record.jsonl [HEAD]

Each line of the file is one entry: its content and its digest. A digest is the SHA-256 of the
digest before it, a line feed, and the content as JSON in UTF-8 with its keys in order and no white
space; before the first entry stand 64 zeros. HEAD is a digest that you wrote down at another time
or read elsewhere: the record must lead past it.
"""

import hashlib
import json
import sys


def check(path, wanted=None):
    """Returns (number of entries, head); raises ValueError with the first entry that is wrong."""
    before, number, seen = "0" * 64, 0, False
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                link = json.loads(line)
                content, digest = link["content"], link["digest"]
                place = content["number"]
            except (ValueError, KeyError, TypeError):
                raise ValueError(f"line {number} is no entry of a record") from None
            if place != number:
                raise ValueError(f"entry {number} is missing: entry {place} stands in its place")
            text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            if hashlib.sha256(f"{before}\n{text}".encode()).hexdigest() != digest:
                raise ValueError(f"entry {number} is not what was published")
            before = digest
            seen = seen or digest == wanted
    if wanted and not seen:
        raise ValueError(f"the record does not hold the digest {wanted}")
    return number, before


def main(arguments):
    if not 1 <= len(arguments) <= 2:
        return __doc__
    try:
        number, head = check(*arguments)
    except (OSError, ValueError) as error:
        return f"BROKEN: {error}"
    print(f"Whole: {number} entries, the last with digest {head}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
