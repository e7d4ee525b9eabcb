"""Which variables a body binds, without looking into nested functions and classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


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
        find = _BINDERS.get(type(node))
        if find is not None:
            find(node, names, stack)
    return names


def _assign(node: ir.Assign, names: set[str], _stack: list[ir.Node]) -> None:
    for target in node.targets:
        if type(target) is ir.Name:
            names.add(target.id)
        else:
            names.update(target_names(target))


def _function(node: ir.Function, names: set[str], _stack: list[ir.Node]) -> None:
    if node.name and not node.owner:
        names.add(node.name)


def _class(node: ir.Class, names: set[str], _stack: list[ir.Node]) -> None:
    if node.name:
        names.add(node.name)


def _branch(node: ir.Branch, _names: set[str], stack: list[ir.Node]) -> None:
    stack.extend(node.then)
    stack.extend(node.otherwise)


def _loop(node: ir.Loop, names: set[str], stack: list[ir.Node]) -> None:
    names.update(target_names(node.key))
    names.update(target_names(node.target))
    stack.extend(node.body)
    stack.extend(node.otherwise)


def _try(node: ir.Try, names: set[str], stack: list[ir.Node]) -> None:
    for block in (node.body, node.otherwise, node.final):
        stack.extend(block)
    for handler in node.handlers:
        if handler.name:
            names.add(handler.name)
        stack.extend(handler.body)


def _with(node: ir.With, names: set[str], stack: list[ir.Node]) -> None:
    names.update(target_names(node.target))
    stack.extend(node.body)


def _import(node: ir.Import, names: set[str], _stack: list[ir.Node]) -> None:
    if node.alias:
        names.add(node.alias)


def _unknown(node: ir.Unknown, _names: set[str], stack: list[ir.Node]) -> None:
    stack.extend(node.children)


_BINDERS: dict[type[ir.Node], Callable[[Any, set[str], list[ir.Node]], None]] = {
    ir.Assign: _assign,
    ir.Function: _function,
    ir.Class: _class,
    ir.Branch: _branch,
    ir.Loop: _loop,
    ir.Try: _try,
    ir.With: _with,
    ir.Import: _import,
    ir.Unknown: _unknown,
}
