"""Secondary indexes: what they are defined by, what they hold, and how they are kept."""
