"""Which variables a body binds, without looking into nested functions and classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    from collections.abc import Iterable


def target_names(target: ir.Node | None) -> Iterable[str]:
    """The variables that an assignment target binds."""
    stack = [target]
    while stack:
        node = stack.pop()
        if isinstance(node, ir.Name):
            yield node.id
        elif isinstance(node, ir.Sequence):
            stack.extend(node.elements)
        elif isinstance(node, ir.Mapping):
            stack.extend(entry.value for entry in node.entries)
        elif isinstance(node, ir.Spread):
            stack.append(node.value)
        elif isinstance(node, ir.Assign):
            stack.extend(node.targets)


def bound_names(body: Iterable[ir.Node]) -> set[str]:
    """The variables that the statements of a body bind, at any depth of control."""
    names: set[str] = set()
    stack: list[ir.Node] = list(body)
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is ir.Assign:
            assert isinstance(node, ir.Assign)
            for target in node.targets:
                names.update(target_names(target))
        elif isinstance(node, (ir.Function, ir.Class)):
            if node.name and not (isinstance(node, ir.Function) and node.owner):
                names.add(node.name)
        elif isinstance(node, ir.Branch):
            stack.extend(node.then)
            stack.extend(node.otherwise)
        elif isinstance(node, ir.Loop):
            names.update(target_names(node.key))
            names.update(target_names(node.target))
            stack.extend(node.body)
            stack.extend(node.otherwise)
        elif isinstance(node, ir.Try):
            stack.extend(node.body)
            stack.extend(node.otherwise)
            stack.extend(node.final)
            for handler in node.handlers:
                if handler.name:
                    names.add(handler.name)
                stack.extend(handler.body)
        elif isinstance(node, ir.With):
            names.update(target_names(node.target))
            stack.extend(node.body)
        elif isinstance(node, ir.Import):
            if node.alias:
                names.add(node.alias)
        elif isinstance(node, ir.Unknown):
            stack.extend(node.children)
    return names
