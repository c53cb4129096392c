"""The site as deploy/ has it, on one machine and without root: nginx with the file that is given
to operators, a throw-away certificate, and the real server on a socket that is held for it.

    make deploy-check      20 restarts under load, floods, slow clients; prints what became of them
"""

import argparse
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
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = "pledges.example.org"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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
            ("/var/cache/nginx/tracker", str(self.folder / "cache")),
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
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        plain = socket.create_connection(
            ("127.0.0.1", self.https), timeout=timeout, source_address=(client, 0)
        )
        return context.wrap_socket(plain, server_hostname=HOST)

    def get(
        self,
        address: str,
        headers: dict[str, str] | None = None,
        *,
        client: str = "127.0.0.1",
        method: str = "GET",
    ) -> Answer:
        connection = http.client.HTTPSConnection(HOST)
        connection.sock = self.tls(client)
        connection.request(method, address, headers=headers or {})
        response = connection.getresponse()
        answer = Answer(response.status, dict(response.getheaders()), response.read())
        connection.close()
        return answer

    def under_restarts(self, restarts: int, a_second: int = 40, address: str = "/en/") -> list:
        """What readers were answered while the server was restarted so often, one after another."""
        answers: list[int | str] = []
        over = threading.Event()
        readers: list[threading.Thread] = []

        def ask(number: int) -> None:
            try:
                answer = self.get(address, client=f"127.0.0.{10 + number % 100}")
                # A last copy would hide what this is about.
                answers.append("stale" if "X-Last-Copy" in answer.headers else answer.status)
            except OSError as error:
                answers.append(repr(error))

        def crowd() -> None:
            number = 0
            while not over.is_set():
                readers.append(threading.Thread(target=ask, args=(number,)))
                readers[-1].start()
                number += 1
                time.sleep(1 / a_second)

        crowding = threading.Thread(target=crowd)
        crowding.start()
        for _restart in range(restarts):
            time.sleep(0.5)
            self.restart_app()
            # It waits in the queue until the new server takes it.
            self.get("/healthz", client="127.0.0.9")
        over.set()
        crowding.join()
        for reader in readers:
            reader.join()
        return answers


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--restarts", type=int, default=20)
    asked = parser.parse_args()
    if not shutil.which("nginx", path="/usr/sbin:/usr/bin"):
        print("skipped: nginx is not installed")
        return 0
    folder = Path(tempfile.mkdtemp(prefix="tracker-deploy-check-"))
    site = Deployed(f"sqlite:///{folder}/tracker.sqlite3")
    try:
        for command in ("migrate", "sync_roles", "collectstatic --no-input"):
            subprocess.run(
                [sys.executable, "manage.py", *command.split(), "--verbosity", "0"][
                    : None if command != "sync_roles" else 3
                ],
                cwd=ROOT,
                env=site.environment,
                check=True,
                capture_output=True,
            )
        site.start()
        answers = site.under_restarts(asked.restarts)
        failed = [answer for answer in answers if answer != 200]
        print(
            f"{asked.restarts} restarts, {len(answers)} requests, {len(failed)} failed {failed[:5]}"
        )
        return 1 if failed else 0
    finally:
        site.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
