"""How pledges are called for ever."""

#: A code such as P1.03, as a regular expression of the whole.
CODE_PATTERN = r"[A-Z0-9][A-Z0-9.-]{0,19}"
