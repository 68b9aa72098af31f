"""Expressions: built once, with their types checked, and then evaluated for a record (protocol section 12)."""
