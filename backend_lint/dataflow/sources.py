"""Words for where a flow of data begins, and for what about the data does harm."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Protocol

import msgspec

from backend_lint.models.rows import Row

if TYPE_CHECKING:
    from backend_lint.facts import values as v
    from backend_lint.semantics.references import FunctionNode


class Origin(enum.Enum):
    """What kind of place a value comes from."""

    REMOTE = "remote"
    PARAMETER = "parameter"
    UNKNOWN = "unknown"
    TRUSTED = "trusted"
    STORED = "stored"
    CONSTANT = "constant"
    LIMIT = "limit"
    CLEAN = "clean"
    SECRET = "secret"  # noqa: S105 - a word, not a secret


class Shape(enum.Enum):
    """What about the data does harm.

    Its text, that it may be an object of any form, that nobody chose which fields it has, that it
    is the beginning of an address, how large a number it is, or that others chose it, whatever it
    is.
    """

    TEXT = "text"
    OBJECT = "object"
    WHOLE = "whole"
    HOST = "host"
    NUMBER = "number"
    CHOICE = "choice"


# Shapes of harm that only objects carry.
OBJECTS = frozenset({Shape.OBJECT, Shape.WHOLE})
# Shapes of harm that a text does not carry, unless it is parsed.
PARSED = OBJECTS | {Shape.NUMBER}
# Shapes of harm for which it matters what a text holds, and not who chose it.
TEXTS = frozenset({Shape.TEXT, Shape.HOST})
# Kinds whose harm is done by the host of an address.
HOST_KINDS = frozenset({"ssrf", "redirect"})
# Shapes of harm that a number does as well as a text.
ANY_TYPE = frozenset({Shape.NUMBER, Shape.CHOICE})


class Beginning(msgspec.Struct, frozen=True):
    """The beginning of a flow.

    Attributes:
        origin: what kind of place it is.
        row: the model row that says so, None if none does.
        name: the name that says so, of a secret.
    """

    origin: Origin
    row: Row | None = None
    name: str = ""


CLEAN = Beginning(Origin.CLEAN)


class Sources(Protocol):
    """Tells where flows begin and what ends them, for one taint kind.

    Attributes:
        can_be_checked: a check can vouch for the data; what must stay inside stays what it is.
        counts_in_development: it does harm also where the program runs for its developers only.
    """

    can_be_checked: bool
    counts_in_development: bool

    def at(
        self, function: FunctionNode, at: int, fields: tuple[str, ...], *, parsed: bool
    ) -> Beginning | None:
        """What begins at a value; None if the flow goes further back."""

    def is_sanitized(self, function: FunctionNode, at: int, call: v.Invoke) -> bool:
        """The result of the call is safe, whatever went in."""

    def is_safe(self, function: FunctionNode, at: int) -> bool:
        """A value that nothing flows into ends the search without a beginning."""

    def dead_end(self, function: FunctionNode, at: int) -> Origin:
        """What a value is called from which the search finds no way further back."""


def covers(row: Row, kind: str, shape: Shape) -> bool:
    """A sanitizer's or guard's row speaks of the taint kind.

    A row of all kinds, `*`, tells that no text gets through: a number does. Where that does harm,
    only rows of the kind itself count.
    """
    return kind in row.kinds or ("*" in row.kinds and shape not in ANY_TYPE)
