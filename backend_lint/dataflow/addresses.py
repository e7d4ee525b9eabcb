"""Which part of the text of an address decides its host."""

from __future__ import annotations

import re

# Nothing, or a scheme and at most a piece of the host.
_OPEN = re.compile(r"\s*(?:[A-Za-z][\w+.-]*:)?(?://?[^/?#\\]*)?")
_LOCAL = re.compile(r"\s*/[^/\\]")


def leaves_host_open(before: str) -> bool:
    """Whether what follows a text can still decide the host of an address.

    A null character stands for data: behind some, the host is no longer open, because who puts
    something before a path means it to be the host.
    """
    return "\0" not in before and bool(_OPEN.fullmatch(before)) and not _LOCAL.match(before)
