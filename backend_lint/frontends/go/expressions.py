"""Expressions of Go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.frontends.go import composites, functions, literals, types
from backend_lint.frontends.go.glance import LIMIT, called, simple_arguments
from backend_lint.frontends.go.grammar import BETWEEN, COMMENT, kind, token
from backend_lint.frontends.go.texts import built, is_text
from backend_lint.frontends.go.types import instantiated
from backend_lint.frontends.lowering import ERROR_KIND, template
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.go.grammar import ExpressionHandler, GoLowering

_BINARY = kind("binary_expression")
_RUNE = kind("rune_literal")
_AND_NOT = "&^"
_OPERATORS = {
    token(word): {"&&": "and", "||": "or"}.get(word, word)
    for word in (
        *("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "&&", "||"),
        *("==", "!=", "<", "<=", ">", ">=", _AND_NOT),
    )
}
_ASSOCIATIVE = frozenset({"+", "*", "&", "|", "^", "and", "or"})
_UNARY = {
    token(word): {"!": "not", "^": "~", "<-": "receive"}.get(word, word)
    for word in ("!", "^", "<-", "-", "+")
}
_COLON = token(":")


def _arguments(
    lowering: GoLowering, node: tree_sitter.Node, *, glance: bool
) -> tuple[ir.Argument, ...]:
    """The arguments of a call; without a glance where it is known to fail."""
    start, end = node.start_byte + 1, node.end_byte - 1
    if start >= end:
        return ()
    if glance and end - start <= LIMIT:
        text = lowering.chars[start:end]
        if "\n" not in text and text.isascii():
            glanced = simple_arguments(text, start)
            if glanced is not None:
                return glanced
    found = []
    for child in node.children:
        if child.kind_id not in BETWEEN:
            value = lowering.expression(child)
            found.append(ir.Argument(child.start_byte, child.end_byte, "", value))
    return tuple(found)


def _call(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    start, end = node.start_byte, node.end_byte
    children = node.children
    if len(children) != 2:
        children = lowering.tokens(node)
        if len(children) < 2:
            return lowering.unknown(node)
    callee = lowering.expression(children[0])
    # A short call of something simple is here because its arguments are not.
    glance = (
        end - start > LIMIT
        or callee.__class__ is not ir.Attribute
        or type(callee.value) is not ir.Name
    )
    given = _arguments(lowering, children[-1], glance=glance)
    if callee.__class__ is ir.Attribute:
        text = built(lowering, start, end, callee, given)
        if text is not None:
            return text
    if len(children) == 3:
        callee = instantiated(lowering, children[1].end_byte, callee, children[1])
    return called(start, end, callee, given)


def _variadic(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    value = lowering.expression(node.children[0])
    return ir.Spread(node.start_byte, node.end_byte, value, "*")


def _conversion(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    items = lowering.items(node)
    if len(items) != 2:
        return lowering.unknown(node)
    callee, value = lowering.expression(items[0]), lowering.expression(items[1])
    argument = ir.Argument(value.start, value.end, "", value)
    return ir.Call(node.start_byte, node.end_byte, callee, (argument,), False)


def _instantiation(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    children = lowering.tokens(node)
    value = lowering.expression(children[0])
    items = [lowering.expression(child) for child in children[1:] if child.kind_id not in BETWEEN]
    if not items:
        return value
    index = items[0]
    if len(items) > 1:
        index = ir.Sequence(index.start, items[-1].end, "tuple", tuple(items))
    return ir.Subscript(node.start_byte, node.end_byte, value, index)


def _selector(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    start, end = node.start_byte, node.end_byte
    children = node.children
    if len(children) != 3:
        children = lowering.tokens(node)
        if len(children) != 3:
            return lowering.unknown(node)
    value = lowering.expression(children[0])
    return ir.Attribute(start, end, value, lowering.text(children[2]))


def _slice(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    """A bound that is left out before another is nil; those left out at the end are left out."""
    start, end = node.start_byte, node.end_byte
    children = lowering.tokens(node)
    value = lowering.expression(children[0])
    bounds: list[ir.Node] = []
    missing = True
    for child in children[2:-1]:
        at = child.start_byte
        if child.kind_id != _COLON:
            bounds.append(lowering.expression(child))
            missing = False
            continue
        if missing:
            bounds.append(ir.Literal(at, at, None))
        missing = True
    while bounds and isinstance(bounds[-1], ir.Literal) and bounds[-1].value is None:
        bounds.pop()
    at = min(value.end, end)
    index = ir.Operation(at, end, "slice", tuple(bounds))
    return ir.Subscript(start, end, value, index)


def _assertion(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    return lowering.expression(node.children[0])


def _unary(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    children = node.children
    if len(children) != 2:
        children = lowering.tokens(node)
        if len(children) != 2:
            return lowering.unknown(node)
    operand = lowering.expression(children[1])
    operator = _UNARY.get(children[0].kind_id)
    if operator is None:
        return operand
    start, end = node.start_byte, node.end_byte
    if operator == "-" and isinstance(operand, ir.Literal) and type(operand.value) in (int, float):
        return ir.Literal(start, end, -operand.value)  # type: ignore[operator]
    return ir.Operation(start, end, operator, (operand,))


def _binary(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    start, end = node.start_byte, node.end_byte
    operands = _operands(lowering, node)
    if operands is None:
        return lowering.unknown(node)
    number, nodes = operands
    operator = _OPERATORS[number]
    values = [lowering.expression(operand) for operand in nodes]
    if operator == "+":
        # A rune is a number, though it is lowered to a text.
        for operand, value in zip(nodes, values, strict=True):
            if is_text(value) and operand.kind_id != _RUNE:
                return template(start, end, values, "concat")
    elif operator == _AND_NOT:
        right = values[1]
        values[1] = ir.Operation(right.start, right.end, "~", (right,))
        operator = "&"
    return ir.Operation(start, end, operator, tuple(values))


def _operands(
    lowering: GoLowering, node: tree_sitter.Node
) -> tuple[int, list[tree_sitter.Node]] | None:
    """The operator and the operands, with a chain of one associative operator made flat."""
    number = -1
    nodes: list[tree_sitter.Node] = []
    while True:
        children = node.children
        if len(children) != 3:
            children = [child for child in children if child.kind_id not in (COMMENT, ERROR_KIND)]
        if len(children) != 3 or (found := children[1].kind_id) not in _OPERATORS:
            break
        if number >= 0 and found != number:
            break
        number = found
        nodes.append(children[2])
        node = children[0]
        if node.kind_id != _BINARY or _OPERATORS[number] not in _ASSOCIATIVE:
            break
    if number < 0:
        return None
    nodes.append(node)
    nodes.reverse()
    return number, nodes


EXPRESSIONS: dict[str, ExpressionHandler] = {
    "call_expression": _call,
    "selector_expression": _selector,
    "binary_expression": _binary,
    "unary_expression": _unary,
    "index_expression": _instantiation,
    "type_instantiation_expression": _instantiation,
    "slice_expression": _slice,
    "type_assertion_expression": _assertion,
    "type_conversion_expression": _conversion,
    "variadic_argument": _variadic,
    **composites.EXPRESSIONS,
    **functions.EXPRESSIONS,
    **literals.EXPRESSIONS,
    **types.EXPRESSIONS,
}
