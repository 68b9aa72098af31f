"""What a node keeps: records, in memory."""
