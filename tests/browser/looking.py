"""What axe finds wrong with a page that a browser shows."""

from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe

STANDARDS = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa")
#: What a reader with a disability is stopped by.
GRAVE = {"serious", "critical"}


def faults(page, *, rules: Sequence[str] = (*STANDARDS, "best-practice"), are_grave=False):
    """A line for each fault: where, which of axe's rules, and what breaks it.

    `rules` are names of axe's rules or of groups of them; `are_grave` leaves out slight ones.
    """
    # What holds is not told of: it would take most of the time.
    options = {"runOnly": list(rules), "resultTypes": ["violations"]}
    return [
        f"{page.url}: {fault['id']}: {[node['target'] for node in fault['nodes']][:3]}"
        for fault in Axe().run(page, options=options).response["violations"]
        if fault["impact"] in GRAVE or not are_grave
    ]
