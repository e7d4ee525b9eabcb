"""Statements of the IR: how they change the variables in force, the control, and the facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from backend_lint.facts import values as v
from backend_lint.facts.bound import bound_names, target_names
from backend_lint.facts.expressions import inner_store
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backend_lint.facts.extract import Builder

    # Each takes the node kind it is filed under.
    Statement: TypeAlias = Callable[[Builder, Any], None]


def assign_statement(b: Builder, node: ir.Assign) -> int:
    """An assignment; returns the value assigned."""
    scope = b.scope
    if node.value is None:
        if node.annotation is not None:
            kind = b.evaluate(node.annotation)
            value = scope.add(v.Opaque(node.start, node.end, "unset", (kind,)))
        else:
            value = scope.add(v.Opaque(node.start, node.end, "unset", ()))
    else:
        if isinstance(node.value, ir.Function):
            target = node.targets[0]
            if isinstance(target, ir.Name):
                b.closure_name = target.id
            elif isinstance(target, ir.Attribute):
                b.closure_name = target.name
        value = b.evaluate(node.value)
        if node.operator:
            value = _augmented(b, node, value)
        elif node.annotation is not None:
            kind = b.evaluate(node.annotation)
            if type(scope.values[value]) in (v.Opaque, v.Constant):
                # `db: Session = None` says more by its type than by its value.
                value = scope.add(v.Compute(node.start, node.end, "typed", (value, kind)))
    if node.rebinds and scope.parent is not None:
        for target in node.targets:
            names = target_names(target)
            scope.given.update(name for name in names if name not in scope.environment)
    for target in node.targets:
        assign(b, target, value)
    return value


def _augmented(b: Builder, node: ir.Assign, value: int) -> int:
    scope = b.scope
    old = b.evaluate(node.targets[0])
    if node.operator == "+" and (_is_text(b, old) or _is_text(b, value)):
        parts: list[int] = []
        for part in (old, value):
            current = scope.values[part]
            if type(current) is v.Text and current.style != "tagged":
                parts.extend(current.parts)
            elif type(current) is v.Constant:
                parts.append(part)
            else:
                span = scope.span(part)
                parts.append(scope.add(v.Hole(*span, part, "", scope.context)))
        return scope.add(v.Text(node.start, node.end, tuple(parts), "concat"))
    return scope.add(v.Compute(node.start, node.end, node.operator, (old, value)))


def _is_text(b: Builder, index: int) -> bool:
    value = b.scope.values[index]
    return type(value) is v.Text or (type(value) is v.Constant and isinstance(value.value, str))


def assign(b: Builder, target: ir.Node, value: int) -> None:
    """Give a target a value, taking the value apart where the target is a pattern."""
    scope = b.scope
    if isinstance(target, ir.Name):
        scope.bind(target.id, value)
    elif isinstance(target, ir.Attribute):
        _store(b, target, target.value, target.name, value)
    elif isinstance(target, ir.Subscript):
        at = b.evaluate(target.index)
        key = scope.values[at]
        name = key.value if type(key) is v.Constant and isinstance(key.value, str) else ""
        _store(b, target, target.value, name, value, at)
    elif isinstance(target, ir.Sequence):
        _unpack(b, target, value)
    elif isinstance(target, ir.Mapping):
        for entry in target.entries:
            if isinstance(entry.key, ir.Literal) and isinstance(entry.key.value, str):
                part = scope.member(entry.start, entry.end, value, entry.key.value)
            elif isinstance(entry.value, ir.Spread):
                part = _rest(b, target, entry, value)
            else:
                part = value  # a computed key
            assign(b, entry.value, part)
    elif isinstance(target, ir.Spread):
        assign(b, target.value, value)
    elif isinstance(target, ir.Assign):
        default = b.optional(target.value)
        options = (value, default) if default >= 0 else (value,)
        merged = scope.merge(options, target.start, target.end)
        for inner in target.targets:
            assign(b, inner, merged)
    else:
        b.evaluate(target)


def _rest(b: Builder, target: ir.Mapping, rest: ir.Entry, value: int) -> int:
    """`{ a, ...rest }`: the value, but for what the other entries took out of it."""
    scope = b.scope
    for entry in target.entries:
        if isinstance(entry.key, ir.Literal) and isinstance(entry.key.value, str):
            nothing = scope.add(v.Constant(entry.start, entry.end, None))
            value = scope.add(v.Stored(rest.start, rest.end, value, entry.key.value, nothing))
    return value


def _unpack(b: Builder, target: ir.Sequence, value: int) -> None:
    scope = b.scope
    current = scope.values[value]
    elements: tuple[int, ...] = ()
    if (
        type(current) is v.Listing
        and current.kind != "each"
        and len(current.elements) == len(target.elements)
    ):
        elements = current.elements
    for position, element in enumerate(target.elements):
        if elements:
            part = elements[position]
        elif isinstance(element, ir.Spread):
            part = value
        else:
            key = scope.shared((0, int, position), v.Constant(element.start, element.end, position))
            part = scope.shared((7, value, key), v.Item(element.start, element.end, value, key))
        assign(b, element, part)


def _store(
    b: Builder, target: ir.Node, owner: ir.Node, name: str, value: int, key: int = -1
) -> None:
    scope = b.scope
    base = b.evaluate(owner)
    scope.writes.append(
        v.FieldWrite(base, name, value, scope.context, target.start, target.end, key)
    )
    if isinstance(owner, ir.Name) and owner.id in scope.environment:
        stored = scope.add(v.Stored(target.start, target.end, base, name, value))
        scope.bind(owner.id, stored)
    elif isinstance(owner, ir.Attribute):
        stored = scope.add(v.Stored(target.start, target.end, base, name, value))
        member = scope.values[base]
        while isinstance(member, v.Stored):
            base = member.base
            member = scope.values[base]
        scope.environment[inner_store(base)] = stored
        scope.has_inner_stores = True


def _assign(b: Builder, node: ir.Assign) -> None:
    assign_statement(b, node)


def _branch(b: Builder, node: ir.Branch) -> None:
    scope = b.scope
    # Chains of `else if` are as long as people like: one round of this loop a link.
    ends: list[tuple[int, dict[str, int], bool, int, int, int]] = []
    while True:
        test = b.evaluate(node.test)
        start = dict(scope.environment)
        header = (node.test.start, node.test.end)
        outer = scope.enter("if", test, *header)
        inner = scope.context
        b.block(node.then)
        end = (test, scope.environment, scope.ended, scope.context, inner)
        scope.environment, scope.ended, scope.context = start, False, outer
        scope.enter("unless", test, *header)
        ends.append((*end, scope.context))
        rest = node.otherwise
        if len(rest) == 1 and isinstance(rest[0], ir.Branch):
            node = rest[0]
            continue
        b.block(rest)
        break
    environment, ended, context = scope.environment, scope.ended, scope.context
    for test, other, other_ended, other_context, inner, failed in reversed(ends):
        if ended:
            environment, ended, context = other, other_ended, other_context
        elif not other_ended:
            passed = _passed(b, other_context, inner), _passed(b, context, failed)
            environment = _join(b, test, other, environment, *passed)
            context = scope.contexts[inner].parent
        # else: what follows stands under the failed test, `context` stays
    scope.environment, scope.ended, scope.context = environment, ended, context


def _passed(b: Builder, context: int, branch: int) -> tuple[int, ...]:
    """The tests inside a branch or loop that control passed to get to a context.

    In `if key: if key not in ALLOWED: return; order = key`, what follows may know of both.
    """
    scope = b.scope
    tests: list[int] = []
    while context > branch:
        current = scope.contexts[context]
        if current.kind == "if":
            tests.append(current.value)
        elif current.kind == "unless":
            tests.append(scope.add(v.Compute(current.start, current.end, "not", (current.value,))))
        context = current.parent
    return tuple(tests)


def _join(
    b: Builder,
    test: int,
    then: dict[str, int],
    otherwise: dict[str, int],
    then_tests: tuple[int, ...],
    otherwise_tests: tuple[int, ...],
) -> dict[str, int]:
    """Variables after a branch: where the ways differ, the test decides."""
    scope = b.scope
    result = dict(otherwise)
    for name, value in then.items():
        other = otherwise.get(name)
        if other is None:
            result[name] = value
        elif other != value:
            one, two = scope.kept(value, then_tests), scope.kept(other, otherwise_tests)
            choice = v.Compute(*scope.span(value), "conditional", (test, one, two))
            scope.bind(name, scope.add(choice))
            result[name] = scope.environment[name]
    return result


def _loop(b: Builder, node: ir.Loop) -> None:
    scope = b.scope
    iterable = b.optional(node.iterable)
    opened: dict[str, int] = {}
    for name in sorted(bound_names((node,))):
        if name in scope.environment:
            opened[name] = scope.open_merge(scope.environment[name], node.start, node.start)
            scope.environment[name] = opened[name]
    before = scope.context
    after = dict(scope.environment)
    if node.iterable is not None:
        scope.enter("loop", iterable, node.start, node.iterable.end)
        loop = scope.context
        for part, target in (("key", node.key), ("value", node.target)):
            if target is not None:
                element = v.Element(target.start, target.end, iterable, part, loop)
                assign(b, target, scope.add(element))
    else:
        test = b.optional(node.test)
        end = node.test.end if node.test is not None else node.start
        scope.enter("while", test, node.start, end)
    inside, (outside, scope.jumps) = scope.context, (scope.jumps, [])
    breaks, scope.breaks = scope.breaks, []
    b.block(node.body)
    ways = [(scope.environment, ()), *_jumped(b, inside)]
    scope.jumps = outside
    breaks, scope.breaks = scope.breaks, breaks
    for environment, tests in ways:
        for name, index in opened.items():
            value = environment.get(name, index)
            if value != index:
                scope.close_merge(index, scope.kept(value, tests))
        for name, value in environment.items():
            old = after.setdefault(name, value)
            if old != value and name not in opened:
                # Not assigned in the body but changed: `found.append(row)`, `user.name = name`.
                after[name] = scope.merge((old, value), node.start, node.start)
    scope.environment, scope.context, scope.ended = after, before, False
    b.block(node.otherwise)
    scope.context = before
    if scope.ended and breaks:
        # What follows was come to by a `break`: `if name == each: break`, `else: return`.
        scope.ended = False
        for test in _passed(b, breaks[0], inside) if len(breaks) == 1 else ():
            scope.enter("if", test, node.start, node.start)


def _jumped(b: Builder, loop: int) -> Iterator[tuple[dict[str, int], tuple[int, ...]]]:
    """The variables at each way out of a round of a loop but its end, and the tests before it."""
    for environment, context in b.scope.jumps:
        yield environment, _passed(b, context, loop)


def _try(b: Builder, node: ir.Try) -> None:
    scope = b.scope
    start = dict(scope.environment)
    before = scope.enter("try", -1, node.start, node.start)
    outside, scope.raised = scope.raised, []
    b.block(node.body)
    raised, scope.raised = tuple(scope.raised), outside
    if not scope.ended:
        b.block(node.otherwise)
    body = scope.environment
    ways = [] if scope.ended else [(body, scope.context)]
    scope.context = before
    interrupted = _mix(b, start, body, node)
    for handler in node.handlers:
        scope.environment, scope.ended = dict(interrupted), False
        scope.enter("handler", b.optional(handler.type), handler.start, handler.start)
        if handler.name:
            caught = v.Opaque(handler.start, handler.start, "exception", raised)
            scope.bind(handler.name, scope.add(caught))
        b.block(handler.body)
        if not scope.ended:
            ways.append((scope.environment, scope.context))
        scope.context = before
    environment = ways[0][0] if ways else interrupted
    for way, _ in ways[1:]:
        environment = _mix(b, environment, way, node)
    scope.environment, scope.ended = environment, False
    b.block(node.final)
    scope.ended = scope.ended or not ways
    # With one way on, what follows stands at its end: `try: check(x)`, `except: return`.
    scope.context = ways[0][1] if len(ways) == 1 else before


def _mix(b: Builder, one: dict[str, int], other: dict[str, int], node: ir.Node) -> dict[str, int]:
    scope = b.scope
    result = dict(one)
    for name, value in other.items():
        first = one.get(name)
        if first is None:
            result[name] = value
        elif first != value:
            result[name] = scope.merge((first, value), node.start, node.start)
    return result


def _with(b: Builder, node: ir.With) -> None:
    scope = b.scope
    context = b.evaluate(node.context)
    before = scope.enter("with", context, node.start, node.context.end)
    if node.target is not None:
        assign(b, node.target, context)
    b.block(node.body)
    scope.context = before


def _return(b: Builder, node: ir.Return) -> None:
    value = b.optional(node.value)
    if value >= 0:
        b.scope.returns.append(v.ReturnFact(value, b.scope.context))
    else:
        b.scope.exits.append(b.scope.context)
    b.scope.ended = True


def _raise(b: Builder, node: ir.Raise) -> None:
    value = b.optional(node.value)
    if value >= 0:
        b.scope.raised.append(value)
    b.scope.ended = True


def _jump(b: Builder, node: ir.Jump) -> None:
    scope = b.scope
    if node.kind in ("break", "continue"):
        scope.jumps.append((dict(scope.environment), scope.context))
    if node.kind == "break":
        scope.breaks.append(scope.context)
    scope.ended = node.kind != "fallthrough"


def _deferred(b: Builder, node: ir.Deferred) -> None:
    b.evaluate(node.value)


def _function(b: Builder, node: ir.Function) -> None:
    scope = b.scope
    number = b.function(node)
    if node.name and not node.owner:
        scope.bind(node.name, scope.add(v.Closure(node.start, node.end, number)))


def _class(b: Builder, node: ir.Class) -> None:
    scope = b.scope
    index = b.declare_class(node)
    if node.name:
        scope.bind(node.name, scope.add(v.ClassValue(node.start, node.end, index)))


def _import(b: Builder, node: ir.Import) -> None:
    scope = b.scope
    if node.name == "*":
        b.star_imports.append(node.module)
    elif node.alias:
        value = v.Imported(node.start, node.end, node.module, node.name)
        scope.bind(node.alias, scope.add(value))


def _export(b: Builder, node: ir.Export) -> None:
    if isinstance(node.value, ir.Function):
        b.closure_name = node.name
    value = b.optional(node.value)
    fact = v.ExportFact(node.name, value, node.module, node.imported, b.scope.number)
    b.exports.append(fact)


def _field(b: Builder, node: ir.Field) -> None:
    # A field outside a class body: nothing declares it, so only its value counts.
    b.optional(node.value)


STATEMENTS: dict[type[ir.Node], Statement] = {
    ir.Assign: _assign,
    ir.Branch: _branch,
    ir.Loop: _loop,
    ir.Try: _try,
    ir.With: _with,
    ir.Return: _return,
    ir.Raise: _raise,
    ir.Jump: _jump,
    ir.Deferred: _deferred,
    ir.Function: _function,
    ir.Class: _class,
    ir.Import: _import,
    ir.Export: _export,
    ir.Field: _field,
}
