"""Python string literals, f-strings, `%` and `.format` to IR texts."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

from backend_lint.frontends.lowering import Lowering, template
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

_ESCAPE = re.compile(
    r"\\(?:(\r\n|\r|\n)|([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))",
    re.DOTALL,
)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_PERCENT = re.compile(
    r"%(?:\((?P<name>[^)]*)\))?[#0\- +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<kind>.)"
)
_NUMBER_KINDS = {"d": "d", "i": "d", "u": "d", "x": "d", "X": "d", "o": "d"}
_MAX_CODE_POINT = 0x10FFFF


def unescape(text: str) -> str:
    """Resolve the escapes of a non-raw literal; unknown ones stay, as in Python."""
    if "\\" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        newline, octal, *codes, other = match.groups()
        if newline:
            return ""
        if octal:
            return chr(int(octal, 8))
        for code in codes:
            if code:
                point = int(code, 16)
                return chr(point) if point <= _MAX_CODE_POINT else "\ufffd"
        if other in ("\\", "'", '"'):
            return str(other)
        return _SIMPLE.get(other, match.group())

    return _ESCAPE.sub(replace, text).encode("utf-8", "replace").decode()


def conversion_of(kind: str) -> str:
    """What a conversion character of the printf family guarantees, as `Hole.conversion`."""
    if kind in _NUMBER_KINDS:
        return "d"
    if kind in "eEfFgG":
        return "f"
    return "q" if kind in "ra" else ""


def string_literal(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    """A `string`: plain, raw, bytes or interpolated."""
    start, end = node.start_byte, node.end_byte
    plain = low.text(node)
    quote = plain[:1]
    if quote in ("'", '"') and "\\" not in plain:  # most strings: no prefix, no escapes
        width = 3 if plain[:3] == quote * 3 and len(plain) >= 6 else 1
        return ir.Literal(start, end, plain[width:-width])
    children = node.named_children
    if not children:
        return ir.Unknown(start, end, "string", ())
    prefix = low.text(children[0]).lower()
    raw = "r" in prefix
    parts: list[ir.Node] = []
    for child in children[1:]:
        kind = child.type
        if kind == "string_content":
            text = low.text(child)
            if "f" in prefix or "t" in prefix:
                text = text.replace("{{", "{").replace("}}", "}")
            parts.append(
                ir.Literal(child.start_byte, child.end_byte, text if raw else unescape(text))
            )
        elif kind == "interpolation":
            parts.append(_interpolation(low, child))
    if "b" in prefix:
        text = "".join(str(part.value) for part in parts if isinstance(part, ir.Literal))
        return ir.Literal(start, end, text.encode("latin-1", "replace"))
    if not parts:
        return ir.Literal(start, end, "")
    return template(start, end, parts, "interpolation")


def _interpolation(low: Lowering, node: tree_sitter.Node) -> ir.Hole:
    conversion = ""
    value: ir.Node | None = None
    for child in low.named(node):
        if child.type == "type_conversion":
            conversion = "q" if low.text(child) in ("!r", "!a") else ""
        elif child.type == "format_specifier":
            spec = low.text(child)
            if spec[-1:] in _NUMBER_KINDS:
                conversion = "d"
            elif spec[-1:] in "eEfFgG%":
                conversion = "f"
        elif value is None:
            value = low.expression(child)
    start, end = node.start_byte, node.end_byte
    return ir.Hole(start, end, value or ir.Unknown(start, end, "interpolation", ()), conversion)


def concatenated_string(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    """Neighbouring literals."""
    parts = [low.expression(child) for child in low.named(node)]
    if all(isinstance(part, ir.Literal) and isinstance(part.value, bytes) for part in parts):
        joined = b"".join(
            p.value for p in parts if isinstance(p, ir.Literal) and isinstance(p.value, bytes)
        )
        return ir.Literal(node.start_byte, node.end_byte, joined)
    return template(node.start_byte, node.end_byte, parts, "interpolation")


def is_text(node: ir.Node) -> bool:
    """A text literal or template."""
    return isinstance(node, ir.Template) or (
        isinstance(node, ir.Literal) and isinstance(node.value, str)
    )


def percent(start: int, end: int, text: ir.Node, values: ir.Node) -> ir.Node:
    """`text % values`, with the holes of a template that stands on the left kept."""
    positional = (
        list(values.elements)
        if isinstance(values, ir.Sequence) and values.kind == "tuple"
        else None
    )
    at = 0
    parts: list[ir.Node] = []
    for part in text.parts if isinstance(text, ir.Template) else (text,):
        if not (isinstance(part, ir.Literal) and isinstance(part.value, str)):
            parts.append(part)
            continue
        last = 0
        for match in _PERCENT.finditer(part.value):
            parts.append(ir.Literal(part.start, part.end, part.value[last : match.start()]))
            last = match.end()
            if match["kind"] == "%":
                parts.append(ir.Literal(part.start, part.end, "%"))
                continue
            value: ir.Node
            if match["name"] is not None:
                value = _entry(values, match["name"])
            elif positional is None:
                value = values
            elif at < len(positional):
                value = positional[at]
                at += 1
            else:
                value = ir.Unknown(values.start, values.end, "missing-argument", ())
            parts.append(ir.Hole(value.start, value.end, value, conversion_of(match["kind"])))
        parts.append(ir.Literal(part.start, part.end, part.value[last:]))
    return template(start, end, parts, "percent")


def _entry(values: ir.Node, name: str) -> ir.Node:
    if isinstance(values, ir.Mapping):
        for entry in values.entries:
            if isinstance(entry.key, ir.Literal) and entry.key.value == name:
                return entry.value
    key = ir.Literal(values.start, values.end, name)
    return ir.Subscript(values.start, values.end, values, key)


def formatted(
    start: int, end: int, text: str, at: ir.Node, args: tuple[ir.Argument, ...]
) -> ir.Node:
    """`text.format(args)`; a format that Python would refuse becomes `Unknown`."""
    parts: list[ir.Node] = []
    automatic = 0
    named = {arg.name: arg.value for arg in args if arg.name}
    positional = [arg.value for arg in args if not arg.name]
    try:
        pieces = list(string.Formatter().parse(text))
    except ValueError:
        return ir.Unknown(start, end, "format", tuple(arg.value for arg in args))
    for literal, field, spec, conversion in pieces:
        if literal:
            parts.append(ir.Literal(at.start, at.end, literal))
        if field is None:
            continue
        name = re.split(r"[.\[]", field, maxsplit=1)[0]
        value: ir.Node | None
        if name == "" or name.isdigit():
            index = int(name) if name else automatic
            automatic += 1
            value = positional[index] if index < len(positional) else None
        else:
            value = named.get(name)
        if value is None or isinstance(value, ir.Spread):
            spread = [arg.value for arg in args if isinstance(arg.value, ir.Spread)]
            value = spread[0] if spread else ir.Unknown(start, end, "missing-argument", ())
        kind = conversion_of(spec[-1]) if spec else ""
        parts.append(
            ir.Hole(value.start, value.end, value, "q" if conversion in ("r", "a") else kind)
        )
    return template(start, end, parts, "format")
