"""Where one may be sent after signing in."""

from __future__ import annotations

import re

_OUR_PATH = re.compile(r"/staff(/[\w.~-]+)*/?(\?[\w=&%+.~-]*)?", re.ASCII)


def is_ours(address: str) -> bool:
    """Whether ``address`` is a staff page's: a path of ours, no host, nothing that a browser may read as one."""
    return _OUR_PATH.fullmatch(address) is not None and not address.startswith("/staff/sign-")
