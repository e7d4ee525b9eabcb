"""Composite literals of Go: structs, lists, maps, and those whose type is elided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.frontends.go.glance import LIMIT, simple
from backend_lint.frontends.go.grammar import BETWEEN, kind
from backend_lint.frontends.lowering import MAX_DEPTH
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.go.grammar import ExpressionHandler, GoLowering

_LITERAL_VALUE = kind("literal_value")
_LITERAL_ELEMENT = kind("literal_element")
_KEYED_ELEMENT = kind("keyed_element")
_LISTS = frozenset(
    {kind("slice_type"), kind("array_type"), kind("implicit_length_array_type")},
)
_MAP = kind("map_type")
_STRUCT = kind("struct_type")
_GENERIC = kind("generic_type")
_WRAPPERS = frozenset({kind("pointer_type"), kind("parenthesized_type")})


def _composite(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    children = node.children
    if len(children) != 2:
        children = lowering.tokens(node)
        if len(children) != 2:
            return lowering.unknown(node)
    typed, body = children
    return _typed(lowering, node, typed, body)


def _typed(
    lowering: GoLowering,
    node: tree_sitter.Node,
    typed: tree_sitter.Node,
    body: tree_sitter.Node,
) -> ir.Node:
    """The literal `body` of the type `typed`; elided where `node` is the body itself."""
    number = typed.kind_id
    while number in _WRAPPERS:
        inner = lowering.items(typed)
        if not inner:
            break
        typed = inner[-1]
        number = typed.kind_id
    start, end = node.start_byte, node.end_byte
    if number in _LISTS:
        element = typed.children[-1]
        values = [
            _value(lowering, item.children[-1] if item.kind_id == _KEYED_ELEMENT else item, element)
            for item in lowering.items(body)
        ]
        return ir.Sequence(start, end, "list", tuple(values))
    if number == _MAP:
        types = lowering.tokens(typed)
        if len(types) == 5:
            return _mapping(lowering, node, body, types[2], types[4])
    arguments = _arguments(lowering, body)
    if arguments is None:
        return _mapping(lowering, node, body, None, None)
    elided = node is body
    callee = _type_name(lowering, typed, start, end) if elided else lowering.expression(typed)
    return ir.Call(start, end, callee, arguments, True)


def _type_name(lowering: GoLowering, typed: tree_sitter.Node, start: int, end: int) -> ir.Node:
    """An elided type as an expression that stands where its literal does."""
    number = typed.kind_id
    if number == _GENERIC and typed.children:
        typed = typed.children[0]
    elif number == _STRUCT:
        return ir.Name(start, end, "struct")
    head, dot, tail = lowering.text(typed).partition(".")
    if dot:
        return ir.Attribute(start, end, ir.Name(start, end, head), tail)
    return ir.Name(start, end, head)


def _arguments(lowering: GoLowering, body: tree_sitter.Node) -> tuple[ir.Argument, ...] | None:
    """The fields of a struct literal; None if some key is no field name, as in a map."""
    found: list[ir.Argument] = []
    chars = lowering.chars
    for item in body.children:
        number = item.kind_id
        if number in BETWEEN:
            continue
        start, end = item.start_byte, item.end_byte
        if number != _KEYED_ELEMENT:
            found.append(ir.Argument(start, end, "", _value(lowering, item, None)))
            continue
        name, _, rest = chars[start : min(end, start + LIMIT)].partition(":")
        value: ir.Node | None = None
        if name.isidentifier() and name.isascii():
            if end - start <= LIMIT and "\n" not in rest and rest.isascii():
                rest = rest.lstrip(" ")
                value = simple(rest, end - len(rest))
        else:
            key = item.children[0]
            name = lowering.text(key)
            if not name.isidentifier():
                return None
        if value is None:
            value = _value(lowering, item.children[-1], None)
        found.append(ir.Argument(start, end, name, value))
    return tuple(found)


def _mapping(
    lowering: GoLowering,
    node: tree_sitter.Node,
    body: tree_sitter.Node,
    key_type: tree_sitter.Node | None,
    value_type: tree_sitter.Node | None,
) -> ir.Mapping:
    entries: list[ir.Entry] = []
    for item in body.children:
        number = item.kind_id
        if number in BETWEEN:
            continue
        at, upto = item.start_byte, item.end_byte
        if number == _KEYED_ELEMENT:
            children = item.children
            key = _value(lowering, children[0], key_type)
            value = _value(lowering, children[-1], value_type)
            entries.append(ir.Entry(at, upto, key, value))
        else:
            entries.append(ir.Entry(at, upto, None, _value(lowering, item, value_type)))
    return ir.Mapping(node.start_byte, node.end_byte, tuple(entries))


def _value(lowering: GoLowering, node: tree_sitter.Node, typed: tree_sitter.Node | None) -> ir.Node:
    """An element of a literal, of the type `typed` if it elides its own."""
    glanced = lowering.simple(node.start_byte, node.end_byte)
    if glanced is not None:
        return glanced
    if node.kind_id == _LITERAL_ELEMENT:
        children = node.children
        if len(children) > 1:
            children = lowering.tokens(node)
        if not children:
            return lowering.unknown(node)
        node = children[0]
    if node.kind_id != _LITERAL_VALUE or typed is None:
        return lowering.expression(node)
    if lowering.depth > MAX_DEPTH:
        return ir.Unknown(node.start_byte, node.end_byte, "too-deep", ())
    lowering.depth += 1
    lowered = _typed(lowering, node, typed, node)
    lowering.depth -= 1
    return lowered


def _untyped(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    """A literal whose type is elided and not known here, as in `bson.D{{"a", 1}}`."""
    start, end = node.start_byte, node.end_byte
    arguments = _arguments(lowering, node)
    if arguments is None:
        return _mapping(lowering, node, node, None, None)
    if not any(argument.name for argument in arguments):
        values = tuple([argument.value for argument in arguments])
        return ir.Sequence(start, end, "tuple", values)
    return ir.Mapping(start, end, tuple([_field_entry(argument) for argument in arguments]))


def _field_entry(argument: ir.Argument) -> ir.Entry:
    start = argument.start
    key: ir.Literal | None = None
    if argument.name:
        key = ir.Literal(start, start + len(argument.name.encode()), argument.name)
    return ir.Entry(start, argument.end, key, argument.value)


EXPRESSIONS: dict[str, ExpressionHandler] = {
    "composite_literal": _composite,
    "literal_value": _untyped,
}
