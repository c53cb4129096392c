"""make deploy-check: the site behind the operators' nginx, restarted, flooded and kept waiting.

    .venv/bin/python -m bench.deploy_check --restarts 20 --slow 300

It ends with 1 if one request failed over the restarts, or if slow clients or a flood made another
reader wait for more than a second in the middle, or be refused.
"""

import argparse
import contextlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.deployed import HOST, ROOT, Crowd, Deployed

#: nginx gives a slow client ten seconds between two pieces; deploy/nginx/tracker.conf.
TIMEOUT = 10
HEADERS = f"GET /en/ HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: ".encode()
BODY = (
    f"POST /en/pledges/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 100000\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\n\r\na"
).encode()


class Slow:
    """Clients that begin a request, send a byte now and then, and never come to its end."""

    def __init__(self, site: Deployed, count: int) -> None:
        self.connections: list[ssl.SSLSocket] = []
        for number in range(count):
            # Thirty of one address: fewer than it may have connections.
            connection = site.tls(client=f"127.0.0.{120 + number // 30}")
            connection.sendall(BODY if number % 2 else HEADERS)
            self.connections.append(connection)
        self._over = threading.Event()
        self._dripping = threading.Thread(target=self._drip)
        self._dripping.start()

    def _drip(self) -> None:
        while not self._over.wait(3):
            for connection in self.connections:
                with contextlib.suppress(OSError):
                    connection.sendall(b"x")

    def closed(self, within: float) -> int:
        """How many the server has turned out, after they said nothing more for so long."""
        self._over.set()
        self._dripping.join()
        time.sleep(within)
        gone = 0
        for connection in self.connections:
            connection.settimeout(0.05)
            try:
                while connection.recv(4096):
                    pass
                gone += 1
            except TimeoutError:
                pass
            except OSError:
                gone += 1
            connection.close()
        return gone


class Flood:
    """One address that asks as fast as it can, on four connections at a time."""

    def __init__(self, site: Deployed) -> None:
        self.site = site
        self.statuses: dict[str, int] = {}
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _each in range(4)]
        for thread in self._threads:
            thread.start()

    def _ask(self) -> None:
        request = f"GET /en/pledges/ HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
        while not self._over.is_set():
            with contextlib.suppress(OSError), self.site.tls(client="127.0.0.66", timeout=5) as one:
                one.sendall(request * 50)
                answered = b""
                while answered.count(b"HTTP/1.1 ") < 50 and (piece := one.recv(65536)):
                    answered += piece
                for status in ("200", "429"):
                    seen = answered.count(f"HTTP/1.1 {status}".encode())
                    self.statuses[status] = self.statuses.get(status, 0) + seen

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def restarted(site: Deployed, restarts: int) -> bool:
    crowd = site.under_restarts(restarts)
    print(f"{restarts} restarts: {crowd.told()}", flush=True)
    return not crowd.failed


def beside_slow_clients(site: Deployed, count: int) -> bool:
    slow = Slow(site, count)
    crowd = Crowd(site, 10, "/en/pledges/")
    time.sleep(10)
    crowd.go_home()
    closed = slow.closed(TIMEOUT + 3)
    print(f"beside {count} slow clients: {crowd.told()}; {closed} of them were turned out")
    return _served(crowd) and closed == count


def beside_a_flood(site: Deployed) -> bool:
    flood = Flood(site)
    crowd = Crowd(site, 10, "/en/pledges/")
    time.sleep(10)
    crowd.go_home()
    flood.end()
    print(f"beside a flood from one address, which was answered {flood.statuses}: {crowd.told()}")
    return _served(crowd) and flood.statuses.get("429", 0) > flood.statuses.get("200", 0)


def _served(crowd: Crowd) -> bool:
    return not crowd.failed and sorted(crowd.seconds)[len(crowd.seconds) // 2] < 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--restarts", type=int, default=20)
    parser.add_argument("--slow", type=int, default=300, help="how many slow clients")
    asked = parser.parse_args()
    if not Path("/usr/sbin/nginx").exists():
        print("deploy-check: nginx is not installed (Debian: apt-get install nginx-light)")
        return 1
    folder = Path(tempfile.mkdtemp(prefix="tracker-deploy-check-"))
    site = Deployed(f"sqlite:///{folder}/tracker.sqlite3")
    try:
        for command in (
            ("migrate", "--verbosity", "0"),
            ("sync_roles",),
            ("load_record", "fixtures/lingang"),
            ("collectstatic", "--no-input", "--verbosity", "0"),
        ):
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=site.environment,
                check=True,
                capture_output=True,
            )
        site.start()
        shown = [
            restarted(site, asked.restarts),
            beside_slow_clients(site, asked.slow),
            beside_a_flood(site),
        ]
        print("deploy-check: all good" if all(shown) else "deploy-check: NOT GOOD")
        return 0 if all(shown) else 1
    finally:
        site.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
