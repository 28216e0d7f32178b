"""The HTTP API: what people's browsers and other programs may ask of the service."""

from api.app import create_app
from api.services import Inspect, ModelInfo, Options, Services

__all__ = ["Inspect", "ModelInfo", "Options", "Services", "create_app"]
