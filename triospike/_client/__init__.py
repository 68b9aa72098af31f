"""The calls of a client, a file for each family; `triospike.client` puts them together."""
