"""`if`, `switch` and `select` of Go, as chains of branches."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from backend_lint.frontends.go.grammar import BETWEEN, STATEMENT_LIST, kind, token
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.go.grammar import GoLowering, StatementHandler

_IF = kind("if_statement")
_ELSE = token("else")
_SEMICOLON = token(";")
_COLON = token(":")
_DEFAULT_CASE = kind("default_case")
_CASES = frozenset(
    {
        kind("expression_case"),
        kind("type_case"),
        kind("communication_case"),
        _DEFAULT_CASE,
    }
)
_WORDS = frozenset({token("case"), token("default")})

# Longer chains are cut into several, so that no generated switch nests deeper than code can go.
_MAX_CHAIN = 100


class _Case(NamedTuple):
    """One link of a chain: what runs before its test, the test, and what runs if it holds."""

    start: int
    before: list[ir.Node]
    test: ir.Node
    then: tuple[ir.Node, ...]


def _chain(
    cases: list[_Case], otherwise: tuple[ir.Node, ...], end: int, out: list[ir.Node]
) -> None:
    tail: tuple[ir.Node, ...] = otherwise
    later: list[ir.Node] = []
    for index in range(len(cases) - 1, -1, -1):
        case = cases[index]
        tail = (*case.before, ir.Branch(case.start, end, case.test, case.then, tail))
        if index and index % _MAX_CHAIN == 0:
            later[:0] = tail
            tail = ()
    out += tail
    out += later


def _if(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    end = node.end_byte
    cases: list[_Case] = []
    depth = lowering.depth
    link: tree_sitter.Node | None = node
    otherwise: tuple[ir.Node, ...] = ()
    while link is not None:
        if link.kind_id != _IF:
            otherwise = lowering.block(link)
            break
        start = link.start_byte
        setup, condition, block, link = _parts(link)
        before: list[ir.Node] = []
        if setup is not None:
            lowering.statement(setup, before)
        if condition is None:
            test: ir.Node = ir.Unknown(start, start, "missing", ())
        else:
            test = lowering.expression(condition)
        cases.append(_Case(start, before, test, lowering.block(block)))
        # Every link is nested in the one before.
        lowering.depth = depth + len(cases) % _MAX_CHAIN
    lowering.depth = depth
    _chain(cases, otherwise, end, out)


def _parts(
    node: tree_sitter.Node,
) -> tuple[
    tree_sitter.Node | None,
    tree_sitter.Node | None,
    tree_sitter.Node | None,
    tree_sitter.Node | None,
]:
    """The initial statement, condition, block and alternative of an `if`."""
    children = node.children
    count = len(children)
    if count == 3:
        return None, children[1], children[2], None
    if count == 5 and children[3].kind_id == _ELSE:
        return None, children[1], children[2], children[4]
    if count == 5 and children[2].kind_id == _SEMICOLON:
        return children[1], children[3], children[4], None
    field = node.child_by_field_name
    return (
        field("initializer"),
        field("condition"),
        field("consequence"),
        field("alternative"),
    )


def _clauses(
    node: tree_sitter.Node,
) -> list[tuple[tree_sitter.Node, list[tree_sitter.Node], tree_sitter.Node | None]]:
    """The cases of a switch or select: the node, what stands before its colon, its statements."""
    clauses = []
    for case in node.children:
        if case.kind_id not in _CASES:
            continue
        head: list[tree_sitter.Node] = []
        body: tree_sitter.Node | None = None
        for child in case.children:
            number = child.kind_id
            if number == STATEMENT_LIST:
                body = child
            elif number not in BETWEEN and number not in _WORDS and number != _COLON:
                head.append(child)
        clauses.append((case, head, body))
    return clauses


def _clause_body(lowering: GoLowering, body: tree_sitter.Node | None) -> list[ir.Node]:
    out: list[ir.Node] = []
    if body is None:
        return out
    outer, lowering.in_switch = lowering.in_switch, True
    lowering.statements(body, out)
    lowering.in_switch = outer
    # A break at the end of a case leads where the case leads anyway.
    last = out[-1] if out else None
    if isinstance(last, ir.Jump) and lowering.chars.startswith("break", last.start):
        label = lowering.chars[last.start : last.end].removeprefix("break").strip()
        if not label:
            out.pop()
    return out


def _switch(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    setup = node.child_by_field_name("initializer")
    if setup is not None:
        lowering.statement(setup, out)
    subject = lowering.optional(node.child_by_field_name("value"))
    cases: list[_Case] = []
    otherwise: tuple[ir.Node, ...] = ()
    depth = lowering.depth
    for case, head, body in _clauses(node):
        tests = [item for child in head for item in lowering.expressions(child)]
        then = tuple(_clause_body(lowering, body))
        if case.kind_id == _DEFAULT_CASE:
            otherwise = then
            continue
        if subject is not None:
            tests = [
                ir.Operation(subject.start, max(subject.end, test.end), "==", (subject, test))
                for test in tests
            ]
        start = case.start_byte
        cases.append(_Case(start, [], _any(start, tests), then))
        lowering.depth = depth + len(cases) % _MAX_CHAIN
    lowering.depth = depth
    if subject is not None and not cases:
        out.append(subject)
    _finish(cases, otherwise, node.end_byte, out)


def _any(start: int, tests: list[ir.Node]) -> ir.Node:
    if len(tests) == 1:
        return tests[0]
    if not tests:
        return ir.Unknown(start, start, "missing", ())
    return ir.Operation(tests[0].start, max(test.end for test in tests), "or", tuple(tests))


def _finish(
    cases: list[_Case], otherwise: tuple[ir.Node, ...], end: int, out: list[ir.Node]
) -> None:
    if cases:
        _chain(cases, otherwise, end, out)
    else:
        out += otherwise


def _type_switch(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    """The variable of the switch is bound at the head of each block."""
    setup = node.child_by_field_name("initializer")
    if setup is not None:
        lowering.statement(setup, out)
    alias_node = node.child_by_field_name("alias")
    subject = lowering.optional(node.child_by_field_name("value"))
    alias = lowering.expressions(alias_node)[0] if alias_node is not None else None
    bound: list[ir.Node] = []
    if alias is not None and subject is not None:
        bound.append(
            ir.Assign(alias.start, max(alias.end, subject.end), (alias,), subject, "", None)
        )
    cases: list[_Case] = []
    otherwise: tuple[ir.Node, ...] = ()
    depth = lowering.depth
    for case, head, body in _clauses(node):
        types = [_case_type(lowering, child) for child in head]
        then = (*bound, *_clause_body(lowering, body))
        if case.kind_id == _DEFAULT_CASE:
            otherwise = then
            continue
        start = case.start_byte
        upto = types[-1].end if types else start
        at = types[0].start if types else start
        if not bound and subject is not None:
            types.insert(0, subject)
            at = subject.start
        cases.append(_Case(start, [], ir.Unknown(at, upto, "type-case", tuple(types)), then))
        lowering.depth = depth + len(cases) % _MAX_CHAIN
    lowering.depth = depth
    _finish(cases, otherwise, node.end_byte, out)


def _case_type(lowering: GoLowering, node: tree_sitter.Node) -> ir.Node:
    node_type = lowering.expression(node)
    if isinstance(node_type, ir.Name) and node_type.id == "nil":
        return ir.Literal(node_type.start, node_type.end, None)
    return node_type


def _select(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    """The test of a case is its communication, an assignment where it binds what it receives."""
    cases: list[_Case] = []
    otherwise: tuple[ir.Node, ...] = ()
    depth = lowering.depth
    for case, head, body in _clauses(node):
        start = case.start_byte
        tests: list[ir.Node] = []
        for child in head:
            lowering.statement(child, tests)
        extra: list[ir.Node] = []
        if len(tests) > 1 and isinstance(tests[0], ir.Assign):
            extra = tests[1:]
            del tests[1:]
        then = (*extra, *_clause_body(lowering, body))
        if case.kind_id == _DEFAULT_CASE:
            otherwise = then
            continue
        cases.append(_Case(start, [], _any(start, tests), then))
        lowering.depth = depth + len(cases) % _MAX_CHAIN
    lowering.depth = depth
    _finish(cases, otherwise, node.end_byte, out)


STATEMENTS: dict[str, StatementHandler] = {
    "if_statement": _if,
    "expression_switch_statement": _switch,
    "type_switch_statement": _type_switch,
    "select_statement": _select,
}
