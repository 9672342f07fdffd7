"""Messages a second of one Celery task a message that sends with SendGrid's SDK as it is shipped."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Self

from bench.peer.tasks import SDK
from bench.place import Place
from bench.plain_tasks import PlainTasks
from tests.fakes.client import Fake


class SdkTasks:
    """The plain competitor with two worker processes, sending for real."""

    def __init__(self, place: Place, vendor: Fake) -> None:
        bundle, self.trusts = _bundle(place.directory, vendor)
        settings = vendor.environment()
        self._place = place
        self._tasks = PlainTasks(
            place,
            (SDK,),
            {
                "SSL_CERT_FILE": str(bundle),
                "PEER_SENDGRID_KEY": settings["SENDGRID_API_KEY"],
                "PEER_SENDGRID_URL": settings["SENDGRID_API_URL"],
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._place.stop(self._tasks.worker)

    def measure(self, count: int) -> float:
        """Messages a second, publishing included."""
        return self._tasks.measure(SDK, count)


def _bundle(directory: Path, vendor: Fake) -> tuple[Path, str]:
    """The system's authorities and the vendor's: the SDK reads them anew for each message. And what they are."""
    system = ssl.get_default_verify_paths().cafile
    own = vendor.ca_file.read_text(encoding="ascii")
    bundle = directory / "authorities.pem"
    known = Path(system).read_text(encoding="utf-8") if system else ""
    bundle.write_text(f"{known}\n{own}", encoding="utf-8")
    number = known.count("BEGIN CERTIFICATE")
    return bundle, f"the system's {number} authorities, which it reads for each message" if number else "one"
