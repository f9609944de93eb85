"""For those who run the server: alive (/healthz), ready (/readyz), metrics (/metrics)."""

import os

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from brassleaf.errors import Forbidden
from brassleaf.http.addresses import client_address, is_in
from brassleaf.http.answers import json_answer
from brassleaf.settings import Settings
from brassleaf.store.port import Store

#: Set by `brassleaf serve --workers`: where prometheus_client adds up the numbers of several processes.
SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"


def health_routes(store: Store, settings: Settings) -> list[BaseRoute]:
    """The three addresses, outside the API."""

    async def healthz(_: Request) -> Response:
        return json_answer({"status": "ok"})

    async def readyz(_: Request) -> Response:
        await store.ping()
        return json_answer({"status": "ready"})

    async def metrics(request: Request) -> Response:
        if not is_in(client_address(request, settings.trusted_proxies), settings.metrics_from):
            raise Forbidden("Metrics are shown to the addresses of BRASSLEAF_METRICS_FROM only.")
        registry = REGISTRY
        if SHARED_METRICS in os.environ:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
