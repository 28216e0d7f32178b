"""Frames in, looks and incidents out: the part that sees, free of database, web and torch."""
