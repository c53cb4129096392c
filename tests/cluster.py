"""The site past one machine, on one machine: a primary and a replica of PostgreSQL, Redis, and two
servers of the site that know one another by nothing but their settings.

    make cluster        sets it up with the Lingang record, and says where it is, until Ctrl-C

What differs from several machines is the network, and that all share a clock.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

from bench.processes import free_port
from tests.postgres import Server

ROOT = Path(__file__).resolve().parent.parent
#: By this name the primary knows the replica that it waits for.
REPLICA = "replica_1"
#: What a primary that may fail over needs, beside what deploy/postgresql has.
SETTINGS = ("synchronous_commit=on", "wal_keep_size=64MB", "max_connections=60")

Answer = tuple[int, dict[str, str], str]


class App:
    """One server of the site, with a folder of its own, as a machine has."""

    def __init__(self, name: str, folder: Path, environment: dict[str, str]) -> None:
        self.name, self.port = name, free_port()
        self.folder = folder / name
        self.folder.mkdir()
        self.environment = environment | {
            "VAR_DIR": str(self.folder),
            "BIND": f"127.0.0.1:{self.port}",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["bin/serve"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("ab"),
        )

    def wait(self) -> None:
        for _try in range(1200):
            try:
                if self.ask("/readyz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text())

    def terminate(self) -> None:
        if self.process:
            self.process.terminate()

    def stop(self) -> None:
        self.terminate()
        if self.process:
            self.process.wait(timeout=60)
            self.process = None

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: str | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = 60,
    ) -> Answer:
        site = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            site.request(method, path, body, headers or {})
            answer = site.getresponse()
            return answer.status, dict(answer.headers), answer.read().decode(errors="replace")
        finally:
            site.close()


class Cluster:
    """All of it. `settings` are those of PostgreSQL, beside what it needs."""

    def __init__(self, *settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tracker-cluster-"))
        self.primary = Server((*SETTINGS, *settings))
        self.replica = Server(
            (*SETTINGS, "hot_standby_feedback=on", *settings), beside=self.primary
        )
        self.cache_port = free_port()
        self.cache: subprocess.Popen[bytes] | None = None
        ours, theirs = (f"127.0.0.1:{each.port}" for each in (self.primary, self.replica))
        at, name = "postgres://tracker@", "postgres"
        self.environment = {
            "PATH": os.environ["PATH"],
            "BIN": str(Path(sys.executable).parent),
            "SECRET_KEY": "only-for-this-run-" + "0" * 50,
            "HTTPS_ONLY": "0",
            "REQUIRE_2FA": "0",
            "EMAIL_URL": "dummymail://",
            "WEB_WORKERS": "2",
            # Wherever the primary is; a replica first, and the primary where there is none.
            "DATABASE_URL": f"{at}{ours},{theirs}/{name}?target_session_attrs=read-write",
            "DATABASE_REPLICA_URL": (
                f"{at}{theirs},{ours}/{name}?target_session_attrs=prefer-standby"
            ),
            "CACHE_URL": f"redis://127.0.0.1:{self.cache_port}/0",
        }
        self.apps = [App(name, self.folder, self.environment) for name in ("one", "two")]

    def start(self, *setting_up: list[str]) -> None:
        """Starts everything; the primary is filled by `setting_up`, commands, and then copied."""
        self.start_cache()
        if self.primary.process is None:
            self.primary.begin()
        for command in setting_up:
            print(self.run(command), end="")  # noqa: T201  The password of the staff, once.
        self.replica.follow(self.primary, REPLICA)
        self.replica.begin()
        self.wait_for_replica(REPLICA)
        static = self.apps[0].environment["VAR_DIR"] + "/static"
        for app in self.apps:
            if not (app.folder / "static").exists():
                (app.folder / "static").symlink_to(static)
            app.start()
        for app in self.apps:
            app.wait()

    def wait_for_replica(self, names: str) -> None:
        """From now on a commit is acknowledged when a replica of these has it on its disk."""
        self.primary.ask(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
        self.primary.ask("SELECT pg_reload_conf()")

    def run(self, command: list[str]) -> str:
        """Runs a command beside the first server of the site."""
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.apps[0].environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    def start_cache(self) -> None:
        server = shutil.which("redis-server") or shutil.which("valkey-server")
        if not server:
            sys.exit("Neither redis-server nor valkey-server is installed.")
        where = ("--bind", "127.0.0.1", "--port", str(self.cache_port), "--dir", str(self.folder))
        self.cache = subprocess.Popen(
            [server, *where, "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL
        )

    def stop_cache(self) -> None:
        if self.cache:
            self.cache.kill()
            self.cache.wait(timeout=30)
            self.cache = None

    def promote(self) -> None:
        """Makes the replica the primary."""
        self.replica.ask("SELECT pg_promote()")

    def stop(self) -> None:
        for app in self.apps:
            app.terminate()
        for app in self.apps:
            app.stop()
        self.stop_cache()
        self.replica.remove()
        self.primary.remove()
        shutil.rmtree(self.folder, ignore_errors=True)


def main() -> None:
    manage = [sys.executable, "manage.py"]
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    cluster = Cluster()
    try:
        cluster.start(
            *(
                [*manage, *command.split()]
                for command in (
                    "migrate --verbosity 0",
                    "sync_roles",
                    "make_demo_staff",
                    "load_record fixtures/lingang",
                    "collectstatic --no-input --verbosity 0",
                )
            )
        )
        for app in cluster.apps:
            print(f"Server {app.name}: http://127.0.0.1:{app.port}/ and /admin/")  # noqa: T201
        for name, server in (("Primary", cluster.primary), ("Replica", cluster.replica)):
            print(f"{name}: {server.url()}")  # noqa: T201
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        pass
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
