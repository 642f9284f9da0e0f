"""What answers on the server's port until the model is loaded: the process lives and is not ready, and whoever writes is asked to try again in a moment."""

from __future__ import annotations

import json
import logging
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from bot.errors import ReframeError

log = logging.getLogger(__name__)
LIVES = (200, {"status": "ok"})
SAID = "This service is just starting. Try again in a moment; if you are in danger, call your local emergency number."
NOT_YET = (503, {"error": {"code": "starting", "message": SAID}})
RETRY_SECONDS, MOST_SECONDS, MOST_BYTES = 3, 5.0, 1_000_000
"""When to try again, how long one request may take to arrive, and how much of it is read."""


class NoPort(ReframeError):
    """The port cannot be opened."""


class Starting:
    """Answers from a thread of its own. The socket is kept open when it ends, so that whoever comes in between only waits."""

    def __init__(self, host: str, port: int) -> None:
        """Listens at once. Raises NoPort."""
        try:
            self.socket = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=128)
        except OSError as error:
            raise NoPort(
                f"The server cannot listen on {host}:{port} ({error.strerror}). Set REFRAME_HOST or REFRAME_PORT, or stop what listens there."
            ) from None
        self._server = Server((host, port), Handler, bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = self.socket
        Thread(target=self._server.serve_forever, args=(0.05,), name="starting", daemon=True).start()

    def over(self) -> socket.socket:
        """Answer nothing more; returns the socket, on which somebody else has to answer now."""
        self._server.shutdown()
        return self.socket


class Server(ThreadingHTTPServer):
    """Says no more of a request that broke than that it did; mostly somebody hung up while the model was being loaded."""

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002  # the signature of socketserver
        """Without the address of whoever it was."""
        log.info("a request during the start broke", exc_info=True)


class Handler(BaseHTTPRequestHandler):
    """Any request, whatever its method."""

    timeout = MOST_SECONDS

    def answer(self) -> None:
        """Yes to whether the process lives, not yet to everything else."""
        length = self.headers.get("Content-Length", "")
        self.rfile.read(min(int(length), MOST_BYTES) if length.isdigit() else 0)  # an unread body would reset the line before the answer is seen
        status, said = LIVES if self.path == "/healthz" else NOT_YET
        body = json.dumps(said).encode()
        self.send_response(status)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Retry-After", str(RETRY_SECONDS))):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_DELETE = do_OPTIONS = answer  # noqa: N815  # the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Nothing: addresses of people are not logged."""
