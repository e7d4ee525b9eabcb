"""Generic traversal of IR nodes."""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING

from backend_lint.ir.nodes import Node

if TYPE_CHECKING:
    from collections.abc import Iterator


@cache
def child_fields(kind: type[Node]) -> tuple[str, ...]:
    """The fields of a node kind that hold nodes, tuples of nodes, or None."""
    scalar = {"str", "int", "bool"}
    annotations: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        annotations.update(inspect.get_annotations(base))
    return tuple(
        name
        for name in kind.__struct_fields__
        if str(annotations[name]) not in scalar and name not in ("start", "end")
    )


def children(node: Node) -> Iterator[Node]:
    """The direct child nodes, in source order of their fields."""
    for field in child_fields(type(node)):
        value = getattr(node, field)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield item


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, parents first, without recursion."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(list(children(current))))
