"""Connections and pools: the only rooms of the client that touch a socket."""
