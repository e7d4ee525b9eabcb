"""Classes written as functions: `function Store(db) { this.db = db; }` with its prototype."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_THIS = "this"


def as_classes(body: Sequence[ir.Node]) -> tuple[ir.Node, ...]:
    """The statements of a module, with classes in the place of functions that are meant as such.

    A function with a capital letter that sets fields of `this`, or whose prototype is given
    methods, is a class of which it is the constructor.
    """
    functions = {name for node in body if (name := _made(node))}
    methods: dict[str, list[ir.Function]] = {}
    rest: list[ir.Node] = []
    for node in body:
        name, found = _on_prototype(node)
        if name in functions and found:
            methods.setdefault(name, []).extend(found)
        else:
            rest.append(node)
    return tuple([_converted(node, methods) for node in rest])


def _made(node: ir.Node) -> str:
    """The name that a statement gives a function or a class."""
    if isinstance(node, (ir.Function, ir.Class)):
        return node.name
    if isinstance(node, ir.Assign) and isinstance(node.value, ir.Function) and not node.operator:
        target = node.targets[0]
        return target.id if isinstance(target, ir.Name) else ""
    if isinstance(node, ir.Export) and isinstance(node.value, ir.Function):
        return node.value.name or node.name
    return ""


def _converted(node: ir.Node, methods: dict[str, list[ir.Function]]) -> ir.Node:
    name = _made(node)
    own = methods.get(name, [])
    if isinstance(node, ir.Class):
        return msgspec.structs.replace(node, body=(*node.body, *own)) if own else node
    function = node.value if isinstance(node, (ir.Assign, ir.Export)) else node
    if not name or not isinstance(function, ir.Function) or function.receiver:
        return node
    if not own and not (name[:1].isupper() and _sets_fields(function)):
        return node
    constructor = msgspec.structs.replace(function, name="constructor", receiver=_THIS)
    body = (constructor, *own)
    owner = ir.Class(function.start, function.end, name, "class", (), (), body)
    if isinstance(node, (ir.Assign, ir.Export)):
        return msgspec.structs.replace(node, value=owner)
    return owner


def _sets_fields(node: ir.Function) -> bool:
    return any(
        isinstance(statement, ir.Assign)
        and any(
            isinstance(target, ir.Attribute)
            and isinstance(target.value, ir.Name)
            and target.value.id == _THIS
            for target in statement.targets
        )
        for statement in node.body
    )


def _on_prototype(node: ir.Node) -> tuple[str, list[ir.Function]]:
    """The class whose prototype a statement gives methods, and these; empty for another one."""
    if isinstance(node, ir.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        owner = _prototype_of(target)
        if owner and isinstance(node.value, ir.Mapping):
            return owner, list(_entries(node.value))
        if isinstance(target, ir.Attribute) and isinstance(node.value, ir.Function):
            return _prototype_of(target.value), [_method(node.value, target.name)]
    elif (
        isinstance(node, ir.Call)
        and isinstance(node.callee, ir.Attribute)
        and node.callee.name == "assign"
        and len(node.arguments) > 1
        and isinstance(mapping := node.arguments[1].value, ir.Mapping)
    ):
        return _prototype_of(node.arguments[0].value), list(_entries(mapping))
    return "", []


def _prototype_of(node: ir.Node) -> str:
    if (
        isinstance(node, ir.Attribute)
        and node.name == "prototype"
        and isinstance(node.value, ir.Name)
    ):
        return node.value.id
    return ""


def _entries(mapping: ir.Mapping) -> Iterator[ir.Function]:
    for entry in mapping.entries:
        if isinstance(entry.key, ir.Literal) and isinstance(entry.value, ir.Function):
            yield _method(entry.value, str(entry.key.value))


def _method(function: ir.Function, name: str) -> ir.Function:
    receiver = function.receiver or _THIS
    return msgspec.structs.replace(function, name=name, receiver=receiver)
