"""Call frames on the way through functions, and values that are the same thing elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.facts import values as v
from backend_lint.semantics.definitions import definitions
from backend_lint.semantics.references import FunctionNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex

MAX_FRAMES = 5
"""How deep calls are followed into the functions that they run."""


class Frame(msgspec.Struct, frozen=True):
    """A call we followed into its function, so that parameters mean its arguments.

    Attributes:
        caller: the function that calls.
        call: the value of the call there.
        outer: the frame of the caller, None where we started.
        depth: number of frames.
    """

    caller: FunctionNode
    call: int
    outer: Frame | None
    depth: int = 1

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for equal ways."""
        return (self.caller.key, self.call, None if self.outer is None else self.outer.key)


def is_list_conversion(function: FunctionNode, call: v.Invoke) -> bool:
    """`[]byte(text)`: the same data in a list of another type."""
    callee = function.fact.values[call.callee]
    if type(callee) is not v.Item or len(call.args) != 1:
        return False
    base = function.fact.values[callee.base]
    return type(base) is v.Global and base.name == "[]"


def is_super(function: FunctionNode, at: int) -> bool:
    """`super`, or a call of it: the object that a method is called on, as one of a base."""
    value = function.fact.values[at]
    if type(value) is v.Invoke:
        value = function.fact.values[value.callee]
    return type(value) is v.Global and value.name == "super"


def aliases(
    index: ProjectIndex, function: FunctionNode, at: int
) -> Iterator[tuple[FunctionNode, int]]:
    """The values of other functions and files that a name or a member of a module is."""
    return definitions(index.resolver, function, at)
