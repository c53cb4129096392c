"""The site, but that it says "saved" before it saves: a control that must lose.

What is sent to it is answered at once and done a little later by one thread, in order.
"""

import io
import os
import queue
import threading
import time

from lingang.wsgi import application as site

#: As long as whoever writes behind to save time would gather writes.
DELAY = 0.3
_waiting: "queue.Queue[tuple[float, dict]]" = queue.Queue()


def _work() -> None:
    while True:
        since, environ = _waiting.get()
        time.sleep(max(0.0, since + DELAY - time.monotonic()))
        answer = site(environ, lambda *_head: None)
        list(answer)
        if close := getattr(answer, "close", None):
            close()


def application(environ, start_response):
    if environ["REQUEST_METHOD"] != "POST" or "/login/" in environ["PATH_INFO"]:
        return site(environ, start_response)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    _waiting.put((time.monotonic(), environ | {"wsgi.input": io.BytesIO(body)}))
    start_response("302 Found", [("Location", environ["PATH_INFO"]), ("Content-Length", "0")])
    return [b""]


# Each worker has its own, which the process that they were forked from cannot give them.
os.register_at_fork(after_in_child=threading.Thread(target=_work, daemon=True).start)
