"""Python statements and declarations to IR."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.frontends.python.expressions import arguments, parameters
from backend_lint.frontends.python.patterns import bind_pattern, pattern_test
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.lowering import Lowering, StatementLowering


def _expression_statement(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    for child in low.named(node):
        expression = low.expression(child)
        if not (isinstance(expression, ir.Literal) and isinstance(expression.value, str)):
            out.append(expression)  # a bare text is documentation


def _if(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    # Chains of `elif` are folded from the end: they can be thousands long.
    otherwise: tuple[ir.Node, ...] = ()
    for clause in reversed(node.children_by_field_name("alternative")):
        if clause.type == "else_clause":
            otherwise = low.block(clause.child_by_field_name("body"))
        else:
            otherwise = (_branch(low, clause, otherwise, node.end_byte),)
    out.append(_branch(low, node, otherwise, node.end_byte))


def _branch(
    low: Lowering, node: tree_sitter.Node, otherwise: tuple[ir.Node, ...], end: int
) -> ir.Branch:
    condition = node.child_by_field_name("condition")
    test = (
        low.expression(condition)
        if condition is not None
        else ir.Unknown(node.start_byte, node.end_byte, "condition", ())
    )
    then = low.block(node.child_by_field_name("consequence"))
    return ir.Branch(node.start_byte, end, test, then, otherwise)


def _match(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    subjects = [low.expression(n) for n in node.children_by_field_name("subject") if n.is_named]
    if not subjects:
        out.append(low.unknown(node))
        return
    subject = (
        subjects[0]
        if len(subjects) == 1
        else ir.Sequence(subjects[0].start, subjects[-1].end, "tuple", tuple(subjects))
    )
    body = node.child_by_field_name("body")
    chain: tuple[ir.Node, ...] = ()
    for case in reversed(low.named(body) if body is not None else []):
        if case.type != "case_clause":
            continue
        patterns = [child for child in low.named(case) if child.type == "case_pattern"]
        bindings: list[ir.Node] = []
        for pattern in patterns:
            bind_pattern(low, pattern, subject, bindings)
        then = (*bindings, *low.block(case.child_by_field_name("consequence")))
        test = pattern_test(low, patterns, subject)
        guard = case.child_by_field_name("guard")
        if guard is not None:
            conditions = tuple(low.expression(child) for child in low.named(guard))
            test = (
                ir.Operation(guard.start_byte, guard.end_byte, "and", conditions)
                if test is None
                else ir.Operation(test.start, guard.end_byte, "and", (test, *conditions))
            )
        if test is None:
            chain = then
        else:
            chain = (ir.Branch(case.start_byte, node.end_byte, test, then, chain),)
    out.extend(chain)


def _for(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    target = node.child_by_field_name("left")
    iterable = node.child_by_field_name("right")
    if target is None or iterable is None:
        out.append(low.unknown(node))
        return
    body = low.block(node.child_by_field_name("body"))
    otherwise = _else(low, node.child_by_field_name("alternative"))
    out.append(
        ir.Loop(
            node.start_byte,
            node.end_byte,
            None,
            low.expression(target),
            low.expression(iterable),
            None,
            body,
            otherwise,
        )
    )


def _while(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    condition = low.optional(node.child_by_field_name("condition"))
    test = None if isinstance(condition, ir.Literal) and condition.value else condition
    body = low.block(node.child_by_field_name("body"))
    otherwise = _else(low, node.child_by_field_name("alternative"))
    out.append(ir.Loop(node.start_byte, node.end_byte, None, None, None, test, body, otherwise))


def _else(low: Lowering, clause: tree_sitter.Node | None) -> tuple[ir.Node, ...]:
    return () if clause is None else low.block(clause.child_by_field_name("body"))


def _try(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    handlers: list[ir.Handler] = []
    otherwise: tuple[ir.Node, ...] = ()
    final: tuple[ir.Node, ...] = ()
    for clause in low.named(node):
        if clause.type == "except_clause":
            handlers.append(_handler(low, clause))
        elif clause.type == "else_clause":
            otherwise = _else(low, clause)
        elif clause.type == "finally_clause":
            final = tuple(s for child in low.named(clause) for s in low.block(child))
    body = low.block(node.child_by_field_name("body"))
    out.append(ir.Try(node.start_byte, node.end_byte, body, tuple(handlers), otherwise, final))


def _handler(low: Lowering, clause: tree_sitter.Node) -> ir.Handler:
    kind: ir.Node | None = None
    name = ""
    body: tuple[ir.Node, ...] = ()
    for child in low.named(clause):
        if child.type == "block":
            body = low.block(child)
        elif child.type == "as_pattern":
            parts = low.named(child)
            kind = low.expression(parts[0])
            alias = child.child_by_field_name("alias")
            name = low.text(alias) if alias is not None else ""
        elif kind is None:
            kind = low.expression(child)
    return ir.Handler(clause.start_byte, clause.end_byte, kind, name, body)


def _with(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    items: list[tuple[ir.Node, ir.Node | None]] = []
    for clause in low.named(node):
        if clause.type != "with_clause":
            continue
        for item in low.named(clause):
            value = item.child_by_field_name("value") or item
            items.extend(_with_items(low, value))
    body = low.block(node.child_by_field_name("body"))
    for context, target in reversed(items):
        body = (ir.With(node.start_byte, node.end_byte, context, target, body),)
    out.extend(body)


def _with_items(low: Lowering, value: tree_sitter.Node) -> list[tuple[ir.Node, ir.Node | None]]:
    if value.type == "tuple":  # `with (a as b, c as d):`
        return [pair for child in low.named(value) for pair in _with_items(low, child)]
    if value.type == "as_pattern":
        alias = value.child_by_field_name("alias")
        targets = low.named(alias) if alias is not None else []
        target = low.expression(targets[0]) if targets else None
        return [(low.expression(low.named(value)[0]), target)]
    return [(low.expression(value), None)]


def _return(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    named = low.named(node)
    value = low.expression(named[0]) if named else None
    out.append(ir.Return(node.start_byte, node.end_byte, value))


def _raise(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    named = low.named(node)
    value = low.expression(named[0]) if named else None
    out.append(ir.Raise(node.start_byte, node.end_byte, value))


def _jump(kind: str) -> StatementLowering:
    def lower(_low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
        out.append(ir.Jump(node.start_byte, node.end_byte, kind))

    return lower


def _nothing(_low: Lowering, _node: tree_sitter.Node, _out: list[ir.Node]) -> None:
    return


def _outer_names(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    """`nonlocal name`: what the surroundings have under the name is what it is given here."""
    for child in low.named(node):
        name = low.expression(child)
        if isinstance(name, ir.Name):
            out.append(ir.Assign(name.start, name.end, (name,), name, "", None, rebinds=True))


def _delete(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    operands = tuple(low.expression(child) for child in low.named(node))
    out.append(ir.Operation(node.start_byte, node.end_byte, "delete", operands))


def _assert(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    # `assert x` is `if not x: raise`, so that it guards what follows like any other check.
    named = low.named(node)
    if not named:
        return
    start, end = node.start_byte, node.end_byte
    test = low.expression(named[0])
    negated = ir.Operation(test.start, test.end, "not", (test,))
    failure = ir.Raise(start, end, low.expression(named[1]) if len(named) > 1 else None)
    out.append(ir.Branch(start, end, negated, (failure,), ()))


def _import(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    start, end = node.start_byte, node.end_byte
    for child in low.named(node):
        if child.type == "aliased_import":
            name, alias = low.named(child)[0], low.named(child)[-1]
            out.append(ir.Import(start, end, low.text(name), "", low.text(alias)))
        else:
            dotted = low.text(child)
            out.append(ir.Import(start, end, dotted.split(".")[0], "", dotted.split(".")[0]))


def _import_from(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    start, end = node.start_byte, node.end_byte
    source = node.child_by_field_name("module_name")
    module = low.text(source) if source is not None else "__future__"
    for child in low.named(node):
        if child == source:
            continue
        if child.type == "wildcard_import":
            out.append(ir.Import(start, end, module, "*", ""))
        elif child.type == "aliased_import":
            parts = low.named(child)
            out.append(ir.Import(start, end, module, low.text(parts[0]), low.text(parts[-1])))
        elif child.type == "dotted_name":
            name = low.text(child)
            out.append(ir.Import(start, end, module, name, name))


def _decorated(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    decorators: list[ir.Node] = []
    for child in low.named(node):
        if child.type == "decorator":
            decorators.extend(low.expression(inner) for inner in low.named(child))
        elif child.type == "function_definition":
            out.append(_definition(low, child, tuple(decorators), None))
        elif child.type == "class_definition":
            out.append(_class_definition(low, child, tuple(decorators)))
        else:
            low.statement(child, out)


def _function(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    out.append(_definition(low, node, (), None))


_STATIC = frozenset({"staticmethod"})


def _definition(
    low: Lowering, node: tree_sitter.Node, decorators: tuple[ir.Node, ...], owner: str | None
) -> ir.Function:
    name = node.child_by_field_name("name")
    params = parameters(low, node.child_by_field_name("parameters"))
    receiver = ""
    static = any(isinstance(d, ir.Name) and d.id in _STATIC for d in decorators)
    if owner is not None and not static and params and not params[0].kind:
        receiver = params[0].name
        params = params[1:]
    is_async = bool(node.children) and node.children[0].type == "async"
    return ir.Function(
        node.start_byte,
        node.end_byte,
        low.text(name) if name is not None else "",
        receiver,
        "",
        tuple(params),
        low.optional(node.child_by_field_name("return_type")),
        decorators,
        "async" if is_async else "function",
        name.start_byte if name is not None else node.start_byte,
        low.block(node.child_by_field_name("body")),
    )


def _class(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    out.append(_class_definition(low, node, ()))


def _class_definition(
    low: Lowering, node: tree_sitter.Node, decorators: tuple[ir.Node, ...]
) -> ir.Class:
    name = node.child_by_field_name("name")
    class_name = low.text(name) if name is not None else ""
    body: list[ir.Node] = []
    block = node.child_by_field_name("body")
    for child in low.named(block) if block is not None else ():
        _member(low, child, class_name, body)
    return ir.Class(
        node.start_byte,
        node.end_byte,
        class_name,
        "class",
        arguments(low, node.child_by_field_name("superclasses")),
        decorators,
        tuple(body),
    )


def _member(low: Lowering, node: tree_sitter.Node, owner: str, body: list[ir.Node]) -> None:
    if node.type == "function_definition":
        body.append(_definition(low, node, (), owner))
        return
    if node.type == "decorated_definition":
        children = low.named(node)
        if children and children[-1].type == "function_definition":
            decorators = tuple(
                low.expression(inner) for child in children[:-1] for inner in low.named(child)
            )
            body.append(_definition(low, children[-1], decorators, owner))
            return
    start = len(body)
    low.statement(node, body)
    for index in range(start, len(body)):
        statement = body[index]
        if isinstance(statement, ir.Assign) and not statement.operator:
            target = statement.targets[0] if len(statement.targets) == 1 else None
            if isinstance(target, ir.Name):
                body[index] = ir.Field(
                    statement.start,
                    statement.end,
                    target.id,
                    statement.annotation,
                    statement.value,
                    (),
                    "",
                )


def _type_alias(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    named = low.named(node)
    if len(named) < 2:
        out.append(low.unknown(node))
        return
    target = low.expression(named[-1])
    base = ir.Argument(target.start, target.end, "", target)
    name = low.text(named[0]).split("[")[0]
    out.append(ir.Class(node.start_byte, node.end_byte, name, "alias", (base,), (), ()))


def _suite(low: Lowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    for child in node.named_children:
        low.statement(child, out)


STATEMENTS: dict[str, StatementLowering] = {
    "expression_statement": _expression_statement,
    "if_statement": _if,
    "match_statement": _match,
    "for_statement": _for,
    "while_statement": _while,
    "try_statement": _try,
    "with_statement": _with,
    "return_statement": _return,
    "raise_statement": _raise,
    "break_statement": _jump("break"),
    "continue_statement": _jump("continue"),
    "pass_statement": _nothing,
    "global_statement": _outer_names,
    "nonlocal_statement": _outer_names,
    "delete_statement": _delete,
    "assert_statement": _assert,
    "import_statement": _import,
    "import_from_statement": _import_from,
    "future_import_statement": _nothing,
    "decorated_definition": _decorated,
    "function_definition": _function,
    "class_definition": _class,
    "type_alias_statement": _type_alias,
    "block": _suite,
    "ERROR": _suite,
}
