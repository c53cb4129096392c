"""Each file that staff send is looked into by a scanner, where there is one.

What answers here speaks as ClamAV's `clamd` does on its socket (INSTREAM of its manual), and finds
the word that every scanner finds. It is a program of its own: nothing of ours is replaced.
"""

import socketserver
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.admin.desk import address, evidence_row, form_of, signed_in
from tracker.models import Evidence, ImportFile

pytestmark = pytest.mark.sqlite_only
MALWARE = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
ROWS = b"code,title_en,wording,programme\nP1,a,w,test\n"


class Scanner(socketserver.StreamRequestHandler):
    def handle(self):
        if self.rfile.read(10) != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while length := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(length)
        self.server.seen.append(content)
        found = b"stream: Eicar-Test-Signature FOUND\0"
        self.wfile.write(found if MALWARE in content else self.server.otherwise)


@pytest.fixture
def scanner(tmp_path, settings):
    settings.CLAMD_SOCKET = str(tmp_path / "clamd.ctl")
    with socketserver.ThreadingUnixStreamServer(settings.CLAMD_SOCKET, Scanner) as server:
        server.seen, server.otherwise = [], b"stream: OK\0"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def imported(world, content):
    sent = {"file": SimpleUploadedFile("a.csv", content)}
    return signed_in(world.author).post(address("importfile", "add"), sent)


def written(world, content):
    """Evidence with a file, added to a draft through its form."""
    draft = world.draft(world.pledge(), evidence=0)
    editor, page = signed_in(world.author), address("update", "change", draft.pk)
    row = evidence_row(url="", file=SimpleUploadedFile("a.txt", content))
    return editor.post(page, form_of(editor.get(page)) | row)


EACH_WAY_IN = pytest.mark.parametrize(
    ("send", "kept"), [(imported, ImportFile), (written, Evidence)], ids=["imported", "evidence"]
)


@EACH_WAY_IN
def test_what_is_clean_is_taken_once_it_was_looked_into(world, scanner, send, kept):
    assert send(world, ROWS).status_code == 302
    assert scanner.seen == [ROWS]
    assert kept.objects.count() == 1


@EACH_WAY_IN
def test_malware_is_not_taken(world, scanner, send, kept):
    answer = send(world, ROWS + MALWARE)
    assert "The scanner found malware in the file." in answer.content.decode()
    assert not kept.objects.exists()


@pytest.mark.parametrize("otherwise", [b"", b"INSTREAM size limit exceeded. ERROR\0", None])
def test_a_scanner_that_does_not_answer_lets_nothing_through(world, scanner, settings, otherwise):
    if otherwise is None:
        settings.CLAMD_SOCKET += ".away"
    scanner.otherwise = otherwise
    assert "does not answer" in imported(world, ROWS).content.decode()
    assert not ImportFile.objects.exists()
