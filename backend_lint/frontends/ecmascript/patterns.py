"""Destructuring targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.frontends.ecmascript.grammar import COMMENT
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.ecmascript.grammar import EcmascriptLowering, ExpressionHandler


_BRACKETS = frozenset("[]")


def key(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    """Lower the key of an object entry: what is not computed is a literal."""
    kind = lowering.kinds[node.kind_id]
    if kind == "computed_property_name":
        inner = lowering.named(node)
        return lowering.expression(inner[0]) if inner else lowering.unknown(node)
    if kind in ("string", "number"):
        return lowering.expression(node)
    start = node.start_byte
    end = node.end_byte
    return ir.Literal(start, end, lowering.slice(start, end))


def elements(
    lowering: EcmascriptLowering, node: tree_sitter.Node, *, target: bool
) -> tuple[ir.Node, ...]:
    """Lower the elements of an array or array pattern.

    An elided element keeps its place: as None in a value, as an `Unknown` in a target, which binds
    nothing.
    """
    result: list[ir.Node] = []
    empty = True
    for child in node.children:
        kind = lowering.kinds[child.kind_id]
        if kind == ",":
            if empty:
                at = child.start_byte
                result.append(
                    ir.Unknown(at, at, "elision", ()) if target else ir.Literal(at, at, None)
                )
            empty = True
        elif kind not in _BRACKETS:
            item = lowering.expression(child)
            if item is not COMMENT:
                result.append(item)
                empty = False
    return tuple(result)


def _array_pattern(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    found = elements(lowering, node, target=True)
    return ir.Sequence(node.start_byte, node.end_byte, "list", found)


def _object_pattern(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    kinds = lowering.kinds
    entries: list[ir.Entry] = []
    for child in node.named_children:
        kind = kinds[child.kind_id]
        if child.kind_id in lowering.tables.comments:
            continue
        start = child.start_byte
        end = child.end_byte
        if kind == "shorthand_property_identifier_pattern":
            text = lowering.slice(start, end)
            literal = ir.Literal(start, end, text)
            entries.append(ir.Entry(start, end, literal, ir.Name(start, end, text)))
        elif kind == "pair_pattern":
            parts = lowering.named(child)
            if len(parts) >= 2:
                value = lowering.expression(parts[-1])
                entries.append(ir.Entry(start, end, key(lowering, parts[0]), value))
        elif kind == "object_assignment_pattern":
            value = lowering.expression(child)
            entries.append(ir.Entry(start, end, _shorthand_key(lowering, child), value))
        else:
            entries.append(ir.Entry(start, end, None, lowering.expression(child)))
    return ir.Mapping(node.start_byte, node.end_byte, tuple(entries))


def _shorthand_key(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node | None:
    name = node.child_by_field_name("left")
    return None if name is None else key(lowering, name)


def _default(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    parts = lowering.named(node)
    if len(parts) < 2:
        return lowering.unknown(node)
    return ir.Assign(
        node.start_byte,
        node.end_byte,
        (lowering.expression(parts[0]),),
        lowering.expression(parts[-1]),
        "",
        None,
    )


def _rest(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    parts = lowering.named(node)
    if not parts:
        return lowering.unknown(node)
    return ir.Spread(node.start_byte, node.end_byte, lowering.expression(parts[0]), "*")


def _name(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    start = node.start_byte
    end = node.end_byte
    if lowering.ascii:
        return ir.Name(start, end, lowering.chars[start:end])
    return ir.Name(start, end, lowering.slice(start, end))


EXPRESSIONS: dict[str, ExpressionHandler] = {
    "array_pattern": _array_pattern,
    "object_pattern": _object_pattern,
    "assignment_pattern": _default,
    "object_assignment_pattern": _default,
    "rest_pattern": _rest,
    "spread_element": _rest,
    # Kinds that stand for a name in their place.
    "identifier": _name,
    "property_identifier": _name,
    "private_property_identifier": _name,
    "shorthand_property_identifier": _name,
    "shorthand_property_identifier_pattern": _name,
    "statement_identifier": _name,
    "type_identifier": _name,
    "predefined_type": _name,
    "this_type": _name,
    "this": _name,
    "super": _name,
    "import": _name,
}
