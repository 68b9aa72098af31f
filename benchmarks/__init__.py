"""Measures triospike beside every other Python client, on one server, in one run. See README.md beside this file.

What runs in the process of a peer (`worker`, `peers`, `drivers` and what they import) needs the standard library
and that peer alone, so that its memory is its own.
"""
