"""Model files with their cards: load, verify, choose."""
