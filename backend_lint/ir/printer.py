"""The stable text form of the IR, for goldens, conformance tests and debugging.

One node a line, indented by depth: the kind, its scalar fields, and optionally its byte range.
A use of the receiver prints as `self` in every language, so that one program in three languages
prints alike; which of them declares a variable is left out for the same reason.
"""

from __future__ import annotations

from backend_lint.ir.nodes import Function, Name, Node
from backend_lint.ir.walk import child_fields


def print_ir(node: Node, *, regions: bool = False) -> str:
    """Render a tree; ends with a newline."""
    lines: list[str] = []
    _render(node, "", 0, "", lines, regions=regions)
    return "\n".join(lines) + "\n"


def _render(
    node: Node, label: str, depth: int, receiver: str, lines: list[str], *, regions: bool
) -> None:
    if isinstance(node, Function) and node.receiver:
        receiver = node.receiver
    nested = child_fields(type(node))
    words = [type(node).__name__]
    for field in node.__struct_fields__:
        if field in ("start", "end", "name_start", "rebinds"):
            continue
        value = getattr(node, field)
        if isinstance(node, Name) and value == receiver and receiver:
            value = "self"
        if field == "receiver" and value:
            value = "self"
        if (field not in nested and value not in ("", False)) or (
            field == "value" and not isinstance(value, Node) and type(node).__name__ == "Literal"
        ):
            words.append(f"{field}={value!r}")
    if regions:
        words.append(f"[{node.start}:{node.end}]")
    lines.append("  " * depth + label + " ".join(words))
    for field in nested:
        value = getattr(node, field)
        if isinstance(value, Node):
            _render(value, f"{field}: ", depth + 1, receiver, lines, regions=regions)
        elif isinstance(value, tuple) and value:
            lines.append("  " * (depth + 1) + f"{field}:")
            for item in value:
                _render(item, "", depth + 2, receiver, lines, regions=regions)
