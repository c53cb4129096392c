"""PostgreSQL as the public site sees it: tables are views, of which nothing is known to be a key."""
