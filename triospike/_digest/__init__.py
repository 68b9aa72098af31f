"""Message digests that the platform's OpenSSL may lack."""
