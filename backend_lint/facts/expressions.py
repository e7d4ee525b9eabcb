"""Expressions of the IR as values of the flow form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from backend_lint.facts import values as v
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from backend_lint.facts.extract import Builder
    from backend_lint.facts.scope import Scope

    # Each takes the node kind it is filed under.
    Evaluation: TypeAlias = Callable[[Builder, Any], int]

# Methods that put their arguments into their receiver, whatever the language.
MUTATORS = frozenset(
    {
        "append",
        "extend",
        "insert",
        "add",
        "update",
        "setdefault",
        "push",
        "unshift",
        "splice",
        "set",
        "put",
        "write",
        "writelines",
        "Write",
        "WriteString",
        "WriteByte",
        "WriteRune",
        "ReadFrom",
        "Add",
        "Set",
        "Append",
        "Push",
        "Put",
    }
)
# How the names of methods begin that fill an empty object from what they are given.
_FILLERS = ("bind", "decode", "fill", "from", "load", "parse", "populate", "read", "unmarshal")
# Methods that write into their last argument, a pointer.
_DECODERS = frozenset({"Decode", "Unmarshal", "BodyParser", "ReadJSON"})
_LARGEST_INTEGER = 2**63
# What a variable may be that a call fills; see `_is_unfilled`.
_FILLABLE = frozenset({v.Opaque, v.Invoke, v.Record, v.Listing})
_COLLECTIONS = frozenset({"[]", "map"})
_BUILDERS = frozenset({"Buffer", "Builder"})


def inner_store(member: int) -> str:
    """The key under which `req.body` is looked up after `req.body.x = …` changed it."""
    return f"@{member}"


def evaluate_all(b: Builder, nodes: Iterable[ir.Node]) -> tuple[int, ...]:
    """The values of several expressions."""
    return tuple([b.evaluate(node) for node in nodes])


def _name(b: Builder, node: ir.Name) -> int:
    scope = b.scope
    name = node.id
    index = scope.environment.get(name)
    if index is None:
        index = scope.free.get(name)
        if index is None:
            index = scope.free[name] = _free(scope, node, name)
    return index


def _free(scope: Scope, node: ir.Name, name: str) -> int:
    """A name without a value here and now; who binds it is settled before any body is built."""
    outer = scope.parent
    while outer is not None:
        if name in outer.bound:
            outer.seen_from_inside.add(name)
            return scope.shared(
                (4, outer.number, name), v.Captured(node.start, node.end, outer.number, name)
            )
        outer = outer.parent
    if name in scope.bound:  # used before its binding: hoisted, or from an earlier round of a loop
        scope.seen_from_inside.add(name)
        return scope.shared(
            (4, scope.number, name), v.Captured(node.start, node.end, scope.number, name)
        )
    return scope.add(v.Global(node.start, node.end, name))


def _attribute(b: Builder, node: ir.Attribute) -> int:
    scope = b.scope
    member = scope.member(node.start, node.end, b.evaluate(node.value), node.name)
    if scope.has_inner_stores:
        return scope.environment.get(inner_store(member), member)
    return member


def _subscript(b: Builder, node: ir.Subscript) -> int:
    base, key = b.evaluate(node.value), b.evaluate(node.index)
    scope = b.scope
    place = (7, base, key)
    index = scope.known.get(place)
    if index is None:
        index = scope.shared(place, v.Item(node.start, node.end, base, key))
    return index


def _literal(b: Builder, node: ir.Literal) -> int:
    value = node.value
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    elif type(value) is int and not -_LARGEST_INTEGER < value < _LARGEST_INTEGER:
        value = float("inf") if value > 0 else float("-inf")  # no message format holds more
    scope = b.scope
    key = (0, type(value), value)
    index = scope.known.get(key)
    if index is None:
        index = scope.shared(key, v.Constant(node.start, node.end, value))
    return index


def _template(b: Builder, node: ir.Template) -> int:
    parts = evaluate_all(b, node.parts)
    return b.scope.add(v.Text(node.start, node.end, parts, node.style))


def _hole(b: Builder, node: ir.Hole) -> int:
    value = b.evaluate(node.value)
    return b.scope.add(v.Hole(node.start, node.end, value, node.conversion, b.scope.context))


def _call(b: Builder, node: ir.Call) -> int:
    scope = b.scope
    callee = b.evaluate(node.callee)
    args: list[int] = []
    names: list[str] = []
    spans: list[int] = []
    for argument in node.arguments:
        value = argument.value
        name = argument.name
        if type(value) is ir.Spread:
            name = value.kind
            value = value.value
        args.append(b.evaluate(value))
        names.append(name)
        spans.append(argument.start)
        spans.append(argument.end)
    call = scope.add(
        v.Invoke(
            node.start,
            node.end,
            callee,
            tuple(args),
            tuple(names),
            tuple(spans),
            node.new,
            scope.context,
        )
    )
    if args:
        _effects(b, node, call, args)
    return call


def _effects(b: Builder, node: ir.Call, call: int, args: list[int]) -> None:
    """Variables that the call may have changed get a new value."""
    values = b.scope.values
    callee = node.callee
    method = callee if isinstance(callee, ir.Attribute) else None
    if method is not None and (
        method.name in MUTATORS
        or (
            type(method.value) is ir.Name
            and method.name.lower().startswith(_FILLERS)
            and _is_unfilled(b, b.evaluate(method.value))
        )
    ):
        _update(b, method.value, call)
    for argument, value in zip(node.arguments, args, strict=True):
        given = argument.value
        if type(given) is ir.Name and (
            (type(values[value]) in _FILLABLE and _is_unfilled(b, value))
            or (method is None and type(values[value]) is v.Updated and _is_builder(b, value))
            or (method is not None and argument is _bound(node, method.name))
        ):
            _update(b, given, call)
    if method is not None:
        # `fmt.Fprintf(&text, …)`: a text builder is filled as often as one likes.
        given = node.arguments[0].value
        if (
            type(given) is ir.Name
            and type(values[args[0]]) is v.Updated
            and method.name.startswith("Fp")
        ):
            _update(b, given, call)


def _bound(node: ir.Call, name: str) -> ir.Argument | None:
    """The argument that a call by its name writes to, whatever it was before."""
    if name in _DECODERS:
        return node.arguments[-1]
    return node.arguments[0] if "Bind" in name else None


def _is_unfilled(b: Builder, index: int) -> bool:
    # `var user User; db.First(&user)`: declared empty, then passed on to be filled.
    value = b.scope.values[index]
    if type(value) is v.Opaque:
        return value.kind == "unset"
    if type(value) is v.Record:  # `given := map[string]any{}; c.BindJSON(&given)`
        return not value.keys
    if type(value) is v.Listing:
        return not value.elements
    if type(value) is v.Invoke:
        if value.new:
            return not value.args
        callee = b.scope.values[value.callee]
        if type(callee) is v.Global and callee.name == "make" and value.args:
            made = b.scope.values[value.args[0]]
            return type(made) is v.Item and _global(b.scope.values[made.base]) in _COLLECTIONS
        return _global(callee) == "new"
    return False


def _is_builder(b: Builder, index: int) -> bool:
    """`var text strings.Builder`: filled as often as one likes, by whoever is handed it."""
    value = b.scope.values[index]
    while type(value) is v.Updated:
        value = b.scope.values[value.base]
    if type(value) is not v.Opaque or value.kind != "unset" or not value.children:
        return False
    return getattr(b.scope.values[value.children[0]], "name", "") in _BUILDERS


def _global(value: object) -> str:
    return value.name if type(value) is v.Global else ""


def _update(b: Builder, target: ir.Node, call: int) -> None:
    scope = b.scope
    if not isinstance(target, ir.Name):
        return
    old = scope.environment.get(target.id)
    if old is None:
        # `chunks.push(chunk)` in a closure. What a module has is filled by whoever comes along.
        outer = scope.parent
        while outer is not None and target.id not in outer.bound:
            outer = outer.parent
        if outer is None or outer.parent is None:
            return
        old = _name(b, target)
        scope.given.add(target.id)
    scope.bind(target.id, scope.add(v.Updated(target.start, target.end, old, call)))


def _sequence(b: Builder, node: ir.Sequence) -> int:
    scope = b.scope
    elements = []
    for element in node.elements:
        if isinstance(element, ir.Spread):
            inner = b.evaluate(element.value)
            elements.append(scope.add(v.Element(element.start, element.end, inner, "value", -1)))
        else:
            elements.append(b.evaluate(element))
    return scope.add(v.Listing(node.start, node.end, node.kind, tuple(elements)))


def _mapping(b: Builder, node: ir.Mapping) -> int:
    keys, items = [], []
    for entry in node.entries:
        value = entry.value
        if entry.key is None:
            keys.append(-1)
            items.append(b.evaluate(value.value if isinstance(value, ir.Spread) else value))
        else:
            keys.append(b.evaluate(entry.key))
            if isinstance(value, ir.Function) and isinstance(entry.key, ir.Literal):
                b.closure_name = str(entry.key.value)
            items.append(b.evaluate(value))
    return b.scope.add(v.Record(node.start, node.end, tuple(keys), tuple(items)))


def _operation(b: Builder, node: ir.Operation) -> int:
    scope = b.scope
    operator = node.operator
    if operator in ("and", "or"):
        # Each further operand stands under the test of those before it.
        before = scope.context
        operands = []
        for operand in node.operands:
            value = b.evaluate(operand)
            operands.append(value)
            kind = "if" if operator == "and" else "unless"
            scope.enter(kind, value, operand.start, operand.end)
        scope.context = before
        values = tuple(operands)
    else:
        values = evaluate_all(b, node.operands)
    return scope.shared((11, operator, values), v.Compute(node.start, node.end, operator, values))


def _conditional(b: Builder, node: ir.Conditional) -> int:
    scope = b.scope
    test = b.evaluate(node.test)
    before = scope.enter("if", test, node.test.start, node.test.end)
    then = b.evaluate(node.then)
    scope.context = before
    scope.enter("unless", test, node.test.start, node.test.end)
    otherwise = b.evaluate(node.otherwise)
    scope.context = before
    return scope.add(v.Compute(node.start, node.end, "conditional", (test, then, otherwise)))


def _inner(b: Builder, node: ir.Await | ir.Spread) -> int:
    return b.evaluate(node.value)


def _yield(b: Builder, node: ir.Yield) -> int:
    value = b.optional(node.value)
    if value >= 0:
        b.scope.returns.append(v.ReturnFact(value, b.scope.context))
    return b.scope.add(v.Opaque(node.start, node.end, "yield", ()))


def _comprehension(b: Builder, node: ir.Comprehension) -> int:
    from backend_lint.facts.statements import assign

    scope = b.scope
    iterable = b.evaluate(node.iterable)
    saved = dict(scope.environment)
    before = scope.enter("comprehension", iterable, node.target.start, node.iterable.end)
    loop = scope.context
    element = scope.add(v.Element(node.target.start, node.target.end, iterable, "value", loop))
    assign(b, node.target, element)
    tests = []
    for condition in node.conditions:
        tests.append(b.evaluate(condition))
        scope.enter("if", tests[-1], condition.start, condition.end)
    if isinstance(node.element, ir.Entry) and node.element.key is not None:
        key = scope.kept(b.evaluate(node.element.key), tests)
        item = scope.kept(b.evaluate(node.element.value), tests)
        result = scope.add(v.Record(node.start, node.end, (key,), (item,)))
    else:
        value = b.evaluate(node.element)
        if isinstance(node.element, ir.Comprehension):
            result = value
        else:
            kept = scope.kept(value, tests)
            result = scope.add(v.Listing(node.start, node.end, "each", (kept,)))
    scope.context = before
    scope.environment = saved
    return result


def _require(b: Builder, node: ir.Require) -> int:
    return b.scope.add(v.Module(node.start, node.end, node.module))


def _unknown(b: Builder, node: ir.Unknown) -> int:
    children = evaluate_all(b, node.children)
    return b.scope.add(v.Opaque(node.start, node.end, node.kind, children))


def _closure(b: Builder, node: ir.Function) -> int:
    return b.scope.add(v.Closure(node.start, node.end, b.function(node)))


def _class(b: Builder, node: ir.Class) -> int:
    return b.scope.add(v.ClassValue(node.start, node.end, b.declare_class(node)))


def _assignment(b: Builder, node: ir.Assign) -> int:
    from backend_lint.facts.statements import assign_statement

    return assign_statement(b, node)


EXPRESSIONS: dict[type[ir.Node], Evaluation] = {
    ir.Name: _name,
    ir.Attribute: _attribute,
    ir.Subscript: _subscript,
    ir.Literal: _literal,
    ir.Template: _template,
    ir.Hole: _hole,
    ir.Call: _call,
    ir.Sequence: _sequence,
    ir.Mapping: _mapping,
    ir.Operation: _operation,
    ir.Conditional: _conditional,
    ir.Await: _inner,
    ir.Spread: _inner,
    ir.Yield: _yield,
    ir.Comprehension: _comprehension,
    ir.Require: _require,
    ir.Unknown: _unknown,
    ir.Function: _closure,
    ir.Class: _class,
    ir.Assign: _assignment,
}
