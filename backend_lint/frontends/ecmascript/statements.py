"""Declarations of variables and control flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.frontends.ecmascript.functions import annotation
from backend_lint.frontends.ecmascript.modules import declared_export
from backend_lint.frontends.lowering import MAX_DEPTH
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.ecmascript.grammar import EcmascriptLowering, StatementHandler

_DECLARATIONS = frozenset({"lexical_declaration", "variable_declaration", "using_declaration"})


def _children(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    """What only groups statements: blocks, labels, namespaces, errors."""
    for child in node.named_children:
        lowering.statement(child, out)


def _expression(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    child = node.children[0]
    lower = lowering.by_statement.get(child.kind_id)
    if lower is None:
        out.append(lowering.expression(child))
    else:
        lower(lowering, child, out)


def _nothing(_lowering: EcmascriptLowering, _node: tree_sitter.Node, _out: list[ir.Node]) -> None:
    """What means nothing as a statement: empty statements, types of namespaces."""


def _directive(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    """`"use server"` says who calls a function; that the language is strict tells nothing."""
    if lowering.text(node)[1:-1] != "use strict":
        out.append(lowering.expression(node))


def _declaration(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    kinds = lowering.kinds
    for child in node.named_children:
        if kinds[child.kind_id] == "variable_declarator":
            _declarator(lowering, child, out)
        else:
            lowering.statement(child, out)


def _declarator(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    kinds = lowering.kinds
    children = node.children
    target = lowering.expression(children[0])
    declared: ir.Node | None = None
    value: ir.Node | None = None
    exports: list[ir.Node] = []
    for child in children[1:]:
        kind = kinds[child.kind_id]
        if kind == "type_annotation":
            declared = annotation(lowering, child)
        elif kind == "assignment_expression":
            value = declared_export(lowering, node, child, target, exports)
        elif child.is_named and child.kind_id not in lowering.tables.comments:
            value = lowering.expression(child)
    out.append(ir.Assign(node.start_byte, node.end_byte, (target,), value, "", declared))
    out.extend(exports)


def _if(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    # A chain of `else if` nests as deep as it is long: walk it in a loop.
    clauses: list[ir.Branch] = []
    otherwise: tuple[ir.Node, ...] = ()
    depth = lowering.depth
    room = _room(depth)
    end = node.end_byte
    kinds = lowering.kinds
    kind = node.kind_id
    while True:
        lowering.depth = depth + min(len(clauses), room)
        parts = lowering.named(node)
        following: tree_sitter.Node | None = None
        if len(parts) > 2 and kinds[parts[-1].kind_id] == "else_clause":
            following = _last(lowering, parts.pop())
        test = lowering.expression(parts[0])
        then = lowering.body(parts[-1]) if len(parts) > 1 else ()
        clauses.append(ir.Branch(node.start_byte, end, test, then, ()))
        if following is None:
            break
        if following.kind_id != kind:
            otherwise = lowering.body(following)
            break
        node = following
    lowering.depth = depth
    out.append(_chained(clauses, otherwise, room))


def _last(lowering: EcmascriptLowering, node: tree_sitter.Node) -> tree_sitter.Node | None:
    parts = lowering.named(node)
    return parts[-1] if parts else None


def _room(depth: int) -> int:
    """How many clauses of a chain may nest; as much again is left for what they hold."""
    return max((MAX_DEPTH - depth) // 2, 1)


def _chained(clauses: list[ir.Branch], otherwise: tuple[ir.Node, ...], room: int) -> ir.Node:
    """Put each clause into the one before it as what happens otherwise.

    Clauses for which there is no room stand side by side instead, all in the last one that fits.
    """
    if len(clauses) > room:
        otherwise = (*clauses[room:], *otherwise)
    for clause in reversed(clauses[:room]):
        otherwise = (ir.Branch(clause.start, clause.end, clause.test, clause.then, otherwise),)
    return otherwise[0]


def _switch(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    kinds = lowering.kinds
    start = node.start_byte
    end = node.end_byte
    subject_node = node.child_by_field_name("value")
    body = node.child_by_field_name("body")
    if subject_node is None or body is None:
        out.append(lowering.unknown(node))
        return
    subject = lowering.expression(subject_node)
    always = isinstance(subject, ir.Literal) and subject.value is True
    depth = lowering.depth
    room = _room(depth)
    clauses: list[ir.Branch] = []
    otherwise: tuple[ir.Node, ...] = ()
    pending: list[ir.Node] = []
    for child in lowering.named(body):
        lowering.depth = depth + min(len(clauses), room)
        parts = lowering.named(child)
        kind = kinds[child.kind_id]
        if kind == "switch_default":
            otherwise = _case_body(lowering, parts)
            pending = []
            continue
        if kind != "switch_case" or not parts:
            lowering.statement(child, out)
            continue
        case = lowering.expression(parts[0])
        if always:
            pending.append(case)
        else:
            # The subject stands before the case: the comparison spans both.
            pending.append(ir.Operation(subject.start, case.end, "==", (subject, case)))
        if len(parts) == 1:
            continue
        test = pending[0]
        if len(pending) > 1:
            test = ir.Operation(test.start, pending[-1].end, "or", tuple(pending))
        clauses.append(ir.Branch(start, end, test, _case_body(lowering, parts[1:]), ()))
        pending = []
    lowering.depth = depth
    if clauses:
        out.append(_chained(clauses, otherwise, room))
    else:
        out.append(subject)
        out.extend(otherwise)


def _case_body(lowering: EcmascriptLowering, nodes: list[tree_sitter.Node]) -> tuple[ir.Node, ...]:
    body: list[ir.Node] = []
    for node in nodes:
        lowering.statement(node, body)
    if body and isinstance(body[-1], ir.Jump) and body[-1].kind == "break":
        body.pop()
    return tuple(body)


def _for_in(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    left = node.child_by_field_name("left")
    operator = node.child_by_field_name("operator")
    right = node.child_by_field_name("right")
    body = node.child_by_field_name("body")
    if left is None or right is None or body is None:
        out.append(lowering.unknown(node))
        return
    bound = lowering.expression(left)
    is_key = operator is not None and lowering.kinds[operator.kind_id] == "in"
    key, target = (bound, None) if is_key else (None, bound)
    iterable = lowering.expression(right)
    statements = lowering.body(body)
    start = node.start_byte
    out.append(ir.Loop(start, node.end_byte, key, target, iterable, None, statements, ()))


def _for(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    initializer = node.child_by_field_name("initializer")
    condition = node.child_by_field_name("condition")
    increment = node.child_by_field_name("increment")
    body = node.child_by_field_name("body")
    if initializer is not None:
        lowering.statement(initializer, out)
    statements: list[ir.Node] = []
    if body is not None:
        lowering.statement(body, statements)
    if increment is not None:
        lowering.statement(increment, statements)
    test = None
    if condition is not None and lowering.kinds[condition.kind_id] != "empty_statement":
        test = _test(lowering, condition)
    out.append(
        ir.Loop(node.start_byte, node.end_byte, None, None, None, test, tuple(statements), ())
    )


def _test(lowering: EcmascriptLowering, node: tree_sitter.Node | None) -> ir.Node | None:
    """The test of a loop; None if the loop runs for ever."""
    test = lowering.optional(node)
    return None if isinstance(test, ir.Literal) and test.value else test


def _while(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    test = _test(lowering, node.child_by_field_name("condition"))
    body = node.child_by_field_name("body")
    statements = () if body is None else lowering.body(body)
    out.append(ir.Loop(node.start_byte, node.end_byte, None, None, None, test, statements, ()))


def _try(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    kinds = lowering.kinds
    body: tuple[ir.Node, ...] = ()
    handlers: list[ir.Handler] = []
    final: tuple[ir.Node, ...] = ()
    for child in node.named_children:
        kind = kinds[child.kind_id]
        if kind == "statement_block":
            body += lowering.block(child)
        elif kind == "catch_clause":
            handlers.append(_handler(lowering, child))
        elif kind == "finally_clause":
            final += lowering.block(child)
    out.append(ir.Try(node.start_byte, node.end_byte, body, tuple(handlers), (), final))


def _handler(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Handler:
    name = ""
    body: list[ir.Node] = []
    for child in node.named_children:
        kind = lowering.kinds[child.kind_id]
        if kind == "statement_block":
            body.extend(lowering.block(child))
        elif kind == "identifier":
            name = lowering.text(child)
        elif kind in ("object_pattern", "array_pattern"):
            target = lowering.expression(child)
            body.append(ir.Assign(target.start, target.end, (target,), None, "", None))
    return ir.Handler(node.start_byte, node.end_byte, None, name, tuple(body))


def _return(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    out.append(ir.Return(node.start_byte, node.end_byte, _operand(lowering, node)))


def _throw(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    out.append(ir.Raise(node.start_byte, node.end_byte, _operand(lowering, node)))


def _operand(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node | None:
    for child in node.named_children:
        if child.kind_id not in lowering.tables.comments:
            return lowering.expression(child)
    return None


def _break(_lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    out.append(ir.Jump(node.start_byte, node.end_byte, "break"))


def _continue(_lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    out.append(ir.Jump(node.start_byte, node.end_byte, "continue"))


def _labeled(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    body = node.child_by_field_name("body")
    if body is not None:
        lowering.statement(body, out)


STATEMENTS: dict[str, StatementHandler] = {
    **dict.fromkeys(_DECLARATIONS, _declaration),
    "variable_declarator": _declarator,
    "ERROR": _children,
    "statement_block": _children,
    "else_clause": _children,
    "sequence_expression": _children,
    "expression_statement": _expression,
    "string": _directive,
    "empty_statement": _nothing,
    "debugger_statement": _nothing,
    "labeled_statement": _labeled,
    "if_statement": _if,
    "switch_statement": _switch,
    "for_in_statement": _for_in,
    "for_statement": _for,
    "while_statement": _while,
    "do_statement": _while,
    "try_statement": _try,
    "return_statement": _return,
    "throw_statement": _throw,
    "break_statement": _break,
    "continue_statement": _continue,
}
