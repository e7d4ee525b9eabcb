"""Python expressions and annotations to IR."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.frontends.lowering import ExpressionLowering, Lowering, template
from backend_lint.frontends.python.texts import (
    concatenated_string,
    formatted,
    is_text,
    percent,
    string_literal,
)
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter


def _dotted_name(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    value: ir.Node | None = None
    for part in node.named_children:
        if value is None:
            value = low.expression(part)
        else:
            value = ir.Attribute(node.start_byte, part.end_byte, value, low.text(part))
    return value or low.unknown(node)


_DOTTED = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+").fullmatch


def _attribute(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    start = node.start_byte
    text = low.data[start : node.end_byte]
    if _DOTTED(text) is not None:
        # Most attributes are plain dotted names, which their text tells faster than the tree.
        first, *rest = text.decode("ascii").split(".")
        end = start + len(first)
        value: ir.Node = ir.Name(start, end, first)
        for name in rest:
            end += 1 + len(name)
            value = ir.Attribute(start, end, value, name)
        return value
    children = low.named(node)
    if len(children) < 2:
        return low.unknown(node)
    owner = low.expression(children[0])
    return ir.Attribute(start, node.end_byte, owner, low.text(children[-1]))


def _subscript(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    children = low.named(node)
    value = low.expression(children[0])
    return _indexed(low, node, value, children[1:])


def _indexed(
    low: Lowering, node: tree_sitter.Node, value: ir.Node, items: list[tree_sitter.Node]
) -> ir.Node:
    lowered = tuple(low.expression(item) for item in items)
    if len(lowered) == 1:
        index = lowered[0]
    elif lowered:
        index = ir.Sequence(lowered[0].start, lowered[-1].end, "tuple", lowered)
    else:
        index = ir.Unknown(node.start_byte, node.end_byte, "index", ())
    return ir.Subscript(node.start_byte, node.end_byte, value, index)


def _generic_type(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    children = low.named(node)
    value = low.expression(children[0])
    return _indexed(low, node, value, low.named(children[1]) if len(children) > 1 else [])


def _slice(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    """A bound that is left out before another is `None`; those left out at the end are left out."""
    bounds: list[ir.Node] = []
    missing = True
    for child in node.children:
        if child.is_named:
            if child.type != "comment":
                bounds.append(low.expression(child))
                missing = False
            continue
        if missing:
            bounds.append(ir.Literal(child.start_byte, child.start_byte, None))
        missing = True
    while bounds and isinstance(bounds[-1], ir.Literal) and bounds[-1].value is None:
        bounds.pop()
    return ir.Operation(node.start_byte, node.end_byte, "slice", tuple(bounds))


def arguments(low: Lowering, node: tree_sitter.Node | None) -> tuple[ir.Argument, ...]:
    """The arguments of a call or of a class statement."""
    if node is None:
        return ()
    if node.type == "generator_expression":
        value = low.expression(node)
        return (ir.Argument(value.start, value.end, "", value),)
    result = []
    for child in low.named(node):
        value = low.expression(child)
        if not isinstance(value, ir.Argument):
            value = ir.Argument(value.start, value.end, "", value)
        result.append(value)
    return tuple(result)


def _keyword_argument(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    parts = low.named(node)
    if len(parts) != 2:
        return low.unknown(node)
    name, value = low.text(parts[0]), low.expression(parts[1])
    return ir.Argument(node.start_byte, node.end_byte, name, value)


def _call(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    start, end = node.start_byte, node.end_byte
    children = low.named(node)
    if len(children) < 2:
        return low.unknown(node)
    callee = low.expression(children[0])
    args = arguments(low, children[1])
    if isinstance(callee, ir.Attribute):
        text = callee.value
        if callee.name == "format" and isinstance(text, ir.Literal) and isinstance(text.value, str):
            return formatted(start, end, text.value, text, args)
        if callee.name == "join" and is_text(text) and len(args) == 1:
            joined = _join(start, end, text, args[0].value)
            if joined is not None:
                return joined
    elif (
        isinstance(callee, ir.Name)
        and callee.id == "__import__"
        and args
        and isinstance(args[0].value, ir.Literal)
        and isinstance(args[0].value.value, str)
    ):
        return ir.Require(start, end, args[0].value.value)
    elif isinstance(callee, ir.Name) and callee.id == "getattr":
        taken = _constant_attribute(start, end, args)
        if taken is not None:
            return taken
    return ir.Call(start, end, callee, args, False)


def _constant_attribute(start: int, end: int, args: tuple[ir.Argument, ...]) -> ir.Attribute | None:
    """`getattr(value, "name")` is `value.name`."""
    if len(args) != 2 or any(arg.name for arg in args):
        return None
    owner, name = args[0].value, args[1].value
    if not isinstance(name, ir.Literal) or not isinstance(name.value, str):
        return None
    if isinstance(owner, ir.Spread) or not name.value.isidentifier():
        return None
    return ir.Attribute(start, end, owner, name.value)


def _join(start: int, end: int, separator: ir.Node, items: ir.Node) -> ir.Node | None:
    if not isinstance(items, ir.Sequence) or items.kind == "set":
        return None
    if any(isinstance(item, ir.Spread) for item in items.elements):
        return None
    parts: list[ir.Node] = []
    for index, item in enumerate(items.elements):
        if index:
            parts.append(separator)
        parts.append(item)
    return template(start, end, parts, "join")


_COMPARISONS = {"is": "==", "is not": "!=", "<>": "!="}
_COMPARISON_TOKENS = {"<", "<=", "==", "!=", ">=", ">", "<>", "in", "not in", "is", "is not"}


def _comparison(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    operands: list[ir.Node] = []
    operators: list[str] = []
    for child in node.children:
        if child.is_named:
            if child.kind_id not in low.tables.comments:
                operands.append(low.expression(child))
        elif child.type in _COMPARISON_TOKENS:
            operators.append(_COMPARISONS.get(child.type, child.type))
    if len(operands) != len(operators) + 1:
        return low.unknown(node)
    pairs = tuple(
        ir.Operation(left.start, right.end, operator, (left, right))
        for left, operator, right in zip(operands, operators, operands[1:], strict=False)
    )
    if len(pairs) == 1:
        return pairs[0]
    return ir.Operation(node.start_byte, node.end_byte, "and", pairs)


def _binary(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    start, end = node.start_byte, node.end_byte
    children = node.children
    operator = children[1].type if len(children) == 3 else ""
    if not operator or children[1].is_named:
        named = low.named(node)
        tokens = [child.type for child in children if not child.is_named]
        if len(named) != 2 or len(tokens) != 1:
            return low.unknown(node)
        operator, left, right = tokens[0], named[0], named[1]
    else:
        left, right = children[0], children[2]
    if operator == "+":
        return _sum(low, node)
    first, second = low.expression(left), low.expression(right)
    if operator == "%" and is_text(first):
        return percent(start, end, first, second)
    return ir.Operation(start, end, operator, (first, second))


def _sum(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    # A left-nested chain of thousands of terms is common in generated text: no recursion.
    terms: list[tree_sitter.Node] = []
    current = node
    while current.type == "binary_operator":
        named = low.named(current)
        if len(named) != 2 or not any(child.type == "+" for child in current.children[1:-1]):
            break
        terms.append(named[1])
        current = named[0]
    terms.append(current)
    operands = [low.expression(term) for term in reversed(terms)]
    if any(is_text(operand) for operand in operands):
        return template(node.start_byte, node.end_byte, operands, "concat")
    return ir.Operation(node.start_byte, node.end_byte, "+", tuple(operands))


def _boolean(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    children = node.children
    operator = next((child.type for child in children if child.type in ("and", "or")), "and")
    operands: list[ir.Node] = []
    for child in low.named(node):
        operand = low.expression(child)
        if isinstance(operand, ir.Operation) and operand.operator == operator:
            operands.extend(operand.operands)
        else:
            operands.append(operand)
    return ir.Operation(node.start_byte, node.end_byte, operator, tuple(operands))


def _not(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    operands = tuple([low.expression(child) for child in low.named(node)])
    return ir.Operation(node.start_byte, node.end_byte, "not", operands)


def _unary(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    start, end = node.start_byte, node.end_byte
    named = low.named(node)
    if not named:
        return low.unknown(node)
    operator, operand = node.children[0].type, low.expression(named[0])
    if operator == "-" and isinstance(operand, ir.Literal) and type(operand.value) in (int, float):
        return ir.Literal(start, end, -operand.value)  # type: ignore[operator]
    return ir.Operation(start, end, operator, (operand,))


def _integer(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    try:
        value = int(low.text(node).rstrip("lLjJ"), 0)
    except ValueError:
        return _float(low, node)
    return ir.Literal(node.start_byte, node.end_byte, value)


def _float(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    try:
        return ir.Literal(node.start_byte, node.end_byte, float(low.text(node).rstrip("jJ")))
    except ValueError:
        return low.unknown(node)


def _constant(value: bool | None) -> ExpressionLowering:
    def lower(_low: Lowering, node: tree_sitter.Node) -> ir.Node:
        return ir.Literal(node.start_byte, node.end_byte, value)

    return lower


def _sequence(kind: str) -> ExpressionLowering:
    def lower(low: Lowering, node: tree_sitter.Node) -> ir.Node:
        elements = tuple([low.expression(child) for child in low.named(node)])
        return ir.Sequence(node.start_byte, node.end_byte, kind, elements)

    return lower


def _dictionary(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    entries = []
    for child in low.named(node):
        start, end = child.start_byte, child.end_byte
        parts = low.named(child)
        if child.type == "pair" and len(parts) == 2:
            entries.append(ir.Entry(start, end, low.expression(parts[0]), low.expression(parts[1])))
        else:
            entries.append(ir.Entry(start, end, None, low.expression(child)))
    return ir.Mapping(node.start_byte, node.end_byte, tuple(entries))


def _pair(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    parts = [low.expression(child) for child in low.named(node)]
    if len(parts) != 2:
        return low.unknown(node)
    return ir.Entry(node.start_byte, node.end_byte, parts[0], parts[1])


def _spread(kind: str) -> ExpressionLowering:
    def lower(low: Lowering, node: tree_sitter.Node) -> ir.Node:
        named = low.named(node)
        if not named:
            return low.unknown(node)
        return ir.Spread(node.start_byte, node.end_byte, low.expression(named[0]), kind)

    return lower


def _comprehension(kind: str) -> ExpressionLowering:
    def lower(low: Lowering, node: tree_sitter.Node) -> ir.Node:
        body, *clauses = low.named(node)
        start, end = node.start_byte, node.end_byte
        groups: list[tuple[tree_sitter.Node, list[ir.Node]]] = []
        for clause in clauses:
            if clause.type == "for_in_clause":
                groups.append((clause, []))
            elif groups:
                groups[-1][1].extend(low.expression(child) for child in low.named(clause))
        result = low.expression(body)
        for clause, conditions in reversed(groups):
            target = clause.child_by_field_name("left")
            iterables = [
                low.expression(n) for n in clause.children_by_field_name("right") if n.is_named
            ]
            if target is None or not iterables:
                return low.unknown(node)
            iterable = (
                iterables[0]
                if len(iterables) == 1
                else ir.Sequence(iterables[0].start, iterables[-1].end, "tuple", tuple(iterables))
            )
            result = ir.Comprehension(
                start, end, kind, low.expression(target), iterable, tuple(conditions), result
            )
        return result

    return lower


def _conditional(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    parts = [low.expression(child) for child in low.named(node)]
    if len(parts) != 3:
        return low.unknown(node)
    then, test, otherwise = parts
    return ir.Conditional(node.start_byte, node.end_byte, test, then, otherwise)


def _await(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    named = low.named(node)
    if not named:
        return low.unknown(node)
    return ir.Await(node.start_byte, node.end_byte, low.expression(named[0]))


def _yield(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    named = low.named(node)
    value = low.expression(named[0]) if named else None
    return ir.Yield(node.start_byte, node.end_byte, value)


def _named_expression(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    named = low.named(node)
    if len(named) != 2:
        return low.unknown(node)
    target, value = low.expression(named[0]), low.expression(named[1])
    return ir.Assign(node.start_byte, node.end_byte, (target,), value, "", None)


def _assignment(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    targets: list[ir.Node] = []
    annotation: ir.Node | None = None
    value: ir.Node | None = None
    current: tree_sitter.Node | None = node
    while current is not None and current.type == "assignment":
        left = current.child_by_field_name("left")
        if left is not None:
            targets.append(low.expression(left))
        annotation = annotation or low.optional(current.child_by_field_name("type"))
        current = current.child_by_field_name("right")
    if current is not None:
        value = low.expression(current)
    return ir.Assign(node.start_byte, node.end_byte, tuple(targets), value, "", annotation)


def _augmented(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    children = node.children
    if len(children) != 3:
        return low.unknown(node)
    target, value = low.expression(children[0]), low.expression(children[2])
    operator = children[1].type[:-1]
    return ir.Assign(node.start_byte, node.end_byte, (target,), value, operator, None)


_PARAMETER_KINDS = {"list_splat_pattern": "*", "dictionary_splat_pattern": "**"}


def parameters(low: Lowering, node: tree_sitter.Node | None) -> list[ir.Parameter]:
    """The parameters of a function or lambda, receiver included."""
    result = []
    for child in low.named(node) if node is not None else ():
        kind, annotation, default = "", None, None
        name: tree_sitter.Node | None = child
        if child.type == "default_parameter":
            name = child.child_by_field_name("name")
            default = low.optional(child.child_by_field_name("value"))
        elif child.type == "typed_default_parameter":
            name = child.child_by_field_name("name")
            annotation = low.optional(child.child_by_field_name("type"))
            default = low.optional(child.child_by_field_name("value"))
        elif child.type == "typed_parameter":
            name = low.named(child)[0]
            annotation = low.optional(child.child_by_field_name("type"))
        if name is not None and name.type in _PARAMETER_KINDS:
            kind = _PARAMETER_KINDS[name.type]
            inner = low.named(name)
            name = inner[0] if inner else None
        if name is None or name.type != "identifier":
            continue
        result.append(
            ir.Parameter(
                child.start_byte,
                child.end_byte,
                low.text(name),
                annotation,
                default,
                kind,
                None,
                (),
            )
        )
    return result


def _lambda(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    start, end = node.start_byte, node.end_byte
    body = node.child_by_field_name("body")
    params = tuple(parameters(low, node.child_by_field_name("parameters")))
    returned: tuple[ir.Node, ...] = ()
    if body is not None:
        returned = (ir.Return(body.start_byte, body.end_byte, low.expression(body)),)
    return ir.Function(start, end, "", "", "", params, None, (), "function", start, returned)


def _union_type(low: Lowering, node: tree_sitter.Node) -> ir.Node:
    operands = tuple([low.expression(child) for child in low.named(node)])
    return ir.Operation(node.start_byte, node.end_byte, "|", operands)


def _ellipsis(_low: Lowering, node: tree_sitter.Node) -> ir.Node:
    return ir.Name(node.start_byte, node.end_byte, "...")


EXPRESSIONS: dict[str, ExpressionLowering] = {
    "dotted_name": _dotted_name,
    "attribute": _attribute,
    "member_type": _attribute,
    "subscript": _subscript,
    "generic_type": _generic_type,
    "slice": _slice,
    "call": _call,
    "keyword_argument": _keyword_argument,
    "comparison_operator": _comparison,
    "binary_operator": _binary,
    "boolean_operator": _boolean,
    "not_operator": _not,
    "unary_operator": _unary,
    "integer": _integer,
    "float": _float,
    "true": _constant(True),
    "false": _constant(False),
    "none": _constant(None),
    "ellipsis": _ellipsis,
    "string": string_literal,
    "concatenated_string": concatenated_string,
    "list": _sequence("list"),
    "list_pattern": _sequence("list"),
    "tuple": _sequence("tuple"),
    "tuple_pattern": _sequence("tuple"),
    "pattern_list": _sequence("tuple"),
    "expression_list": _sequence("tuple"),
    "set": _sequence("set"),
    "dictionary": _dictionary,
    "pair": _pair,
    "list_splat": _spread("*"),
    "parenthesized_list_splat": _spread("*"),
    "list_splat_pattern": _spread("*"),
    "splat_type": _spread("*"),
    "dictionary_splat": _spread("**"),
    "list_comprehension": _comprehension("list"),
    "set_comprehension": _comprehension("set"),
    "dictionary_comprehension": _comprehension("dict"),
    "generator_expression": _comprehension("generator"),
    "conditional_expression": _conditional,
    "await": _await,
    "yield": _yield,
    "named_expression": _named_expression,
    "assignment": _assignment,
    "augmented_assignment": _augmented,
    "lambda": _lambda,
    "union_type": _union_type,
}
