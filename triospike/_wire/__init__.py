"""The wire protocol, without sockets and clocks: bytes in, values out. Client and server share it."""
