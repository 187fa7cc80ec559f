"""The cases that are no ladder of callers."""

CASES = {}
