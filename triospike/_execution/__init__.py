"""Running commands: event loops with their limits, attempts and retries, and what becomes of abandoned answers."""
