"""Prints how PostgreSQL answers the questions of the list, its counts, searches and past days.

    python -m bench.plans [--pledges 100000] > docs/performance/plans.md

Each query that a page really sends is explained as it was sent, with ANALYZE and BUFFERS.
"""

import argparse
import os
from collections.abc import Iterator

from bench import data
from bench.postgres import Server
from bench.words import RARE_EN, RARE_ZH

PAGES = {
    "The list": "/en/pledges/",
    "The list, filtered": "/en/pledges/?status=in_progress&sector=sector-3&sort=-due",
    "The list, flagged": "/en/pledges/?flag=late&body=body-2",
    "The list as of a past day": "/en/pledges/?as_of=2024-11-15",
    "A search for a rare phrase": f"/en/pledges/?q=%22{RARE_EN.replace(' ', '%20')}%22",
    "A search for a Chinese word of two characters": f"/zh-hans/pledges/?q={RARE_ZH}",
    "A search for a common word": "/en/pledges/?q=the",
    "The home page": "/en/",
    "The latest updates": "/en/updates/",
}
#: The plans of the slowest queries of each page are shown, where they take so many ms.
SHOWN, WORTH_SHOWING = 3, 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--pledges", type=int, default=100_000)
    asked = parser.parse_args()
    with Server() as server:
        os.environ |= data.environment(server.database(asked.pledges))
        data.set_up()
        print(f"# Plans on PostgreSQL with {asked.pledges:,} pledges\n")
        print(
            "Made by `python -m bench.plans`: of each page the slowest queries, as it sends them.\n"
        )
        for title, address in PAGES.items():
            print(f"## {title}\n\n`{address}`\n")
            for line in _explained(address):
                print(line)
        from django.db import connection

        connection.close()
        connection.close_pool()


def _explained(address: str) -> Iterator[str]:
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    settings.ALLOWED_HOSTS = ["testserver"]
    sent: list[tuple[str, tuple]] = []

    def note(execute, sql, parameters, many, context):
        sent.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        Client().get(address)
    plans = []
    for sql, parameters in sent:
        if not sql.startswith(("SELECT", "WITH")):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {sql}", parameters)
            plan = [row[0] for row in cursor.fetchall()]
        plans.append((float(plan[-1].split()[-2]), sql, plan))
    total = sum(taken for taken, _sql, _plan in plans)
    yield f"{len(plans)} queries, {total:,.1f} ms in all.\n"
    plans.sort(key=lambda one: -one[0])
    for taken, sql, plan in plans[:SHOWN]:
        if taken >= WORTH_SHOWING:
            yield f"{taken:,.1f} ms\n\n```sql\n{_short(sql)}\n```\n```"
            yield "\n".join(plan[:60]) + "\n```\n"


def _short(sql: str, length: int = 1500) -> str:
    """A query without the columns that nobody looks for, and not endlessly long."""
    return sql if len(sql) <= length else f"{sql[: length // 2]} … {sql[-length // 2 :]}"


if __name__ == "__main__":
    main()
