"""A list of breached passwords is looked up where it lies, and told from what is no such list."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules import breaches

digests = st.binary(min_size=20, max_size=20).map(bytes.hex)
#: Digests that share their beginnings, so that neighbours are told apart late.
close = st.integers(0, 40).map(lambda number: f"{number:040x}")
forms = st.tuples(st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())


def listed(known, end="\n", is_ended=True, is_lower=False) -> bytes:
    """The file that holds these digests, with one count of each length."""
    lines = [f"{digest}:{10 ** (number % 9)}" for number, digest in enumerate(sorted(known))]
    text = end.join(lines) + (end if is_ended else "")
    return (text if is_lower else text.upper()).encode()


@given(st.sets(digests | close, min_size=1), st.lists(digests | close), forms)
def test_it_holds_what_the_set_holds(known, others, form):
    file = BytesIO(listed(known, *form))
    assert breaches.fault_of(file) == ""
    for digest in known | set(others):
        assert breaches.holds(file, digest) is (digest in known)
        assert breaches.holds(file, digest.upper()) is (digest in known)


def test_the_first_and_the_last_line_are_found_and_nothing_beyond_them():
    known = [f"{number:040x}" for number in range(10, 1000)]
    file = BytesIO(listed(known))
    found = [breaches.holds(file, f"{number:040x}") for number in (9, 10, 11, 998, 999, 1000)]
    assert found == [False, True, True, True, True, False]


def test_little_is_read_of_much():
    """As many looks as the size has binary digits, whatever there is: 36 for 64 gigabytes."""
    lines = 200_000
    file = _Counting(listed(f"{number << 140:040x}" for number in range(lines)))
    assert breaches.holds(file, f"{7 << 140:040x}")
    assert file.reads < 60
    assert file.longest <= 100


class _Counting(BytesIO):
    reads = longest = 0

    def readline(self, size=-1):
        line = super().readline(size)
        self.reads, self.longest = self.reads + 1, max(self.longest, len(line))
        return line


MANY = [f"{number * 7919 << 120:040x}" for number in range(500)]
FAULTS = {
    "empty": b"",
    "only hashes": b"\n".join(digest.encode() for digest in MANY),
    "NTLM's": b"".join(b"%s:3\n" % digest[:32].encode() for digest in MANY),
    "passwords": b"123456:37359195\npassword:9545824\n",
    "by count": "".join(f"{digest}:1\n" for digest in [*MANY[250:], *MANY[:250]]).encode(),
    "backwards": "".join(f"{digest}:1\n" for digest in reversed(MANY)).encode(),
    "cut off": listed(MANY)[:-20],
    "one endless line": b"A" * 100_000,
    "nothing but zeros": bytes(100_000),
    "compressed": b"7z\xbc\xaf\x27\x1c" + bytes(range(256)) * 100,
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_no_such_list_is_told(name):
    assert breaches.fault_of(BytesIO(FAULTS[name])) != ""


@pytest.mark.parametrize("name", sorted(FAULTS.keys() - {"by count", "cut off"}))
def test_what_is_no_such_list_is_not_looked_up(name):
    file = BytesIO(FAULTS[name])
    with pytest.raises(breaches.NotAList):
        [breaches.holds(file, digest) for digest in MANY]


def test_a_list_whose_download_broke_off_is_told():
    half = [f"{number << 143:040x}" for number in range(60_000)]
    assert "00 to " in breaches.fault_of(BytesIO(listed(half)))
    whole = [f"{number << 144:040x}" for number in range(65_536)]
    assert breaches.fault_of(BytesIO(listed(whole))) == ""
