"""One module per subject; together they are the API below /api/v1."""
