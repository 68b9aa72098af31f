"""Requests of the official client, and what a real server of version 8.1.2 answered to them, recorded once."""
