"""Constants of Go: strings and their escapes, runes, numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.frontends.go.glance import CONSTANTS
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.go.grammar import ExpressionHandler, GoLowering

_ESCAPE = re.compile(
    rb"\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL
)
_SIMPLE = {
    b"n": b"\n",
    b"t": b"\t",
    b"r": b"\r",
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"v": b"\v",
}
_MAX_CODE_POINT = 0x10FFFF

# The integers of Go's own types; constants beyond them are only steps of a computation.
_INTEGERS = range(-(2**63), 2**64)

# Longer numbers are not numbers that anybody computes with, and cost quadratic time to read.
_MAX_DIGITS = 400


def unescape(text: str) -> str:
    """Resolve the escapes of an interpreted string or rune; bytes that are no text are replaced."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_unescaped, text.encode("utf-8", "replace")).decode("utf-8", "replace")


def _unescaped(match: re.Match[bytes]) -> bytes:
    byte, octal, short, long, other = match.groups()
    if byte:
        return bytes((int(byte, 16),))
    if octal:
        return bytes((int(octal, 8) & 0xFF,))
    if other:
        return _SIMPLE.get(other, other)
    point = int(short or long, 16)
    return chr(point if point <= _MAX_CODE_POINT else 0xFFFD).encode("utf-8", "replace")


def unquoted(text: str) -> str:
    """The value of a string literal given its source text."""
    if text[:1] == "`":
        return text.strip("`").replace("\r", "")
    # A string that the parser repaired has no closing quote.
    closed = len(text) > 1 and text[-1] == text[0]
    return unescape(text[1:-1] if closed else text[1:])


def _string(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    start, end = node.start_byte, node.end_byte
    return ir.Literal(start, end, unquoted(lowering.slice(start, end)))


def _constant(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    start, end = node.start_byte, node.end_byte
    return ir.Literal(start, end, CONSTANTS.get(lowering.chars[start:end]))


def number(text: str) -> int | float:
    """The value of a number literal; an imaginary one counts as real, a wrong one as not a number.

    Integers that fit no integer type of Go come as floating-point numbers.
    """
    text = text.replace("_", "").lower()
    try:
        if text[-1:] == "i":
            return float(number(text[:-1]))
        value: int | float
        if text.isdigit():
            if len(text) > _MAX_DIGITS:
                return float("inf")
            octal = text[0] == "0" and not set(text) & {"8", "9"}
            value = int(text, 8 if octal else 10)
        elif text[:2] in ("0x", "0b", "0o") and "p" not in text and "." not in text:
            value = int(text, 0)
        elif text[:2] == "0x":
            value = float.fromhex(text)
        else:
            value = float(text)
        return value if isinstance(value, float) or value in _INTEGERS else float(value)
    except OverflowError:
        return float("inf")
    except ValueError:
        return float("nan")


def _number(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    start, end = node.start_byte, node.end_byte
    text = lowering.chars[start:end]
    if len(text) == 1 and text.isdigit():
        return ir.Literal(start, end, int(text))
    return ir.Literal(start, end, number(text))


EXPRESSIONS: dict[str, ExpressionHandler] = {
    "interpreted_string_literal": _string,
    "raw_string_literal": _string,
    "rune_literal": _string,
    "int_literal": _number,
    "float_literal": _number,
    "imaginary_literal": _number,
    "nil": _constant,
    "true": _constant,
    "false": _constant,
}
