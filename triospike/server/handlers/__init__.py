"""One file for each kind of request: message in, answer out."""
