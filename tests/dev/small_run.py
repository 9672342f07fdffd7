"""``make run`` with small processes in place of the app: a web server and a worker that waits.

Run as a script by the supervisor's tests, with up to four words: WORKER and FIRST (Python code),
READY_SECONDS, UNREADY_PATH.
"""

from __future__ import annotations

import sys
from pathlib import Path

from engage.dev import supervisor
from engage.dev.processes import App, ProcessSpec

WEB = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if self.path == sys.argv[2] else 200)
        self.end_headers()
        self.wfile.write(b"beat is not heard")
    def log_message(self, *args): pass
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
WAIT = "import time; print('worker waits'); time.sleep(600)"


def main(worker: str = "", first: str = "", ready_seconds: str = "20", unready: str = "-") -> int:
    """Runs the supervisor and returns its exit code."""

    def app(project: Path, data_dir: Path, port: int) -> App:
        return App(
            data_dir,
            ProcessSpec("migrate", (sys.executable, "-c", first)) if first else None,
            (
                ProcessSpec("web", (sys.executable, "-c", WEB, str(port), unready)),
                ProcessSpec("worker", (sys.executable, "-c", worker or WAIT), grace_seconds=1),
            ),
            data_dir / "migrations",
        )

    return supervisor.run(app=app, ready_seconds=float(ready_seconds))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
