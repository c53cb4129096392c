"""PostgreSQL as the public site sees it: tables are views, and nothing of a view is a key."""
