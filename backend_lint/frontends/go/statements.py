"""Statements of Go other than declarations and branches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.frontends.go.glance import LIMIT, simple_list
from backend_lint.frontends.go.grammar import BETWEEN, COMMENT, kind, token
from backend_lint.frontends.lowering import ERROR_KIND
from backend_lint.ir import nodes as ir
from backend_lint.ir.walk import walk

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.go.grammar import GoLowering, StatementHandler

_FOR_CLAUSE = kind("for_clause")
_RANGE_CLAUSE = kind("range_clause")
_BLOCK = kind("block")
_ASSERTION = kind("type_assertion_expression")
_EXPRESSION_LIST = kind("expression_list")
_LABEL = kind("label_name")
_RANGE = token("range")
_SEMICOLON = token(";")


def assign(
    region: tuple[int, int],
    targets: list[ir.Node],
    values: list[ir.Node],
    annotation: ir.Node | None,
    out: list[ir.Node],
    *,
    rebinds: bool = False,
) -> None:
    """Assign values to targets: one by one if there are as many, else as a tuple.

    One by one unless a value reads what an earlier target is, as in a swap.
    """
    start, end = region
    if len(targets) == 1 and len(values) == 1:
        out.append(ir.Assign(start, end, (targets[0],), values[0], "", annotation, rebinds))
        return
    if len(targets) == len(values) and not _overlap(targets, values):
        for target, item in zip(targets, values, strict=True):
            upto = max(target.end, item.end)
            out.append(ir.Assign(target.start, upto, (target,), item, "", annotation, rebinds))
        return
    target = _tuple(start, end, targets)
    value = _tuple(start, end, values)
    out.append(ir.Assign(start, end, (target,), value, "", annotation, rebinds))


def _tuple(start: int, end: int, items: list[ir.Node]) -> ir.Node:
    if len(items) == 1:
        return items[0]
    if not items:
        return ir.Unknown(start, end, "missing", ())
    return ir.Sequence(items[0].start, items[-1].end, "tuple", tuple(items))


def _overlap(targets: list[ir.Node], values: list[ir.Node]) -> bool:
    written: set[str] = set()
    for target, value in zip(targets, values, strict=True):
        if written and any(_word(node) in written for node in walk(value)):
            return True
        written.add(_word(target))
        written.discard("")
    return False


def _word(node: ir.Node) -> str:
    """What a variable or an element of one is told by: its innermost name."""
    while isinstance(node, ir.Subscript):
        node = node.value
    if isinstance(node, ir.Attribute):
        return node.name
    return node.id if isinstance(node, ir.Name) and node.id != "_" else ""


def _assignment(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    start, end = node.start_byte, node.end_byte
    if end - start <= LIMIT and _glanced(lowering.chars[start:end], start, out):
        return
    children = node.children
    if len(children) != 3:
        children = lowering.tokens(node)
        if len(children) != 3:
            # A receive that binds nothing.
            only = len(children) == 1
            out.append(lowering.expression(children[0]) if only else lowering.unknown(node))
            return
    left, sign, right = children
    targets = lowering.expressions(left)
    values = lowering.expressions(right)
    written = lowering.chars[sign.start_byte : sign.end_byte]
    operator, rebinds = written.rstrip(":="), written != ":="
    if len(targets) == 1 and len(values) == 1:
        target, value = targets[0], values[0]
        if operator == "&^":
            operator, value = "&", ir.Operation(value.start, value.end, "~", (value,))
        changed = _pointed_at(lowering, left, target)
        out.append(ir.Assign(start, end, (*changed, target), value, operator, None, rebinds))
        return
    if len(targets) == 2 and len(values) == 1 and _is_comma_ok(values[0], right):
        out.append(ir.Assign(start, end, (targets[0],), values[0], "", None, rebinds))
        if not (isinstance(targets[1], ir.Name) and targets[1].id == "_"):
            flag = targets[1]
            found = _is_found(values[0])
            out.append(ir.Assign(flag.start, flag.end, (flag,), found, "", None, rebinds))
        return
    assign((start, end), targets, values, None, out, rebinds=rebinds)


def _pointed_at(
    lowering: GoLowering, left: tree_sitter.Node, target: ir.Node
) -> tuple[ir.Node, ...]:
    """`*name = value`: what others see through the pointer is changed, too."""
    if isinstance(target, ir.Name) and lowering.chars[left.start_byte] == "*":
        return (ir.Attribute(target.start, target.end, target, ir.POINTED),)
    return ()


def _is_found(value: ir.Node) -> ir.Node | None:
    """What `ok` says in `v, ok := m[k]`, where the key is no call that would be made twice."""
    if isinstance(value, ir.Subscript) and (
        isinstance(value.index, (ir.Name, ir.Attribute)) or _is_getter(value.index)
    ):
        operands = (value.index, value.value)
        return ir.Operation(value.start, value.end, "in", operands)
    return None


def _is_getter(node: ir.Node) -> bool:
    """`address.Hostname()`: no matter how often it is asked."""
    return (
        isinstance(node, ir.Call) and not node.arguments and isinstance(node.callee, ir.Attribute)
    )


def _glanced(text: str, start: int, out: list[ir.Node]) -> bool:
    """Lower a simple assignment by its text, if it is one."""
    left, sign, right = text.partition(" := ")
    rebinds = not sign
    if rebinds:
        left, sign, right = text.partition(" = ")
    if not sign or "\n" in right or not text.isascii() or left[0] == "*":
        return False
    targets = simple_list(left, start)
    if targets is None:
        return False
    end = start + len(text)
    values = simple_list(right, end - len(right))
    if values is None:
        return False
    if len(targets) == 2 and len(values) == 1 and values[0].__class__ is not ir.Call:
        return False
    assign((start, end), targets, values, None, out, rebinds=rebinds)
    return True


def _is_comma_ok(value: ir.Node, right: tree_sitter.Node) -> bool:
    """Whether one value that fills two targets is not a call: only `v, ok` forms do that."""
    if isinstance(value, (ir.Subscript, ir.Name, ir.Attribute)):
        return True
    if isinstance(value, ir.Operation):
        return value.operator == "receive"
    if right.kind_id == _EXPRESSION_LIST and right.children:
        right = right.children[-1]
    return right.kind_id == _ASSERTION


def _step(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    children = lowering.tokens(node)
    start, end = node.start_byte, node.end_byte
    target = lowering.expression(children[0])
    one = ir.Literal(min(target.end, end), end, 1)
    sign = "-" if node.type == "dec_statement" else "+"
    out.append(ir.Assign(start, end, (target,), one, sign, None, rebinds=True))


def _send(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    children = lowering.tokens(node)
    if len(children) != 3:
        out.append(lowering.unknown(node))
        return
    start, end = node.start_byte, node.end_byte
    channel, value = lowering.expression(children[0]), lowering.expression(children[2])
    callee = ir.Attribute(channel.start, children[1].end_byte, channel, "<-")
    argument = ir.Argument(value.start, value.end, "", value)
    out.append(ir.Call(start, end, callee, (argument,), False))


def _return(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    """A bare return gives the named results."""
    start, end = node.start_byte, node.end_byte
    if end - start == len("return"):
        names: list[ir.Node] = [ir.Name(start, end, name.id) for name in lowering.results]
        out.append(ir.Return(start, end, _tuple(start, end, names) if names else None))
        return
    values: list[ir.Node] | None = None
    if end - start <= LIMIT:
        text = lowering.chars[start + len("return ") : end]
        if "\n" not in text and text.isascii():
            values = simple_list(text, start + len("return "))
    if values is not None:
        out.append(ir.Return(start, end, _tuple(start, end, values)))
        return
    values = []
    for child in node.children[1:]:
        if child.kind_id != COMMENT:
            values += lowering.expressions(child)
    out.append(ir.Return(start, end, _tuple(start, end, values)))


def _deferred(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    children = lowering.tokens(node)
    if len(children) < 2:
        out.append(lowering.unknown(node))
        return
    value = lowering.expression(children[1])
    word = lowering.chars[children[0].start_byte : children[0].end_byte]
    out.append(ir.Deferred(node.start_byte, node.end_byte, word, value))


def _jump(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    """An unlabelled `break` in a switch leads to its end, so it is no `break` of a loop."""
    start, end = node.start_byte, node.end_byte
    word = node.type.removesuffix("_statement")
    labelled = any(child.kind_id == _LABEL for child in node.children)
    if word == "break" and lowering.in_switch and not labelled:
        word = "goto"
    out.append(ir.Jump(start, end, word))


def _labelled(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    for child in lowering.tokens(node)[2:]:
        lowering.statement(child, out)


def _for(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    start, end = node.start_byte, node.end_byte
    key: ir.Node | None = None
    target: ir.Node | None = None
    iterable: ir.Node | None = None
    test: ir.Node | None = None
    update: list[ir.Node] = []
    block: tree_sitter.Node | None = None
    for child in node.children[1:]:
        number = child.kind_id
        if number == _BLOCK:
            block = child
        elif number == _RANGE_CLAUSE:
            key, target, iterable = _range(lowering, child)
        elif number == _FOR_CLAUSE:
            test = _clause(lowering, child, out, update)
        elif number == ERROR_KIND:
            lowering.statement(child, out)
        elif number not in BETWEEN:
            test = lowering.expression(child)
    outer, lowering.in_switch = lowering.in_switch, False
    body = (*lowering.block(block), *update)
    lowering.in_switch = outer
    out.append(ir.Loop(start, end, key, target, iterable, test, body, ()))


def _clause(
    lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node], update: list[ir.Node]
) -> ir.Node | None:
    """The test; the first part goes to `out`, the last to `update`."""
    test: ir.Node | None = None
    part = 0
    for child in node.children:
        number = child.kind_id
        if number == _SEMICOLON:
            part += 1
        elif number == COMMENT:
            continue
        elif part == 0:
            lowering.statement(child, out)
        elif part == 1:
            test = lowering.expression(child)
        else:
            lowering.statement(child, update)
    return test


def _range(
    lowering: GoLowering, node: tree_sitter.Node
) -> tuple[ir.Node | None, ir.Node | None, ir.Node | None]:
    """The key, element and iterable of a range clause."""
    names: list[ir.Node] = []
    iterable: ir.Node | None = None
    after = False
    for child in node.children:
        number = child.kind_id
        if number == _RANGE:
            after = True
        elif not child.is_named or number in BETWEEN:
            continue
        elif after:
            iterable = lowering.expression(child)
        else:
            names = lowering.expressions(child)
    key, target = (
        None if name is None or (isinstance(name, ir.Name) and name.id == "_") else name
        for name in (*names, None, None)[:2]
    )
    return key, target, iterable


def _nothing(_lowering: GoLowering, _node: tree_sitter.Node, _out: list[ir.Node]) -> None:
    pass


def _each(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    lowering.statements(node, out)


def _expression(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    glanced = lowering.simple(node.start_byte, node.end_byte)
    if glanced is not None:
        out.append(glanced)
        return
    for child in node.children:
        if child.kind_id != COMMENT:
            out.append(lowering.inner(child))


STATEMENTS: dict[str, StatementHandler] = {
    "expression_statement": _expression,
    "short_var_declaration": _assignment,
    "assignment_statement": _assignment,
    "receive_statement": _assignment,
    "inc_statement": _step,
    "dec_statement": _step,
    "send_statement": _send,
    "return_statement": _return,
    "go_statement": _deferred,
    "defer_statement": _deferred,
    "break_statement": _jump,
    "continue_statement": _jump,
    "goto_statement": _jump,
    "fallthrough_statement": _jump,
    "labeled_statement": _labelled,
    "for_statement": _for,
    "block": _each,
    "statement_list": _each,
    "empty_statement": _nothing,
    "comment": _nothing,
    "ERROR": _each,
}
