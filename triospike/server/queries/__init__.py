"""Scans and queries, background jobs and aggregations: everything that walks over many records."""
