"""Prints, as JSON, how many queries each public page asks of the settings' database at most.

At most, of several addresses each: where no entry on a page corrects another, what was corrected is
not asked for.
"""

import json
import sys

from bench import addresses
from bench.data import set_up


def main() -> None:
    set_up()
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS = ["testserver"]
    client, found = Client(), {}
    for name in addresses.PAGES:
        client.get(addresses.page(name, 0))  # What is kept for good is kept now.
        counts = []
        for number in range(1, 9):
            with CaptureQueriesContext(connection) as captured:
                response = client.get(addresses.page(name, number))
                if response.streaming:
                    b"".join(response.streaming_content)
            counts.append(len(captured))
        found[name] = max(counts)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
