"""One file as a local rule sees it."""

from __future__ import annotations

import msgspec

from backend_lint.ir.nodes import Module
from backend_lint.source import SourceFile


class Unit(msgspec.Struct, frozen=True):
    """A file in the map stage.

    Attributes:
        source: path, language and text.
        module: the IR; None for SQL and configuration files.
    """

    source: SourceFile
    module: Module | None
