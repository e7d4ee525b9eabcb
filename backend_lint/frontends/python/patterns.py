"""Python `case` patterns: the test they make and the names they bind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.lowering import Lowering

_LITERALS = frozenset(
    {"string", "concatenated_string", "integer", "float", "true", "false", "none"}
)


def pattern_test(
    low: Lowering, patterns: list[tree_sitter.Node], subject: ir.Node
) -> ir.Node | None:
    """What must hold for the patterns to match, or None if they match anything."""
    tests = [test for node in patterns if (test := _test(low, node, subject)) is not None]
    if not tests:
        return None
    if len(tests) == 1:
        return tests[0]
    return ir.Operation(tests[0].start, tests[-1].end, "and", tuple(tests))


def _test(low: Lowering, node: tree_sitter.Node, subject: ir.Node) -> ir.Node | None:
    start, end = node.start_byte, node.end_byte
    named = low.named(node)
    kind = node.type
    if kind == "case_pattern":
        return _test(low, named[0], subject) if named else None
    if kind == "as_pattern":
        return _test(low, named[0], subject)
    if kind == "union_pattern":
        tests = [_test(low, child, subject) for child in named]
        known = tuple(test for test in tests if test is not None)
        return ir.Operation(start, end, "or", known) if len(known) == len(tests) else None
    if kind == "dotted_name" and len(named) == 1:
        return None  # a capture
    if kind in _LITERALS or kind == "dotted_name":
        return ir.Operation(start, end, "==", (subject, low.expression(node)))
    children = tuple(low.expression(child) for child in named if child.type in _LITERALS)
    return ir.Unknown(start, end, kind, (subject, *children))


def bind_pattern(
    low: Lowering, node: tree_sitter.Node, subject: ir.Node, out: list[ir.Node]
) -> None:
    """Append an assignment for every name the pattern binds.

    A name bound to a part of the subject gets the whole subject: coarse, and right for the
    question where a value came from.
    """
    stack = [node]
    while stack:
        current = stack.pop()
        named = low.named(current)
        target: tree_sitter.Node | None = None
        if current.type == "dotted_name":
            if len(named) == 1:
                target = named[0]
        elif current.type == "splat_pattern":
            target = named[0] if named and named[0].type == "identifier" else None
        elif current.type == "as_pattern":
            target = named[-1] if len(named) > 1 else None
            stack.append(named[0])
        elif current.type == "class_pattern":
            stack.extend(child for child in named if child.type == "case_pattern")
        elif current.type == "keyword_pattern":
            stack.extend(named[1:])
        else:
            stack.extend(named)
        if target is not None and low.text(target) != "_":
            name = ir.Name(target.start_byte, target.end_byte, low.text(target))
            out.append(ir.Assign(target.start_byte, target.end_byte, (name,), subject, "", None))
