"""The port on which Prometheus reads: apart from the one that people reach, so that no proxy can show it by mistake."""

from __future__ import annotations

from typing import Optional

from prometheus_client import start_http_server

from bot.errors import ReframeError


class NoMetrics(ReframeError):
    """The port cannot be opened."""


def serve_metrics(host: str, port: Optional[int]) -> Optional[int]:
    """Answer there from a thread, also while the rest of the process is busy; returns the port, None where none is set. Raises NoMetrics."""
    if port is None:
        return None
    try:
        server, _ = start_http_server(port, host)
    except OSError as error:
        raise NoMetrics(f"The metrics cannot be served on {host}:{port} ({error.strerror}). Set another port, or none, as docs/settings.md says.") from None
    return int(server.server_port)
