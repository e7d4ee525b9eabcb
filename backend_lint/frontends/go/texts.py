"""Texts that Go builds: `+` chains, `fmt.Sprintf` and its kin, `strings.Join`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.frontends.go.glance import BUILDERS
from backend_lint.frontends.lowering import template
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    from backend_lint.frontends.go.grammar import GoLowering

# Flags, width, precision, argument index and verb, as package fmt reads them.
_VERB = re.compile(
    r"%[-+# 0]*"
    r"(?P<width>(?:\[\d{1,4}\])?\*|\d+)?"
    r"(?:\.(?P<precision>(?:\[\d{1,4}\])?\*|\d*))?"
    r"(?:\[(?P<index>\d{1,4})\])?"
    r"(?P<verb>.)?",
    re.DOTALL,
)

# Digits, of base 16 at most, whatever the argument is.
_INTEGER_VERBS = frozenset("dboOxXUp")
_NUMBER_VERBS = frozenset("feEgGFt")


def is_text(node: ir.Node) -> bool:
    """A text literal or template."""
    return isinstance(node, ir.Template) or (
        isinstance(node, ir.Literal) and isinstance(node.value, str)
    )


def conversion_of(verb: str) -> str:
    """What a verb of package fmt guarantees, as `Hole.conversion`."""
    if verb in _INTEGER_VERBS:
        return "d"
    if verb in _NUMBER_VERBS:
        return "f"
    return "q" if verb == "q" else ""


def built(
    lowering: GoLowering,
    start: int,
    end: int,
    callee: ir.Attribute,
    arguments: tuple[ir.Argument, ...],
) -> ir.Node | None:
    """The text that a call builds, or the call with the text it writes.

    None where it is a call like others.
    """
    path = BUILDERS.get(callee.name)
    if path is None or not isinstance(callee.value, ir.Name):
        return None
    if lowering.packages.get(callee.value.id) != path:
        return None
    values = [argument.value for argument in arguments]
    if any(isinstance(value, ir.Spread) for value in values):
        return None
    if callee.name == "Join":
        return _joined(start, end, values)
    if callee.name.startswith("F"):
        return _written(start, end, callee, arguments)
    if callee.name == "Sprintf":
        return _formatted(start, end, values)
    return _printed(start, end, values, spaced=callee.name == "Sprintln")


def _written(
    start: int, end: int, callee: ir.Attribute, arguments: tuple[ir.Argument, ...]
) -> ir.Node | None:
    """`fmt.Fprintf(w, format, …)` as a call with the writer and one text."""
    if len(arguments) < 2:
        return None
    values = [argument.value for argument in arguments[1:]]
    first, last = arguments[1].start, arguments[-1].end
    text = (
        _formatted(first, last, values)
        if callee.name == "Fprintf"
        else _printed(first, last, values, spaced=callee.name == "Fprintln")
    )
    if text is None and len(arguments) == 2:
        return None
    if text is None:
        # A format that is not in sight is filled as `fmt.Sprintf` does it.
        package = callee.value.id if isinstance(callee.value, ir.Name) else ""
        name = ir.Attribute(first, first, ir.Name(first, first, package), "Sprintf")
        text = ir.Call(first, last, name, arguments[1:], False)
    return ir.Call(start, end, callee, (arguments[0], ir.Argument(first, last, "", text)), False)


def _joined(start: int, end: int, values: list[ir.Node]) -> ir.Node | None:
    if len(values) != 2:
        return None
    items, separator = values
    if not isinstance(items, ir.Sequence) or not is_text(separator):
        return None
    parts: list[ir.Node] = []
    for item in items.elements:
        if parts:
            parts.append(separator)
        parts.append(item)
    return template(start, end, parts, "join")


def _printed(start: int, end: int, values: list[ir.Node], *, spaced: bool) -> ir.Node:
    parts: list[ir.Node] = []
    for value in values:
        # Sprint puts a space between two operands when neither is a text, which is not known here.
        if spaced and parts:
            parts.append(ir.Literal(value.start, value.end, " "))
        known = is_text(value) or (isinstance(value, ir.Literal) and type(value.value) is int)
        parts.append(value if known else ir.Hole(value.start, value.end, value, ""))
    if spaced:
        parts.append(ir.Literal(start, end, "\n"))
    return template(start, end, parts, "percent")


def _formatted(start: int, end: int, values: list[ir.Node]) -> ir.Node | None:
    """`fmt.Sprintf`, where its format is a text at least in part, whose holes are kept.

    Arguments that no verb takes follow at the end, as fmt prints them.
    """
    if not values or not is_text(values[0]):
        return None
    text = values[0]
    parts: list[ir.Node] = []
    at = 1
    used = {0}

    def take(index: str | None, conversion: str, piece: ir.Node) -> None:
        nonlocal at
        if index:
            at = int(index)
        if 0 < at < len(values):
            value = values[at]
            used.add(at)
        else:
            value = ir.Unknown(piece.start, piece.end, "missing-argument", ())
        at += 1
        parts.append(ir.Hole(value.start, value.end, value, conversion))

    for piece in text.parts if isinstance(text, ir.Template) else (text,):
        if not isinstance(piece, ir.Literal) or not isinstance(piece.value, str):
            parts.append(piece)
            continue
        position = 0
        for match in _VERB.finditer(piece.value):
            before = piece.value[position : match.start()]
            parts.append(ir.Literal(piece.start, piece.end, before))
            position = match.end()
            verb = match["verb"]
            if verb is None or verb == "%":
                parts.append(ir.Literal(piece.start, piece.end, "%"))
                continue
            for size in (match["width"], match["precision"]):
                if size and size[-1] == "*":
                    take(size.strip("[]*"), "d", piece)
            take(match["index"], conversion_of(verb), piece)
        parts.append(ir.Literal(piece.start, piece.end, piece.value[position:]))
    parts += [
        ir.Hole(value.start, value.end, value, "")
        for index, value in enumerate(values)
        if index not in used
    ]
    return template(start, end, parts, "percent")
