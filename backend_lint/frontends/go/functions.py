"""Functions, methods and closures of Go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from backend_lint.frontends.go.glance import simple_parameters
from backend_lint.frontends.go.grammar import BETWEEN, COMMENT, IDENTIFIER, kind, token
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.go.grammar import ExpressionHandler, GoLowering, StatementHandler

_PARAMETER_LIST = kind("parameter_list")
_PARAMETERS = frozenset({kind("parameter_declaration"), kind("variadic_parameter_declaration")})
_VARIADIC = kind("variadic_parameter_declaration")
_BLOCK = kind("block")
_NAMES = frozenset({IDENTIFIER, kind("field_identifier")})
_SKIPPED = frozenset({token("func"), COMMENT, kind("type_parameter_list")})
_ELLIPSIS = token("...")


def parameters(lowering: GoLowering, node: tree_sitter.Node) -> list[ir.Parameter]:
    """The parameters of a `parameter_list`, one each even where they share a type."""
    start, end = node.start_byte + 1, node.end_byte - 1
    if start >= end:
        return []
    text = lowering.chars[start:end]
    if "(" not in text and "\n" not in text and text.isascii():
        glanced = simple_parameters(text, start)
        if glanced is not None:
            return glanced
    found: list[ir.Parameter] = []
    for child in node.children:
        number = child.kind_id
        if number in _PARAMETERS:
            _parameter(lowering, child, "*" if number == _VARIADIC else "", found)
    if any(item.name for item in found):
        _regroup(found)
    return found


def _regroup(found: list[ir.Parameter]) -> None:
    """Mend long groups such as `a, b, c int`, whose names the parser may take for types."""
    typed: ir.Parameter | None = None
    for index in range(len(found) - 1, -1, -1):
        item = found[index]
        if item.name:
            typed = item
        elif typed is not None and isinstance(item.annotation, ir.Name):
            found[index] = msgspec.structs.replace(typed, start=item.start, name=item.annotation.id)


def _parameter(
    lowering: GoLowering, node: tree_sitter.Node, variadic: str, found: list[ir.Parameter]
) -> None:
    end = node.end_byte
    names: list[tuple[int, int]] = []
    annotation: ir.Node | None = None
    for child in node.children:
        number = child.kind_id
        if number == IDENTIFIER:
            names.append((child.start_byte, child.end_byte))
        elif number not in BETWEEN and number != _ELLIPSIS:
            annotation = lowering.expression(child)
    if not names:
        found.append(ir.Parameter(node.start_byte, end, "", annotation, None, variadic, None, ()))
    for start, name_end in names:
        name = lowering.slice(start, name_end)
        found.append(ir.Parameter(start, end, name, annotation, None, variadic, None, ()))


def result(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node | None:
    """The annotation of the result of a function, given the type or list after its parameters."""
    if node.kind_id != _PARAMETER_LIST:
        return lowering.expression(node)
    return _results(node, parameters(lowering, node))


def _results(node: tree_sitter.Node, found: list[ir.Parameter]) -> ir.Node | None:
    types = [item.annotation for item in found if item.annotation is not None]
    if len(types) == 1:
        return types[0]
    if not types:
        return None
    return ir.Sequence(node.start_byte, node.end_byte, "tuple", tuple(types))


def _function(lowering: GoLowering, node: tree_sitter.Node, *, method: bool) -> ir.Function:
    start = node.start_byte
    name, name_start = "", start
    lists: list[tree_sitter.Node] = []
    typed: tree_sitter.Node | None = None
    block: tree_sitter.Node | None = None
    for child in node.children:
        number = child.kind_id
        if number == _PARAMETER_LIST:
            lists.append(child)
        elif number == _BLOCK:
            block = child
        elif number in _NAMES:
            name, name_start = lowering.text(child), child.start_byte
        elif number not in _SKIPPED:
            typed = child
    receiver = owner = ""
    if method and lists:
        receiver, owner = _receiver(lowering, lists.pop(0))
    taken = tuple(parameters(lowering, lists[0])) if lists else ()
    returns: ir.Node | None = None
    named: list[ir.Parameter] = []
    if len(lists) > 1:
        named = parameters(lowering, lists[1])
        returns = _results(lists[1], named)
        named = [item for item in named if item.name]
    elif typed is not None:
        returns = lowering.expression(typed)
    body: tuple[ir.Node, ...] = ()
    if block is not None:
        body = _body(lowering, block, named)
    return ir.Function(
        start,
        node.end_byte,
        name,
        receiver,
        owner,
        taken,
        returns,
        (),
        "function",
        name_start,
        body,
    )


def _receiver(lowering: GoLowering, node: tree_sitter.Node) -> tuple[str, str]:
    """The name and the type of a receiver, the type without pointer and type parameters."""
    for parameter in parameters(lowering, node):
        typed = parameter.annotation
        while isinstance(typed, ir.Subscript):
            typed = typed.value
        return parameter.name, typed.id if isinstance(typed, ir.Name) else ""
    return "", ""


def _body(
    lowering: GoLowering, block: tree_sitter.Node, named: list[ir.Parameter]
) -> tuple[ir.Node, ...]:
    """The statements of a function, after the declarations of its named results."""
    outer = lowering.results, lowering.in_switch
    lowering.results = names = tuple(
        [
            ir.Name(item.start, min(item.end, item.start + len(item.name.encode())), item.name)
            for item in named
        ]
    )
    lowering.in_switch = False
    body = lowering.block(block)
    lowering.results, lowering.in_switch = outer
    if not names:
        return body
    declared = [
        ir.Assign(item.start, item.end, (name,), None, "", item.annotation)
        for item, name in zip(named, names, strict=True)
    ]
    return (*declared, *body)


def method_element(lowering: GoLowering, node: tree_sitter.Node) -> ir.Function:
    """A method of an interface."""
    return _function(lowering, node, method=False)


def _literal(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    return _function(lowering, node, method=False)


def _declaration(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    out.append(_function(lowering, node, method=False))


def _method(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    out.append(_function(lowering, node, method=True))


EXPRESSIONS: dict[str, ExpressionHandler] = {"func_literal": _literal}

STATEMENTS: dict[str, StatementHandler] = {
    "function_declaration": _declaration,
    "method_declaration": _method,
}
