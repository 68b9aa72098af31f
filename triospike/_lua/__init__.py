"""Lua as Aerospike's functions know it, on lupa: the server runs functions in it, the client ends aggregations.

It knows neither server nor client: both tell it where modules are and what records hold.
"""
