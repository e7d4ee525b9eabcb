"""Classes, interfaces, enums and type aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.frontends.ecmascript.functions import (
    annotation,
    method,
    property_name,
    property_parameters,
)
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.ecmascript.grammar import (
        EcmascriptLowering,
        ExpressionHandler,
        StatementHandler,
    )

_CLAUSES = frozenset({"extends_clause", "implements_clause", "extends_type_clause"})
_FIELDS = frozenset({"public_field_definition", "field_definition", "property_signature"})
_BODIES = frozenset({"class_body", "interface_body", "object_type", "enum_body"})
_DROPPED = frozenset(
    {
        "accessibility_modifier",
        "override_modifier",
        "type_parameters",
        "abstract_method_signature",
        "index_signature",
        "call_signature",
        "construct_signature",
    }
)


def class_(
    lowering: EcmascriptLowering,
    node: tree_sitter.Node,
    outer: list[tree_sitter.Node] | None = None,
) -> ir.Class:
    """Lower a class, interface or enum; `outer` are decorators that stand before an `export`."""
    kinds = lowering.kinds
    start = node.start_byte
    name = ""
    bases: list[ir.Argument] = []
    body: list[ir.Node] = []
    decorators = [lowering.expression(decorator) for decorator in outer or ()]
    if outer:
        start = min(start, outer[0].start_byte)
    kind = kinds[node.kind_id].partition("_")[0]
    for child in node.children:
        part = kinds[child.kind_id]
        if part in ("identifier", "type_identifier"):
            name = lowering.text(child)
        elif part in _BODIES:
            _members(lowering, child, body)
        elif part == "class_heritage":
            _heritage(lowering, child, bases)
        elif part in _CLAUSES:
            _clause(lowering, child, bases)
        elif part == "decorator":
            decorators.append(lowering.expression(child))
    if kind == "abstract":
        kind = "class"
    return ir.Class(start, node.end_byte, name, kind, tuple(bases), tuple(decorators), tuple(body))


def _heritage(
    lowering: EcmascriptLowering, node: tree_sitter.Node, bases: list[ir.Argument]
) -> None:
    for child in lowering.named(node):
        if lowering.kinds[child.kind_id] in _CLAUSES:
            _clause(lowering, child, bases)
        else:
            _base(lowering.expression(child), bases)


def _clause(lowering: EcmascriptLowering, node: tree_sitter.Node, bases: list[ir.Argument]) -> None:
    for child in lowering.named(node):
        if lowering.kinds[child.kind_id] == "type_arguments" and bases:
            # `extends Repository<User>` gives the type arguments beside the class.
            last = bases.pop().value
            end = child.end_byte
            _base(ir.Subscript(last.start, end, last, lowering.expression(child)), bases)
        else:
            _base(lowering.expression(child), bases)


def _base(value: ir.Node, bases: list[ir.Argument]) -> None:
    bases.append(ir.Argument(value.start, value.end, "", value))


def _members(lowering: EcmascriptLowering, node: tree_sitter.Node, body: list[ir.Node]) -> None:
    kinds = lowering.kinds
    # TypeScript puts the decorators of a method beside it, not inside.
    pending: list[tree_sitter.Node] = []
    for child in node.named_children:
        kind = kinds[child.kind_id]
        if kind == "decorator":
            pending.append(child)
            continue
        if kind == "method_definition":
            _method(lowering, child, pending, body)
        elif kind in _FIELDS:
            body.append(_field(lowering, child))
        elif kind == "method_signature":
            # In an interface a method is a field of a function type; in a class, an overload.
            if kinds[node.kind_id] != "class_body":
                body.append(_signature(lowering, child))
        elif kind == "enum_assignment":
            parts = lowering.expressions(child.named_children)
            name = property_name(lowering, child.named_children[0])
            start = child.start_byte
            body.append(ir.Field(start, child.end_byte, name, None, parts[-1], (), ""))
        elif kinds[node.kind_id] == "enum_body" and kind != "comment":
            name = property_name(lowering, child)
            body.append(ir.Field(child.start_byte, child.end_byte, name, None, None, (), ""))
        elif kind not in _DROPPED:
            lowering.statement(child, body)
        pending = []


def _method(
    lowering: EcmascriptLowering,
    node: tree_sitter.Node,
    decorators: list[tree_sitter.Node],
    body: list[ir.Node],
) -> None:
    lowered = method(lowering, node, decorators)
    if lowered is None:
        return
    if lowered.name != "constructor":
        body.append(lowered)
        return
    assigns: list[ir.Node] = []
    starts = property_parameters(lowering, node)
    for parameter in lowered.parameters:
        if parameter.start not in starts:
            continue
        start = parameter.start
        end = parameter.end
        name = parameter.name
        body.append(ir.Field(start, end, name, parameter.annotation, None, (), ""))
        target = ir.Attribute(start, end, ir.Name(start, end, "this"), name)
        value = ir.Name(start, end, name)
        assigns.append(ir.Assign(start, end, (target,), value, "", None))
    if assigns:
        lowered = ir.Function(
            lowered.start,
            lowered.end,
            lowered.name,
            lowered.receiver,
            lowered.owner,
            lowered.parameters,
            lowered.returns,
            lowered.decorators,
            lowered.kind,
            lowered.name_start,
            (*assigns, *lowered.body),
        )
    body.append(lowered)


def _field(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Field:
    kinds = lowering.kinds
    name: str | None = None
    declared: ir.Node | None = None
    value: ir.Node | None = None
    decorators: list[ir.Node] = []
    for child in node.children:
        kind = kinds[child.kind_id]
        if kind == "decorator":
            decorators.append(lowering.expression(child))
        elif kind == "type_annotation":
            declared = annotation(lowering, child)
        elif kind == "static":
            decorators.append(ir.Name(child.start_byte, child.end_byte, kind))
        elif kind in _DROPPED or not child.is_named or child.kind_id in lowering.tables.comments:
            continue
        elif name is None:
            name = property_name(lowering, child)
        else:
            value = lowering.expression(child)
    start = node.start_byte
    return ir.Field(start, node.end_byte, name or "", declared, value, tuple(decorators), "")


def _signature(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Field:
    start = node.start_byte
    end = node.end_byte
    name = node.child_by_field_name("name")
    text = "" if name is None else property_name(lowering, name)
    return ir.Field(start, end, text, ir.Unknown(start, end, "method_signature", ()), None, (), "")


def _as_expression(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    return class_(lowering, node)


def _as_statement(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    out.append(class_(lowering, node))


def _type_alias(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    name = node.child_by_field_name("name")
    value = node.child_by_field_name("value")
    bases: list[ir.Argument] = []
    if value is not None:
        _base(lowering.expression(value), bases)
    text = "" if name is None else lowering.text(name)
    out.append(ir.Class(node.start_byte, node.end_byte, text, "type", tuple(bases), (), ()))


def _static_block(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    out.extend(lowering.block(node))


EXPRESSIONS: dict[str, ExpressionHandler] = {"class": _as_expression}

STATEMENTS: dict[str, StatementHandler] = {
    "class_declaration": _as_statement,
    "abstract_class_declaration": _as_statement,
    "interface_declaration": _as_statement,
    "enum_declaration": _as_statement,
    "type_alias_declaration": _type_alias,
    "class_static_block": _static_block,
}
