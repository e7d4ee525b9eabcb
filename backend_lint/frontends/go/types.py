"""Types of Go, as annotations and as the classes that they declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.frontends.go.functions import method_element, parameters, result
from backend_lint.frontends.go.grammar import BETWEEN, kind, token
from backend_lint.frontends.go.literals import unquoted
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.go.grammar import ExpressionHandler, GoLowering

_FIELD_IDENTIFIER = kind("field_identifier")
_FIELD_DECLARATION = kind("field_declaration")
_FIELD_DECLARATION_LIST = kind("field_declaration_list")
_METHOD_ELEM = kind("method_elem")
_STRUCT_TYPE = kind("struct_type")
_INTERFACE_TYPE = kind("interface_type")
_TAGS = frozenset({kind("raw_string_literal"), kind("interpreted_string_literal")})
_STAR = token("*")
_INTERFACE = token("interface")


def _pointer(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    return lowering.expression(node.children[-1])


def _qualified(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    start, end = node.start_byte, node.end_byte
    children = lowering.tokens(node)
    value = lowering.expression(children[0])
    return ir.Attribute(start, end, value, lowering.text(children[-1]))


def _array(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    start, end = node.start_byte, node.end_byte
    typed = node.children[-1]
    element = lowering.expression(typed)
    return ir.Subscript(start, end, ir.Name(start, typed.start_byte, "[]"), element)


def _map(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    start, end = node.start_byte, node.end_byte
    children = lowering.tokens(node)
    if len(children) != 5:
        return lowering.unknown(node)
    key, value = lowering.expression(children[2]), lowering.expression(children[4])
    pair = ir.Sequence(key.start, value.end, "tuple", (key, value))
    return ir.Subscript(start, end, ir.Name(start, children[0].end_byte, "map"), pair)


def _channel(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    start, end = node.start_byte, node.end_byte
    typed = node.children[-1]
    element = lowering.expression(typed)
    return ir.Subscript(start, end, ir.Name(start, typed.start_byte, "chan"), element)


def _generic(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    children = lowering.tokens(node)
    if len(children) != 2:
        return lowering.unknown(node)
    value = lowering.expression(children[0])
    return instantiated(lowering, node.end_byte, value, children[1])


def instantiated(
    lowering: GoLowering, end: int, value: ir.Node, arguments: tree_sitter.Node
) -> ir.Node:
    """`value[arguments]` for the type arguments of a type or function."""
    items = [lowering.expression(item) for item in lowering.items(arguments)]
    if len(items) == 1:
        return ir.Subscript(value.start, end, value, items[0])
    index = ir.Sequence(arguments.start_byte, arguments.end_byte, "tuple", tuple(items))
    return ir.Subscript(value.start, end, value, index)


def _function_type(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    """As Python's `Callable[[A, B], R]`: `func[[A, B], R]`, R being nil where there is none."""
    start, end = node.start_byte, node.end_byte
    items = lowering.tokens(node)
    if len(items) < 2:
        return lowering.unknown(node)
    listed = items[1]
    types = [
        parameter.annotation
        for parameter in parameters(lowering, listed)
        if parameter.annotation is not None
    ]
    returns = result(lowering, items[2]) if len(items) > 2 else None
    if returns is None:
        returns = ir.Literal(listed.end_byte, listed.end_byte, None)
    takes = ir.Sequence(listed.start_byte, listed.end_byte, "list", tuple(types))
    pair = ir.Sequence(takes.start, max(takes.end, returns.end), "tuple", (takes, returns))
    return ir.Subscript(start, end, ir.Name(start, items[0].end_byte, "func"), pair)


def _constraint(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    items = [lowering.expression(item) for item in lowering.items(node)]
    if len(items) == 1:
        return items[0]
    return ir.Operation(node.start_byte, node.end_byte, "|", tuple(items))


def _negated(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    inner = lowering.expression(node.children[-1])
    return ir.Operation(node.start_byte, node.end_byte, "~", (inner,))


def _anonymous(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    start, end = node.start_byte, node.end_byte
    if node.kind_id == _INTERFACE_TYPE and not lowering.chars[start + 9 : end].strip(" \t\r\n{}"):
        return ir.Name(start, end, "any")
    return declared_class(lowering, start, end, "", node)


def declared_class(
    lowering: GoLowering, start: int, end: int, name: str, node: tree_sitter.Node
) -> ir.Class:
    """The class that a declaration makes of a type.

    Its kind is `struct`, `interface`, or `type` for any other, which is then its only base.
    """
    bases: list[ir.Argument] = []
    body: list[ir.Node] = []
    if node.kind_id == _STRUCT_TYPE:
        word = "struct"
        for child in node.children:
            if child.kind_id == _FIELD_DECLARATION_LIST:
                for field in child.children:
                    if field.kind_id == _FIELD_DECLARATION:
                        _field(lowering, field, bases, body)
                    elif field.kind_id not in BETWEEN:
                        lowering.statement(field, body)
    elif node.kind_id == _INTERFACE_TYPE:
        word = "interface"
        for child in node.children:
            number = child.kind_id
            if number == _METHOD_ELEM:
                body.append(method_element(lowering, child))
            elif number not in BETWEEN and number != _INTERFACE:
                bases.append(_base(lowering.expression(child)))
    else:
        word = "type"
        bases.append(_base(lowering.expression(node)))
    return ir.Class(start, end, name, word, tuple(bases), (), tuple(body))


def _base(node: ir.Node) -> ir.Argument:
    return ir.Argument(node.start, node.end, "", node)


def _field(
    lowering: GoLowering,
    node: tree_sitter.Node,
    bases: list[ir.Argument],
    body: list[ir.Node],
) -> None:
    names: list[tuple[int, int]] = []
    annotation: ir.Node | None = None
    tag = ""
    for child in node.children:
        number = child.kind_id
        if number == _FIELD_IDENTIFIER:
            names.append((child.start_byte, child.end_byte))
        elif number in _TAGS:
            tag = unquoted(lowering.text(child))
        elif number not in BETWEEN and number != _STAR:
            annotation = lowering.expression(child)
    if not names and annotation is not None:
        bases.append(_base(annotation))
    end = node.end_byte
    for start, name_end in names:
        name = lowering.slice(start, name_end)
        body.append(ir.Field(start, end, name, annotation, None, (), tag))


EXPRESSIONS: dict[str, ExpressionHandler] = {
    "pointer_type": _pointer,
    "qualified_type": _qualified,
    "slice_type": _array,
    "array_type": _array,
    "implicit_length_array_type": _array,
    "map_type": _map,
    "channel_type": _channel,
    "generic_type": _generic,
    "function_type": _function_type,
    "type_constraint": _constraint,
    "type_elem": _constraint,
    "negated_type": _negated,
    "struct_type": _anonymous,
    "interface_type": _anonymous,
}
