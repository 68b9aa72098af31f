"""Expressions, file by file; programs get them from `triospike.exp`."""
