"""The real server, as `bin/serve` runs it, to be killed."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from bench.processes import children, free_port
from bench.race import Browser

ROOT = Path(__file__).resolve().parent.parent.parent


class Site:
    """Two worker processes on loopback, on the database at `url`, with their files in `var`."""

    def __init__(
        self, url: str, var: Path, *, wsgi: str = "lingang.wsgi", settings: str = "lingang.settings"
    ) -> None:
        self.port = free_port()
        self.var = var
        self.wsgi = wsgi
        # Beside, as the units of deploy/ have it: what is killed or cut off is the record's.
        counts = var / "counts"
        counts.mkdir(parents=True, exist_ok=True)
        self.environment = os.environ | {
            "DATABASE_URL": url,
            "DATABASE_POOL_SIZE": "4",
            "VAR_DIR": str(var),
            "SECRET_KEY": "only-for-this-run-" + "0" * 40,
            "DJANGO_SETTINGS_MODULE": settings,
            "PROMETHEUS_MULTIPROC_DIR": str(counts),
            "HTTPS_ONLY": "0",
            "DEBUG": "0",
            "REQUIRE_2FA": "0",
            "LOG_FORMAT": "text",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def python(self, *arguments: str, code: str = "") -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            input=code,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", f"{self.wsgi}:application"),
                *("--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread"),
                *("--workers", "2", "--threads", "4", "--no-control-socket"),
                # The program is read once, for all of them: whoever is started after a kill
                # writes at once, and the next kill falls into a write and not into a start.
                *("--preload", "--log-level", "error"),
            ],
            cwd=ROOT,
            env=self.environment,
            stderr=(self.var / "log").open("ab"),
        )
        end = time.monotonic() + 90
        while time.monotonic() < end:
            try:
                if Browser(self.port).ask("/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"the site did not start: see {self.var / 'log'}")

    def workers(self) -> list[int]:
        return children(self.process.pid) if self.process else []

    def kill_a_worker(self) -> None:
        """One of the two, at once; gunicorn starts another."""
        end = time.monotonic() + 30
        while not (there := self.workers()) and time.monotonic() < end:
            time.sleep(0.01)
        os.kill(random.choice(there), signal.SIGKILL)

    def kill(self) -> None:
        """All of them at once."""
        if self.process:
            for pid in (self.process.pid, *self.workers()):
                os.kill(pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None
