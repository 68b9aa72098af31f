"""A Trio-native client for the Aerospike database, with an embedded server."""
