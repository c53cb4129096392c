"""SQLite whose file stays open from one request to the next."""
