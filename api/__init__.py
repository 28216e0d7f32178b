"""The HTTP API: what people's browsers and other programs may ask of the service."""

from api.app import create_app
from api.services import Eyes, Inspect, ModelInfo, Options, Services

__all__ = ["Eyes", "Inspect", "ModelInfo", "Options", "Services", "create_app"]
