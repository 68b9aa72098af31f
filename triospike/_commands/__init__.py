"""Commands: what to send for a call, where to, and what the answer means. No node and no socket is known here."""
