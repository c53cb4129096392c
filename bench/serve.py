"""The servers that are measured, each a child of the bench on loopback, and how they are asked."""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from bench import data
from bench.measure import TooSlow, anonymous, cpu
from bench.postgres import Missing
from bench.processes import children, free_port

#: No answer may take longer; what would is told as a fault.
PATIENCE = 60


class Process:
    """A server process, started and ended with a `with` block."""

    command: list[str]
    environment: dict[str, str]
    ready = "/"

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen | None = None
        self.begun = 0.0

    def __enter__(self):
        self.begun = time.perf_counter()
        self.process = subprocess.Popen(
            self.command,
            cwd=data.ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=(data.VAR / f"{type(self).__name__.lower()}.log").open("wb"),
        )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                self.get(self.ready)
                return self
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.01)
        self.__exit__()
        raise RuntimeError(f"{type(self).__name__} did not start; see its log in var/bench")

    def __exit__(self, *_what) -> None:
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                for pid in (*children(self.pid), self.pid):
                    os.kill(pid, signal.SIGKILL)
                self.process.wait()

    @property
    def pid(self) -> int:
        assert self.process, "not started"
        return self.process.pid

    @property
    def memory(self) -> float:
        return anonymous(self.pid)

    def get(self, address: str, headers: dict[str, str] | None = None) -> "Answer":
        """Asks once, on a connection of its own."""
        return Client(self.port).get(address, headers)


class Answer:
    def __init__(self, response: http.client.HTTPResponse, content: bytes) -> None:
        self.status, self.headers, self.content = response.status, response.headers, content


class Client:
    """Asks one server again and again on one connection, as a browser or a proxy does."""

    def __init__(self, port: int, patience: float = PATIENCE) -> None:
        self.patience = patience
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)

    def get(self, address: str, headers: dict[str, str] | None = None) -> Answer:
        try:
            self.connection.request("GET", address, headers=headers or {})
            response = self.connection.getresponse()
            return Answer(response, response.read())
        except TimeoutError as error:
            self.connection.close()
            raise TooSlow(address, self.patience) from error

    def drain(self, address: str, headers: dict[str, str] | None = None) -> tuple[int, int]:
        """Reads an answer of any length: how many bytes, and how many lines."""
        self.connection.request("GET", address, headers=headers or {})
        response = self.connection.getresponse()
        size = lines = 0
        while piece := response.read(1 << 18):
            size += len(piece)
            lines += piece.count(b"\n")
        if response.status != 200:
            raise RuntimeError(f"{address}: {response.status}")
        return size, lines


class Site(Process):
    """The tracker as `bin/run` serves it, in one worker so that what is kept is kept once."""

    ready = "/healthz"

    def __init__(self, url: str, database_pid: int | None = None) -> None:
        super().__init__()
        self.database_pid = database_pid
        self.environment = data.environment(url) | {"FORWARDED_ALLOW_IPS": ""}
        self.command = gunicorn("lingang.wsgi:application", self.port)

    def __enter__(self) -> "Site":
        command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        subprocess.run(command, cwd=data.ROOT, env=self.environment, check=True)
        return super().__enter__()

    def restart(self) -> None:
        """Ends what it still works at, after an answer that took too long."""
        self.__exit__()
        self.__enter__()

    @property
    def pids(self) -> list[int]:
        return [self.pid, *([self.database_pid] if self.database_pid else [])]

    def cpu_per_answer(
        self, addresses: Iterable[str], headers: dict[str, str] | None = None, status: int = 200
    ) -> float:
        """Seconds of CPU for each answer, the database's included. Where that takes long on the
        clock, it is that of the first ones."""
        client, number = Client(self.port), 0
        end = time.monotonic() + PATIENCE / 4
        before = cpu(*self.pids)
        for address in addresses:
            if number and time.monotonic() > end:
                break
            number += 1
            answer = client.get(address, headers)
            if answer.status != status:
                raise RuntimeError(f"{address}: {answer.status} instead of {status}")
        return (cpu(*self.pids) - before) / number


class Trivial(Process):
    """The trivial Django view under the same server."""

    def __init__(self) -> None:
        super().__init__()
        self.environment = os.environ | {"PYTHONPATH": str(data.ROOT)}
        self.command = gunicorn("bench.trivial:application", self.port)

    def cpu_per_answer(self, number: int = 300) -> float:
        client = Client(self.port)
        before = cpu(self.pid)
        for _each in range(number):
            client.get("/")
        return (cpu(self.pid) - before) / number


class Nginx(Process):
    """nginx with files of its own: what it costs to send the same bytes."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__()
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if not program:
            raise Missing("no nginx here (Debian: apt-get install nginx-light)")
        self.folder = Path(tempfile.mkdtemp(prefix="bench-nginx-"))
        # It gives up root for a user who must be able to read the files.
        self.folder.chmod(0o755)
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
        (self.folder / "nginx.conf").write_text(
            f"daemon off; worker_processes 1; pid {self.folder}/pid; error_log stderr;\n"
            "events { worker_connections 64; }\n"
            "http { access_log off; default_type text/html; keepalive_requests 1000000;\n"
            f"  client_body_temp_path {self.folder}/body; proxy_temp_path {self.folder}/proxy;\n"
            f"  fastcgi_temp_path {self.folder}/fastcgi; uwsgi_temp_path {self.folder}/uwsgi;\n"
            f"  scgi_temp_path {self.folder}/scgi;\n"
            f"  server {{ listen 127.0.0.1:{self.port}; root {self.folder}; }} }}\n"
        )
        self.environment = dict(os.environ)
        self.command = [program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        self.ready = f"/{next(iter(files))}"

    def __exit__(self, *what) -> None:
        super().__exit__(*what)
        shutil.rmtree(self.folder, ignore_errors=True)

    def cpu_per_answer(self, address: str, number: int) -> float:
        client = Client(self.port)
        before = cpu(self.pid)
        for _each in range(number):
            client.get(address)
        return (cpu(self.pid) - before) / number


def gunicorn(application: str, port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--workers", "1", "--threads", "4"),
        *(
            "--timeout",
            "600",
            "--graceful-timeout",
            "1",
            "--keep-alive",
            "60",
            "--no-control-socket",
        ),
        *("--log-level", "warning"),
    ]


def tool(name: str, program: str) -> str:
    """A program in a virtual environment of its own under var/bench, made when it is first asked.

    `name` is what is installed. Where the package index cannot be reached, it is missing.
    """
    folder = data.VAR / program
    path = folder / "bin" / program
    python = folder / "bin" / "python"
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        try:
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            install = [str(python), "-m", "pip", "install", "--quiet", *name.split()]
            subprocess.run(install, check=True, capture_output=True, timeout=240)
        except (subprocess.SubprocessError, OSError) as error:
            raise Missing(f"{name} could not be installed") from error
        (folder / "made").touch()
    return str(path if path.exists() else python)
