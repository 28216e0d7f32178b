"""Draws street scenes with exact labels, because real pictures of stalls and spills are few."""
