"""The HTTP face of the service: routes, schemas, sessions and roles."""
