"""The staff desk: Django's admin, one module for each group of nouns; `registry` loads them."""
