"""Pictures with labels: class list, importers, splits, rendered scenes."""
