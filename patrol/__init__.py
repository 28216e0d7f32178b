"""The running service: settings, commands and the wiring of all rooms."""
