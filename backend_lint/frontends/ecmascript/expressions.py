"""Calls, member chains, displays of objects and arrays, and what wraps another expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.frontends.ecmascript.functions import method
from backend_lint.frontends.ecmascript.grammar import COMMENT
from backend_lint.frontends.ecmascript.literals import concat, is_plain_text, template_parts
from backend_lint.frontends.ecmascript.patterns import elements, key
from backend_lint.frontends.lowering import MAX_DEPTH
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.ecmascript.grammar import EcmascriptLowering, ExpressionHandler

# Longer texts are seldom plain, and all of a chain's receivers begin with the same text.
_LONGEST_PATH = 80

_CHAIN = frozenset({"call_expression", "member_expression", "subscript_expression"})


def _member(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    return _path(lowering, node.start_byte, node.end_byte) or _chain(lowering, node)


def _call_expression(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    children = node.children
    head = children[0]
    kind = head.kind_id
    if kind == lowering.identifier:
        callee: ir.Node | None = lowering.expression(head)
    elif lowering.kinds[kind] == "member_expression":
        callee = _path(lowering, node.start_byte, head.end_byte)
    else:
        callee = None
    if callee is None:
        return _chain(lowering, node)
    return _call(lowering, node.start_byte, node.end_byte, callee, children[-1])


def _chain(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    """Lower a chain of calls, members and subscripts such as `a.b(c).d[e]`.

    Such chains nest to the left and grow as long as their author likes, so their spine is walked
    in a loop; all links start where the chain starts.
    """
    start = node.start_byte
    kinds = lowering.kinds
    kind = kinds[node.kind_id]
    depth = lowering.depth
    links: list[tuple[str, tree_sitter.Node, list[tree_sitter.Node]]] = []
    value: ir.Node | None = None
    while kind in _CHAIN and depth + len(links) <= MAX_DEPTH:
        children = node.children
        links.append((kind, node, children))
        node = children[0]
        kind = kinds[node.kind_id]
        if kind == "member_expression":
            value = _path(lowering, start, node.end_byte)
            if value is not None:
                break
    if value is None:
        lowering.depth = depth + len(links)
        value = lowering.expression(node)
    while links:
        kind, node, children = links.pop()
        end = node.end_byte
        last = children[-1]
        if kind == "member_expression":
            name = lowering.chars[last.start_byte : end]
            if not lowering.ascii:
                name = lowering.slice(last.start_byte, end)
            value = ir.Attribute(start, end, value, name)
            continue
        lowering.depth = depth + len(links)
        if kind == "call_expression":
            value = _call(lowering, start, end, value, last)
        else:
            value = _subscript(lowering, start, end, value, node)
    lowering.depth = depth
    return value


def _path(lowering: EcmascriptLowering, start: int, end: int) -> ir.Node | None:
    """A plain member expression such as `this.users.find` from its text alone, or None.

    Half of all member expressions hang below another and most are plain, so this spares a good
    part of the nodes of a file.
    """
    if end - start > _LONGEST_PATH:
        return None
    text = lowering.chars[start:end]
    words = text.split(".")
    if not "".join(words).isidentifier() or not (lowering.ascii or text.isascii()):
        return None
    word = words[0]
    end = start + len(word)
    value: ir.Node = ir.Name(start, end, word)
    for word in words[1:]:
        end += 1 + len(word)
        value = ir.Attribute(start, end, value, word)
    return value


def _call(
    lowering: EcmascriptLowering,
    start: int,
    end: int,
    callee: ir.Node,
    last: tree_sitter.Node,
) -> ir.Node:
    if lowering.kinds[last.kind_id] == "template_string":
        return _tagged(lowering, start, end, callee, last)
    found = () if end - last.start_byte == 2 else arguments(lowering, last)
    if isinstance(callee, ir.Name):
        if callee.id in ("require", "import") and len(found) == 1:
            module = found[0].value
            if isinstance(module, ir.Literal) and isinstance(module.value, str):
                return ir.Require(start, end, module.value)
    elif isinstance(callee, ir.Attribute) and callee.name in ("join", "concat"):
        return _text_method(lowering, start, end, callee, found) or ir.Call(
            start, end, callee, found, False
        )
    return ir.Call(start, end, callee, found, False)


def _tagged(
    lowering: EcmascriptLowering, start: int, end: int, tag: ir.Node, text: tree_sitter.Node
) -> ir.Node:
    raw = isinstance(tag, ir.Attribute) and tag.name == "raw"
    parts = template_parts(lowering, text, raw=raw)
    template = ir.Template(text.start_byte, end, tuple(parts), "tagged")
    argument = ir.Argument(text.start_byte, end, "", template)
    return ir.Call(start, end, tag, (argument,), False)


def _text_method(
    lowering: EcmascriptLowering,
    start: int,
    end: int,
    callee: ir.Attribute,
    found: tuple[ir.Argument, ...],
) -> ir.Node | None:
    """`["a", b].join(",")` and `"a".concat(b)` as templates, or None for all others."""
    value = callee.value
    if callee.name == "concat":
        parts = [value, *(argument.value for argument in found)]
        if not is_plain_text(value) or _has_spread(parts):
            return None
        return concat(lowering, start, end, parts, "concat")
    if not isinstance(value, ir.Sequence) or len(found) > 1 or _has_spread(value.elements):
        return None
    separator = ","
    if found:
        given = found[0].value
        if not isinstance(given, ir.Literal) or not isinstance(given.value, str):
            return None
        separator = given.value
    parts = []
    for element in value.elements:
        if parts:
            parts.append(ir.Literal(element.start, element.start, separator))
        parts.append(element)
    return concat(lowering, start, end, parts, "join")


def _has_spread(nodes: list[ir.Node] | tuple[ir.Node, ...]) -> bool:
    return any(isinstance(node, ir.Spread) for node in nodes)


def arguments(lowering: EcmascriptLowering, node: tree_sitter.Node) -> tuple[ir.Argument, ...]:
    """Lower the arguments of a call."""
    result = []
    expression = lowering.expression
    for child in node.named_children:
        value = expression(child)
        if value is not COMMENT:
            result.append(ir.Argument(value.start, value.end, "", value))
    return tuple(result)


def _subscript(
    lowering: EcmascriptLowering, start: int, end: int, value: ir.Node, node: tree_sitter.Node
) -> ir.Node:
    index = lowering.expressions(node.named_children[1:])
    if not index:
        return ir.Unknown(start, end, "subscript_expression", (value,))
    return ir.Subscript(start, end, value, index[-1])


def _new(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    kinds = lowering.kinds
    callee: ir.Node | None = None
    found: tuple[ir.Argument, ...] = ()
    for child in lowering.named(node):
        kind = kinds[child.kind_id]
        if kind == "arguments":
            found = arguments(lowering, child)
        elif kind != "type_arguments" and callee is None:
            callee = lowering.expression(child)
    if callee is None:
        return lowering.unknown(node)
    return ir.Call(node.start_byte, node.end_byte, callee, found, True)


def _object(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    kinds = lowering.kinds
    chars = lowering.chars
    ascii_only = lowering.ascii
    entries: list[ir.Entry] = []
    for child in node.named_children:
        kind = kinds[child.kind_id]
        if kind == "pair":
            parts = child.children
            if len(parts) != 3:
                parts = lowering.tokens(child)
            start = child.start_byte
            name = parts[0]
            if kinds[name.kind_id] == "property_identifier":
                end = name.end_byte
                text = chars[start:end] if ascii_only else lowering.slice(start, end)
                label: ir.Node = ir.Literal(start, end, text)
            else:
                label = key(lowering, name)
            value = lowering.expression(parts[-1])
            entries.append(ir.Entry(start, child.end_byte, label, value))
        elif kind == "shorthand_property_identifier":
            start = child.start_byte
            end = child.end_byte
            text = chars[start:end] if ascii_only else lowering.slice(start, end)
            label = ir.Literal(start, end, text)
            entries.append(ir.Entry(start, end, label, ir.Name(start, end, text)))
        elif kind == "method_definition":
            function = method(lowering, child)
            if function is not None:
                name = child.child_by_field_name("name") or child
                label = key(lowering, name)
                entries.append(ir.Entry(function.start, function.end, label, function))
        elif child.kind_id not in lowering.tables.comments:
            value = lowering.expression(child)
            entries.append(ir.Entry(value.start, value.end, None, value))
    return ir.Mapping(node.start_byte, node.end_byte, tuple(entries))


def _array(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    found = elements(lowering, node, target=False)
    return ir.Sequence(node.start_byte, node.end_byte, "list", found)


def _inner(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    """What stands for its first expression: parentheses, casts, non-null marks."""
    for child in node.named_children:
        value = lowering.expression(child)
        if value is not COMMENT:
            return value
    return lowering.unknown(node)


def _last(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    """What stands for its last expression: the cast `<T>value`."""
    for child in reversed(node.named_children):
        if child.kind_id not in lowering.tables.comments:
            return lowering.expression(child)
    return lowering.unknown(node)


def _await(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    return ir.Await(node.start_byte, node.end_byte, _inner(lowering, node))


def _yield(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    value = _inner(lowering, node) if lowering.named(node) else None
    return ir.Yield(node.start_byte, node.end_byte, value)


def _sequence(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    found = lowering.expressions(node.named_children)
    return ir.Unknown(node.start_byte, node.end_byte, "sequence", tuple(found))


def _meta_property(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    start = node.start_byte
    end = node.end_byte
    head, _, name = lowering.slice(start, end).partition(".")
    value = ir.Name(start, start + len(head.rstrip()), head.rstrip())
    return ir.Attribute(start, end, value, name.strip())


EXPRESSIONS: dict[str, ExpressionHandler] = {
    "call_expression": _call_expression,
    "member_expression": _member,
    "subscript_expression": _chain,
    "new_expression": _new,
    "object": _object,
    "array": _array,
    "parenthesized_expression": _inner,
    "non_null_expression": _inner,
    "as_expression": _inner,
    "satisfies_expression": _inner,
    "instantiation_expression": _inner,
    "computed_property_name": _inner,
    "decorator": _inner,
    "type_assertion": _last,
    "await_expression": _await,
    "yield_expression": _yield,
    "sequence_expression": _sequence,
    "meta_property": _meta_property,
}
