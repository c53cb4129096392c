"""The site as deploy/ has it, on one machine and without root: nginx with the file that is given
to operators, a throw-away certificate, and the real server on a socket that is held for it.

`make deploy-check` (`bench/deploy_check.py`) drives it hard, `tests/deploy/` on each change.
"""

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bench.processes import free_port

ROOT = Path(__file__).resolve().parent.parent
HOST = "pledges.example.org"


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Deployed:
    """nginx in front of the server, until `stop`. `database` is an address for DATABASE_URL."""

    def __init__(self, database: str, python: str = sys.executable) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tracker-deployed-"))
        self.folder.chmod(0o755)
        self.http, self.https = free_port(), free_port()
        self.path = self.folder / "desk.sock"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.path.chmod(0o666)
        self.listener.listen(1024)
        self.environment = {
            "PATH": os.environ["PATH"],
            "BIN": str(Path(python).parent),
            "VAR_DIR": str(self.folder / "var"),
            "DATABASE_URL": database,
            "SECRET_KEY": "only-for-this-run-" + "0" * 50,
            "ALLOWED_HOSTS": HOST,
            "BEHIND_PROXY": "1",
            "EMAIL_URL": "dummymail://",
        }
        self.log = (self.folder / "log").open("ab")
        self.app: subprocess.Popen[bytes] | None = None
        self.proxy: subprocess.Popen[bytes] | None = None

    # --- up and down ---------------------------------------------------------------------

    def start(self) -> None:
        self._certificate()
        self._configured()
        self.proxy = subprocess.Popen(
            ["/usr/sbin/nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")],
            stderr=self.log,
        )
        self.start_app()
        for _attempt in range(300):
            try:
                if self.get("/healthz").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text())

    def start_app(self) -> None:
        """As systemd would: the listening socket is handed over as file 3."""
        number = self.listener.fileno()
        script = f"exec 3<&{number}; export LISTEN_PID=$$ LISTEN_FDS=1; exec bin/serve"
        self.app = subprocess.Popen(
            ["/bin/bash", "-c", script],
            cwd=ROOT,
            env=self.environment,
            pass_fds=[number],
            stderr=self.log,
            stdout=self.log,
        )

    def stop_app(self) -> None:
        if self.app:
            self.app.send_signal(signal.SIGTERM)
            self.app.wait(timeout=60)
            self.app = None

    def restart_app(self) -> None:
        self.stop_app()
        self.start_app()

    def stop(self) -> None:
        self.stop_app()
        if self.proxy:
            self.proxy.terminate()
            self.proxy.wait(timeout=20)
        self.listener.close()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _certificate(self) -> None:
        subprocess.run(
            [
                *("/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"),
                *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", f"/CN={HOST}"),
                *("-addext", f"subjectAltName=DNS:{HOST}"),
                *("-keyout", str(self.folder / "privkey.pem")),
                *("-out", str(self.folder / "fullchain.pem")),
            ],
            check=True,
            capture_output=True,
        )

    def _configured(self) -> None:
        """The operators' file; only its places and ports are others."""
        text = (ROOT / "deploy/nginx/tracker.conf").read_text()
        for said, here in (
            # One server for both.
            ("/run/tracker/desk.sock", str(self.path)),
            ("/run/tracker/public.sock", str(self.path)),
            (f"/etc/letsencrypt/live/{HOST}", str(self.folder)),
            ("/var/lib/nginx/tracker", str(self.folder / "cache")),
            ("/var/log/nginx", str(self.folder)),
        ):
            text = text.replace(said, here)
        text = re.sub(r"listen \[::\]:.*\n", "\n", text)
        # 127.0.0.2 and others are other clients to a limit: listen on all of loopback.
        text = text.replace("listen 443 ", f"listen {self.https} ")
        text = text.replace("listen 80 ", f"listen {self.http} ")
        (self.folder / "tracker.conf").write_text(text)
        own = self.folder
        user = "user root;" if os.geteuid() == 0 else ""
        temps = "".join(
            f"{name}_temp_path {own}/{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (own / "nginx.conf").write_text(
            f"{user} daemon off; pid {own}/nginx.pid; worker_processes 1; error_log stderr crit;\n"
            f"events {{ worker_connections 2048; }}\nhttp {{ {temps}\n"
            f"default_type application/octet-stream; include {own}/tracker.conf; }}\n"
        )

    def tested(self) -> subprocess.CompletedProcess[str]:
        """What `nginx -t` says of the file."""
        return subprocess.run(
            ["/usr/sbin/nginx", "-t", "-p", str(self.folder), "-c", f"{self.folder}/nginx.conf"],
            capture_output=True,
            text=True,
            check=False,
        )

    # --- asking --------------------------------------------------------------------------

    def tls(self, client: str = "127.0.0.1", timeout: float = 120) -> ssl.SSLSocket:
        plain = socket.create_connection(
            ("127.0.0.1", self.https), timeout=timeout, source_address=(client, 0)
        )
        return self._trusting.wrap_socket(plain, server_hostname=HOST)

    @cached_property
    def _trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))

    def get(
        self,
        address: str,
        headers: dict[str, str] | None = None,
        *,
        client: str = "127.0.0.1",
        method: str = "GET",
    ) -> Answer:
        # Not HTTPSConnection, which reads the certificates of the system for each: most of a core
        # at 40 a second. The socket is made here.
        connection = http.client.HTTPConnection(HOST)
        connection.sock = self.tls(client)
        connection.request(method, address, headers=headers or {})
        response = connection.getresponse()
        answer = Answer(response.status, dict(response.getheaders()), response.read())
        connection.close()
        return answer

    def under_restarts(self, restarts: int, a_second: int = 40, address: str = "/en/") -> "Crowd":
        """What readers were answered while the server was restarted so often, one after another."""
        crowd = Crowd(self, a_second, address)
        for _restart in range(restarts):
            time.sleep(0.5)
            self.restart_app()
            # It waits in the queue until the new server takes it.
            self.get("/healthz", client="127.0.0.9")
        crowd.go_home()
        return crowd


