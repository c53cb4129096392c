"""Colleagues who save and publish, and note what they were told."""

import http.client
import itertools
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.race import Browser, Inputs

MILESTONE = "/admin/tracker/milestone/{}/change/"
UPDATE = "/admin/tracker/update/{}/change/"
PUBLISH = "/admin/tracker/update/{}/step/publish/"
#: What ends a request without an answer.
NO_ANSWER = (OSError, http.client.HTTPException)


@dataclass
class Notes:
    """What was acknowledged, and what became of the rest."""

    titles: list[tuple[int, str]] = field(default_factory=list)
    published: list[int] = field(default_factory=list)
    unanswered: int = 0
    refused: dict[int, int] = field(default_factory=dict)

    @property
    def acknowledged(self) -> int:
        return len(self.titles) + len(self.published)


class Writers:
    """One thread for each milestone of `rows`, which saves it again and again, and one that
    publishes `submitted`, until `stop`."""

    def __init__(self, port: int, rows: Sequence[int], submitted: Sequence[int]) -> None:
        self.notes = Notes()
        self._over = threading.Event()
        self._waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for update in submitted:
            self._waiting.put(update)
        self._threads = [
            threading.Thread(target=self._save, args=(self._signed_in(port, "editor"), row))
            for row in rows
        ]
        self._threads.append(
            threading.Thread(target=self._publish, args=(self._signed_in(port, "reviewer"),))
        )

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def more(self, count: int, patience: float = 60) -> None:
        """Waits until so many more writes were acknowledged."""
        enough, end = self.notes.acknowledged + count, time.monotonic() + patience
        while self.notes.acknowledged < enough:
            if time.monotonic() > end:
                raise RuntimeError(f"nothing is acknowledged any more: {self.notes.refused}")
            time.sleep(0.005)

    def said(self) -> dict[str, list]:
        """What was acknowledged up to now."""
        return {"titles": list(self.notes.titles), "published": list(self.notes.published)}

    def _signed_in(self, port: int, name: str) -> Browser:
        browser = Browser(port)
        browser.sign_in(name)
        return browser

    def _save(self, browser: Browser, row: int) -> None:
        address = MILESTONE.format(row)
        for turn in itertools.count():
            title = f"turn {turn} of {row}"
            form = self._form(browser, address)
            if form and self._is_done(browser, address, form | {"title_en": title}):
                self.notes.titles.append((row, title))
            if self._over.is_set():
                return

    def _publish(self, browser: Browser) -> None:
        """Each once: whether one of no answer was published is the judge's question."""
        while not self._over.is_set() and not self._waiting.empty():
            update = self._waiting.get()
            form = self._form(browser, UPDATE.format(update))
            if not form:
                self._waiting.put(update)
                continue
            sent = {"csrfmiddlewaretoken": form["csrfmiddlewaretoken"]}
            if self._is_done(browser, PUBLISH.format(update), sent):
                self.notes.published.append(update)
            self._over.wait(0.05)

    def _form(self, browser: Browser, address: str) -> dict[str, str]:
        """What the form there holds; nothing where there is no answer, or another."""
        try:
            status, page = browser.ask(address)
        except NO_ANSWER:
            browser.connection.close()
            self._over.wait(0.02)
            return {}
        if status == 200:
            return Inputs(page).values
        self._refused(status)
        return {}

    def _is_done(self, browser: Browser, address: str, sent: dict[str, str]) -> bool:
        try:
            status, _page = browser.ask(address, sent)
        except NO_ANSWER:
            browser.connection.close()
            self.notes.unanswered += 1
            return False
        if status != 302:
            self._refused(status)
        return status == 302

    def _refused(self, status: int) -> None:
        self.notes.refused[status] = self.notes.refused.get(status, 0) + 1
        self._over.wait(0.05)
