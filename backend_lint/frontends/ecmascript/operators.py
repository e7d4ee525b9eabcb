"""Operators and assignments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.frontends.ecmascript.literals import concat, is_plain_text
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.ecmascript.grammar import EcmascriptLowering, ExpressionHandler

_OPERATORS = {
    "===": "==",
    "!==": "!=",
    "&&": "and",
    "||": "or",
    "!": "not",
    ">>>": ">>",
}
_ASSOCIATIVE = frozenset({"+", "*", "&&", "||", "??", "&", "|", "^"})


def _binary(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    kinds = lowering.kinds
    children = node.children
    if len(children) != 3:
        children = lowering.tokens(node)
        if len(children) != 3:
            return lowering.unknown(node)
    left, token, right = children
    operator = kinds[token.kind_id]
    start = node.start_byte
    end = node.end_byte
    kind = node.kind_id
    if operator not in _ASSOCIATIVE or (left.kind_id != kind and operator != "+"):
        operands = (lowering.expression(left), lowering.expression(right))
        return ir.Operation(start, end, _OPERATORS.get(operator, operator), operands)
    # A long chain nests to the left: walk it in a loop.
    pending = [right]
    while left.kind_id == kind:
        children = left.children
        if len(children) != 3:
            children = lowering.tokens(left)
            if len(children) != 3:
                break
        if kinds[children[1].kind_id] != operator:
            break
        left = children[0]
        pending.append(children[2])
    parts = [lowering.expression(left)]
    while pending:
        parts.append(lowering.expression(pending.pop()))
    if operator == "+":
        for part in parts:
            if is_plain_text(part):
                return concat(lowering, start, end, parts, "concat")
    return ir.Operation(start, end, _OPERATORS.get(operator, operator), tuple(parts))


def _unary(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    children = node.children
    if len(children) != 2:
        children = lowering.tokens(node)
        if len(children) != 2:
            return lowering.unknown(node)
    operator = lowering.kinds[children[0].kind_id]
    value = lowering.expression(children[1])
    start = node.start_byte
    end = node.end_byte
    if isinstance(value, ir.Literal):
        if operator == "void":
            return ir.Literal(start, end, None)
        if operator == "-" and type(value.value) in (int, float):
            return ir.Literal(start, end, -value.value)  # type: ignore[operator]
    return ir.Operation(start, end, _OPERATORS.get(operator, operator), (value,))


def _ternary(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    parts = lowering.expressions(node.named_children)
    if len(parts) != 3:
        return lowering.unknown(node)
    test, then, otherwise = parts
    return ir.Conditional(node.start_byte, node.end_byte, test, then, otherwise)


def _update(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    children = lowering.tokens(node)
    if len(children) != 2:
        return lowering.unknown(node)
    sign, value = children if children[1].is_named else reversed(children)
    start = node.start_byte
    end = node.end_byte
    operator = lowering.kinds[sign.kind_id][:1]
    one = ir.Literal(sign.start_byte, sign.end_byte, 1)
    return ir.Assign(start, end, (lowering.expression(value),), one, operator, None, rebinds=True)


def _assignment(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    targets, value = assignment_chain(lowering, node)
    if not targets:
        return lowering.unknown(node)
    lowered = tuple([lowering.expression(target) for target in targets])
    given = lowering.expression(value)
    return ir.Assign(node.start_byte, node.end_byte, lowered, given, "", None, rebinds=True)


def assignment_chain(
    lowering: EcmascriptLowering, node: tree_sitter.Node
) -> tuple[list[tree_sitter.Node], tree_sitter.Node]:
    """The targets of `a = b = value` and the value; no targets if the syntax is broken."""
    kind = node.kind_id
    targets: list[tree_sitter.Node] = []
    while node.kind_id == kind:
        parts = node.children
        if len(parts) != 3:
            parts = lowering.tokens(node)
        if len(parts) < 3:
            break
        # TypeScript gives `using x = e` one more token, in front.
        targets.append(parts[-3])
        node = parts[-1]
    return targets, node


def _augmented(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    children = lowering.tokens(node)
    if len(children) != 3:
        return lowering.unknown(node)
    target, sign, value = children
    operator = lowering.kinds[sign.kind_id][:-1]
    return ir.Assign(
        node.start_byte,
        node.end_byte,
        (lowering.expression(target),),
        lowering.expression(value),
        _OPERATORS.get(operator, operator),
        None,
        rebinds=True,
    )


EXPRESSIONS: dict[str, ExpressionHandler] = {
    "binary_expression": _binary,
    "unary_expression": _unary,
    "ternary_expression": _ternary,
    "update_expression": _update,
    "assignment_expression": _assignment,
    "augmented_assignment_expression": _augmented,
}
