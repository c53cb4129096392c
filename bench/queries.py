"""Prints, as JSON, how many queries each public page asks of the settings' database."""

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
        client.get(addresses.page(name, 1))  # What is kept for good is kept now.
        with CaptureQueriesContext(connection) as captured:
            response = client.get(addresses.page(name, 2))
            if response.streaming:
                b"".join(response.streaming_content)
        found[name] = len(captured)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
