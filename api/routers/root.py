"""What monitoring asks for, outside the versioned API."""

from __future__ import annotations

from fastapi import Response

from api.deps import MetricsReader, TheServices, guarded_router
from api.metrics import MEDIA_TYPE
from api.routers.misc import health
from api.schemas import HealthOut

router = guarded_router("monitoring", prefix="")


@router.get("/healthz")
def get_root_health(services: TheServices) -> HealthOut:
    """The same as /api/v1/healthz, where load balancers look for it."""
    return health(services)


@router.get("/metrics", response_class=Response)
def get_metrics(caller: MetricsReader, services: TheServices) -> Response:
    """Counts and latencies for Prometheus; give it a token of the role viewer."""
    return Response(services.metrics.render(), media_type=MEDIA_TYPE)
