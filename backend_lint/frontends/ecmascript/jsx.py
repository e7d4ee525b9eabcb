"""JSX elements, as calls of `jsx` with the tag, the attributes and the children."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.ecmascript.grammar import EcmascriptLowering, ExpressionHandler

_TAGS = frozenset({"identifier", "member_expression", "nested_identifier", "jsx_namespace_name"})


def _element(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    kinds = lowering.kinds
    start = node.start_byte
    end = node.end_byte
    arguments: list[ir.Argument] = []
    if kinds[node.kind_id] == "jsx_self_closing_element":
        _opening(lowering, node, arguments)
    else:
        opening, *content = node.named_children
        _opening(lowering, opening, arguments)
        for child in content:
            _child(lowering, child, kinds[child.kind_id], arguments)
    return ir.Call(start, end, ir.Name(start, start, "jsx"), tuple(arguments), False)


def _child(
    lowering: EcmascriptLowering, node: tree_sitter.Node, kind: str, out: list[ir.Argument]
) -> None:
    if kind in ("jsx_closing_element", "html_character_reference"):
        return
    if kind == "jsx_text":
        start = node.start_byte
        end = node.end_byte
        text = lowering.slice(start, end).strip()
        if text:
            out.append(ir.Argument(start, end, "", ir.Literal(start, end, text)))
        return
    inner = node.named_children if kind == "jsx_expression" else [node]
    for value in lowering.expressions(inner):
        out.append(ir.Argument(value.start, value.end, "", value))


def _opening(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Argument]) -> None:
    """Append the tag and the attributes."""
    kinds = lowering.kinds
    start = node.start_byte
    end = node.end_byte
    tag: ir.Node | None = None
    entries: list[ir.Entry] = []
    for child in node.named_children:
        kind = kinds[child.kind_id]
        if kind == "jsx_attribute":
            entries.append(_attribute(lowering, child))
        elif kind == "jsx_expression":
            entries.extend(
                ir.Entry(value.start, value.end, None, value)
                for value in lowering.expressions(child.named_children)
            )
        elif kind in _TAGS and tag is None:
            tag = _tag(lowering, child, kind)
    if tag is None:
        tag = ir.Literal(start, start, "")
    out.append(ir.Argument(tag.start, tag.end, "", tag))
    out.append(ir.Argument(start, end, "", ir.Mapping(start, end, tuple(entries))))


def _tag(lowering: EcmascriptLowering, node: tree_sitter.Node, kind: str) -> ir.Node:
    """A component is a name in scope; a tag of HTML starts in lower case."""
    if kind in ("identifier", "jsx_namespace_name"):
        start = node.start_byte
        end = node.end_byte
        text = lowering.slice(start, end)
        if kind == "jsx_namespace_name" or text[:1].islower():
            return ir.Literal(start, end, text)
        return ir.Name(start, end, text)
    return lowering.expression(node)


def _attribute(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Entry:
    start = node.start_byte
    end = node.end_byte
    parts = node.named_children
    name = parts[0]
    name_end = name.end_byte
    key = ir.Literal(start, name_end, lowering.slice(start, name_end))
    last = parts[-1]
    kind = lowering.kinds[last.kind_id]
    value: ir.Node
    if len(parts) == 1:
        value = ir.Literal(start, end, True)
    elif kind == "string":
        # Backslashes escape nothing in here.
        at = last.start_byte
        value = ir.Literal(at, end, lowering.slice(at + 1, end - 1))
    elif kind == "jsx_expression":
        inner = lowering.expressions(last.named_children)
        value = inner[0] if inner else ir.Literal(start, end, None)
    else:
        value = lowering.expression(last)
    return ir.Entry(start, end, key, value)


def _text(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    return ir.Literal(node.start_byte, node.end_byte, lowering.text(node))


EXPRESSIONS: dict[str, ExpressionHandler] = {
    "jsx_element": _element,
    "jsx_self_closing_element": _element,
    "jsx_text": _text,
}