class Crowd:
    """Readers from a hundred addresses, so many a second, each with a connection of its own."""

    def __init__(self, site: Deployed, a_second: int, address: str) -> None:
        self.site, self.address = site, address
        self.answers: list[int | str] = []
        self.seconds: list[float] = []
        self.begun = time.monotonic()
        self._over = threading.Event()
        self._readers: list[threading.Thread] = []
        self._coming = threading.Thread(target=self._come, args=(a_second,))
        self._coming.start()

    def go_home(self) -> None:
        """Nobody comes any more, and whoever waits is answered."""
        self._over.set()
        self._coming.join()
        self.lasted = time.monotonic() - self.begun
        for reader in self._readers:
            reader.join()

    @property
    def failed(self) -> list[int | str]:
        return [answer for answer in self.answers if answer != 200]

    def told(self) -> str:
        waits = sorted(self.seconds)
        return (
            f"{len(self.answers)} requests, {len(self.answers) / self.lasted:.0f} a second, "
            f"{len(self.failed)} failed {self.failed[:5] or ''}; "
            f"waited {waits[len(waits) // 2]:.2f} s in the middle, {waits[-1]:.1f} s at most"
        )

    def _come(self, a_second: int) -> None:
        number = 0
        while not self._over.is_set():
            self._readers.append(threading.Thread(target=self._ask, args=(number,)))
            self._readers[-1].start()
            number += 1
            # By the clock, not by pauses: a slow machine makes no trickle of it.
            time.sleep(max(0.0, self.begun + number / a_second - time.monotonic()))

    def _ask(self, number: int) -> None:
        begun = time.monotonic()
        try:
            answer = self.site.get(self.address, client=f"127.0.0.{10 + number % 100}")
            # A last copy would hide what this is about.
            self.answers.append("stale" if "X-Last-Copy" in answer.headers else answer.status)
        except OSError as error:
            self.answers.append(repr(error))
        self.seconds.append(time.monotonic() - begun)
