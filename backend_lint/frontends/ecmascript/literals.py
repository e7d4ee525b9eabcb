"""Constants and texts: strings and their escapes, numbers, regular expressions, templates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.frontends.lowering import template
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.ecmascript.grammar import EcmascriptLowering, ExpressionHandler

_ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|(\r\n|.))",
    re.DOTALL,
)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
_CONTINUATIONS = frozenset({"\n", "\r", "\r\n", "\u2028", "\u2029"})

# Longer numbers are not numbers that anybody computes with, and cost quadratic time to print.
_MAX_DIGITS = 400


def unescape(text: str) -> str:
    """Resolve the escapes of a string or template; lone surrogates become U+FFFD."""
    if "\\" not in text:
        return text
    result = _ESCAPE.sub(_unescaped, text)
    if any("\ud800" <= char <= "\udfff" for char in result):
        # Pairs become one character here; what is left alone has no UTF-8 form.
        result = result.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return result


def _unescaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    if digits:
        code = int(digits, 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    if match[4]:
        return chr(int(match[4], 8))
    char = match[5]
    return "" if char in _CONTINUATIONS else _SIMPLE.get(char, char)


def string(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Literal:
    """Lower a quoted string."""
    start = node.start_byte
    end = node.end_byte
    chars = lowering.chars
    # A string that the parser repaired has no closing quote.
    inner_end = end - 1 if end - start >= 2 and chars[end - 1] == chars[start] else end
    text = chars[start + 1 : inner_end]
    if not lowering.ascii:
        text = lowering.slice(start + 1, inner_end)
    if "\\" in text:
        text = unescape(text)
    return ir.Literal(start, end, text)


def is_plain_text(node: ir.Node) -> bool:
    """Whether a lowered node is a text: a string literal or a template that makes a string."""
    if isinstance(node, ir.Literal):
        return isinstance(node.value, str)
    return isinstance(node, ir.Template) and node.style != "tagged"


def concat(
    lowering: EcmascriptLowering, start: int, end: int, parts: list[ir.Node], style: str
) -> ir.Node:
    """A text made of operands, each converted to text the way ECMAScript does."""
    simple = True
    converted: list[ir.Node] = []
    after_text = False
    for part in parts:
        if isinstance(part, ir.Literal):
            text = _as_text(lowering, part)
            simple = simple and bool(text.value) and not after_text
            after_text = True
            converted.append(text)
        elif isinstance(part, ir.Template) and part.style != "tagged":
            simple = False
            converted.append(part)
        else:
            after_text = False
            converted.append(ir.Hole(part.start, part.end, part, ""))
    if simple and len(converted) > 1:
        # No two texts in a row, none empty and none nested: nothing to merge.
        return ir.Template(start, end, tuple(converted), style)
    return template(start, end, converted, style)


def _as_text(lowering: EcmascriptLowering, part: ir.Literal) -> ir.Literal:
    if isinstance(part.value, str):
        return part
    if type(part.value) is int:
        return ir.Literal(part.start, part.end, str(part.value))
    return ir.Literal(part.start, part.end, lowering.slice(part.start, part.end))


def template_parts(
    lowering: EcmascriptLowering, node: tree_sitter.Node, *, raw: bool = False
) -> list[ir.Node]:
    """The texts and holes of a template literal, in order; no text is empty."""
    parts: list[ir.Node] = []
    end = node.end_byte
    inner_end = end - 1 if lowering.chars[end - 1 : end] == "`" else end
    at = min(node.start_byte + 1, inner_end)
    for child in node.named_children:
        if lowering.kinds[child.kind_id] != "template_substitution":
            continue
        start = child.start_byte
        if start > at:
            parts.append(_text(lowering, at, start, raw=raw))
        at = child.end_byte
        inner = lowering.expressions(child.named_children)
        value = inner[0] if len(inner) == 1 else ir.Unknown(start, at, "sequence", tuple(inner))
        parts.append(ir.Hole(start, at, value, ""))
    if inner_end > at:
        parts.append(_text(lowering, at, inner_end, raw=raw))
    return parts


def _text(lowering: EcmascriptLowering, start: int, end: int, *, raw: bool) -> ir.Literal:
    text = lowering.slice(start, end)
    return ir.Literal(start, end, text if raw or "\\" not in text else unescape(text))


def _template_string(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    parts = template_parts(lowering, node)
    for part in parts:
        if isinstance(part, ir.Literal):
            plain = len(parts) > 1
        else:
            plain = not isinstance(getattr(part, "value", None), (ir.Literal, ir.Template))
        if not plain:
            break
    else:
        if parts:
            # The texts and holes of a template literal alternate: nothing to merge.
            return ir.Template(node.start_byte, node.end_byte, tuple(parts), "interpolation")
    return template(node.start_byte, node.end_byte, parts, "interpolation")


def _number(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    start = node.start_byte
    end = node.end_byte
    text = lowering.chars[start:end]
    if len(text) == 1 and "0" <= text <= "9":
        return ir.Literal(start, end, int(text))
    if len(text) > _MAX_DIGITS:
        return ir.Unknown(start, end, "number", ())
    try:
        return ir.Literal(start, end, _number_value(text.replace("_", "").rstrip("n").lower()))
    except ValueError:
        return ir.Unknown(start, end, "number", ())


def _number_value(text: str) -> int | float:
    if text[:2] in ("0x", "0o", "0b"):
        return int(text, 0)
    if text.isdigit():
        legacy_octal = len(text) > 1 and text[0] == "0" and "8" not in text and "9" not in text
        return int(text, 8 if legacy_octal else 10)
    return float(text)


def _regex(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    start = node.start_byte
    end = node.end_byte
    arguments = [
        ir.Argument(
            part.start_byte,
            part.end_byte,
            "",
            ir.Literal(part.start_byte, part.end_byte, lowering.text(part)),
        )
        for part in node.named_children
    ]
    return ir.Call(start, end, ir.Name(start, end, "RegExp"), tuple(arguments), True)


def _fragment(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    return ir.Literal(node.start_byte, node.end_byte, unescape(lowering.text(node)))


def _true(_lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    return ir.Literal(node.start_byte, node.end_byte, True)


def _false(_lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    return ir.Literal(node.start_byte, node.end_byte, False)


def _none(_lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    return ir.Literal(node.start_byte, node.end_byte, None)


EXPRESSIONS: dict[str, ExpressionHandler] = {
    "string": string,
    "template_string": _template_string,
    "number": _number,
    "regex": _regex,
    # Loose pieces of a string that the parser could not put together.
    "string_fragment": _fragment,
    "escape_sequence": _fragment,
    "true": _true,
    "false": _false,
    "null": _none,
    "undefined": _none,
}
