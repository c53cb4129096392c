"""Questions about a record that are asked in a process of their own, set up for its database."""

import json
import subprocess
import sys
from typing import Any

from bench import data
from bench.measure import TooSlow

PATIENCE = 240


def ask(module: str, url: str, *arguments: str) -> Any:
    """What `python -m module` prints as JSON, on the database at `url`."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=data.ROOT,
            env=data.environment(url),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        raise TooSlow(module, PATIENCE) from error
    if done.returncode:
        raise RuntimeError(f"{module}: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout)
