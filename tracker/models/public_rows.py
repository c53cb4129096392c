"""Which rows are public, as conditions in SQL on a table, for `models.public`."""


def there_is(rows: str) -> str:
    """Whether there are such `rows`, from FROM on."""
    return f"EXISTS (SELECT 1 {rows})"


def of_a_public_pledge(table: str) -> str:
    return there_is(
        f"FROM tracker_pledge p WHERE p.id = {table}.pledge_id AND p.published_at IS NOT NULL"
    )


def of_a_public_pledge_or_none(table: str) -> str:
    return f"({table}.pledge_id IS NULL OR {of_a_public_pledge(table)})"


def of_a_closed_period(table: str) -> str:
    return there_is(
        f"FROM tracker_period c WHERE c.id = {table}.period_id AND c.closed_at IS NOT NULL"
    )


def of_a_published_update(table: str) -> str:
    return there_is(
        f"FROM tracker_update u WHERE u.id = {table}.update_id AND u.state = 'published'"
    )


def measured(table: str, key: str) -> str:
    """The published values of an indicator, from FROM on."""
    return (
        f"FROM tracker_measurement m WHERE m.indicator_id = {table}.{key} "
        "AND m.published_at IS NOT NULL"
    )


def told(table: str, key: str) -> str:
    """What the record says of a milestone, from FROM on."""
    return (
        "FROM tracker_milestonechange c JOIN tracker_update u ON u.id = c.update_id "
        f"WHERE c.milestone_id = {table}.{key} AND u.state = 'published'"
    )


def since(table: str, moment: str, rows: str) -> str:
    """Of a table of history: what was saved since a moment, and the save before, which then held.

    What was written before readers could see anything of it is told to nobody. The `moment` is
    that of `rows`, from FROM on; where these are none, no save is public.
    """
    later = (
        f"FROM {table} l WHERE l.id = {table}.id AND l.history_date <= known.since "
        f"AND (l.history_date, l.history_id) > ({table}.history_date, {table}.history_id)"
    )
    return there_is(
        f"FROM (SELECT {moment} AS since {rows}) known "
        f"WHERE {table}.history_date >= known.since OR "
        f"(known.since IS NOT NULL AND NOT {there_is(later)})"
    )


def since_publication(table: str, pledge: str) -> str:
    public = f"FROM tracker_pledge p WHERE p.id = {table}.{pledge} AND p.published_at IS NOT NULL"
    return since(table, "p.published_at", public)
