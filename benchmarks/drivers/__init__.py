"""How a peer is driven: a file for each kind of loop, with `run` in it."""
