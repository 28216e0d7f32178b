"""The tables' revisions, part of the package so that an installed service can migrate itself."""
