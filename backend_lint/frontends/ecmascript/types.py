"""TypeScript types, lowered to expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.frontends.ecmascript.functions import annotation
from backend_lint.frontends.ecmascript.patterns import key
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.ecmascript.grammar import EcmascriptLowering, ExpressionHandler


def _generic(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    parts = lowering.expressions(node.named_children)
    if len(parts) != 2:
        return ir.Unknown(node.start_byte, node.end_byte, "generic_type", tuple(parts))
    return ir.Subscript(node.start_byte, node.end_byte, parts[0], parts[1])


def _arguments(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    parts = lowering.expressions(node.named_children)
    if len(parts) == 1:
        return parts[0]
    return ir.Sequence(node.start_byte, node.end_byte, "tuple", tuple(parts))


def _qualified(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    parts = lowering.named(node)
    if len(parts) != 2:
        return lowering.unknown(node)
    start = node.start_byte
    return ir.Attribute(
        start, node.end_byte, lowering.expression(parts[0]), lowering.text(parts[1])
    )


def _array(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    start = node.start_byte
    end = node.end_byte
    inner = lowering.expressions(node.named_children)
    if not inner:
        return ir.Unknown(start, end, "array_type", ())
    return ir.Subscript(start, end, ir.Name(start, end, "[]"), inner[0])


def _operation(operator: str) -> ExpressionHandler:
    def lower(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
        start = node.start_byte
        end = node.end_byte
        # A long chain nests to the left: walk it in a loop.
        kind = node.kind_id
        pending: list[tree_sitter.Node] = []
        while node.kind_id == kind:
            parts = lowering.named(node)
            if not parts:
                break
            pending.extend(reversed(parts[1:]))
            node = parts[0]
        operands = [lowering.expression(node)]
        operands.extend(lowering.expression(part) for part in reversed(pending))
        if len(operands) == 1:
            return operands[0]
        return ir.Operation(start, end, operator, tuple(operands))

    return lower


def _object(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    entries: list[ir.Entry] = []
    for child in node.named_children:
        if lowering.kinds[child.kind_id] != "property_signature":
            continue
        name = child.child_by_field_name("name")
        declared = child.child_by_field_name("type")
        value = None if declared is None else annotation(lowering, declared)
        start = child.start_byte
        end = child.end_byte
        if value is None:
            value = ir.Name(end, end, "any")
        entries.append(ir.Entry(start, end, None if name is None else key(lowering, name), value))
    return ir.Mapping(node.start_byte, node.end_byte, tuple(entries))


def _tuple(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    parts = lowering.expressions(node.named_children)
    return ir.Sequence(node.start_byte, node.end_byte, "tuple", tuple(parts))


def _inner(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    inner = lowering.expressions(node.named_children)
    if not inner:
        return ir.Name(node.start_byte, node.end_byte, lowering.text(node))
    return inner[0]


def _opaque(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    """A type that says nothing about values that the linter follows."""
    return ir.Unknown(node.start_byte, node.end_byte, lowering.kinds[node.kind_id], ())


EXPRESSIONS: dict[str, ExpressionHandler] = {
    "generic_type": _generic,
    "type_arguments": _arguments,
    "nested_type_identifier": _qualified,
    "nested_identifier": _qualified,
    "array_type": _array,
    "union_type": _operation("|"),
    "intersection_type": _operation("&"),
    "object_type": _object,
    "tuple_type": _tuple,
    "literal_type": _inner,
    "parenthesized_type": _inner,
    "readonly_type": _inner,
    "optional_type": _inner,
    "rest_type": _inner,
    **dict.fromkeys(
        (
            "function_type",
            "constructor_type",
            "type_query",
            "index_type_query",
            "lookup_type",
            "conditional_type",
            "template_literal_type",
            "type_predicate",
            "asserts",
            "infer_type",
            "existential_type",
        ),
        _opaque,
    ),
}
