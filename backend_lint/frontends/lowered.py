"""What a front end gives back."""

from __future__ import annotations

import msgspec

from backend_lint.ir.nodes import Module
from backend_lint.source import Region


class Lowered(msgspec.Struct, frozen=True):
    """A file after lowering.

    Attributes:
        module: its IR.
        comments: the regions of its comments, in order; empty where no text of the file looks like
            a suppression directive, because nothing else asks for them.
        errors: regions that the parser could not make sense of, in order, outermost only.
    """

    module: Module
    comments: tuple[Region, ...]
    errors: tuple[Region, ...]
