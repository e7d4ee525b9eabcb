"""Functions, methods, arrows and their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.ecmascript.grammar import (
        EcmascriptLowering,
        ExpressionHandler,
        StatementHandler,
    )

_NAMES = frozenset({"identifier", "property_identifier", "private_property_identifier"})
_LITERAL_TYPES = frozenset({"undefined", "null", "true", "false"})
_RETURN_TYPES = frozenset({"type_annotation", "asserts_annotation", "type_predicate_annotation"})
_MODIFIERS = frozenset({"static", "get", "set"})
_PROPERTY_MODIFIERS = frozenset({"accessibility_modifier", "override_modifier", "readonly"})
_KINDS = {
    (False, False): "function",
    (True, False): "async",
    (False, True): "generator",
    (True, True): "async-generator",
}


def annotation(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node | None:
    """Lower the type in a type annotation such as `: T`."""
    end = node.end_byte
    text = lowering.chars[node.start_byte + 1 : end].lstrip()
    if text.isidentifier() and text.isascii() and text not in _LITERAL_TYPES:
        return ir.Name(end - len(text), end, text)
    for child in node.named_children:
        if child.kind_id not in lowering.tables.comments:
            return lowering.expression(child)
    return None


def property_name(lowering: EcmascriptLowering, node: tree_sitter.Node) -> str:
    """The name of a class member; empty where it is computed from anything but a literal."""
    kind = lowering.kinds[node.kind_id]
    if kind in _NAMES:
        return lowering.slice(node.start_byte, node.end_byte)
    inner = lowering.expression(node)
    return str(inner.value) if isinstance(inner, ir.Literal) else ""


def function(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    """Lower a function declaration or expression."""
    return _function(lowering, node, "", []) or lowering.unknown(node)


def method(
    lowering: EcmascriptLowering,
    node: tree_sitter.Node,
    decorators: list[tree_sitter.Node] | None = None,
) -> ir.Function | None:
    """Lower a method of a class or object; None if it has no body."""
    return _function(lowering, node, "this", decorators or [])


def _function(
    lowering: EcmascriptLowering,
    node: tree_sitter.Node,
    receiver: str,
    outer: list[tree_sitter.Node],
) -> ir.Function | None:
    kinds = lowering.kinds
    start = name_start = node.start_byte
    name = ""
    is_async = is_generator = False
    found: tuple[ir.Parameter, ...] = ()
    returns: ir.Node | None = None
    decorators = [lowering.expression(decorator) for decorator in outer]
    if decorators:
        start = min(start, outer[0].start_byte)
    block: tree_sitter.Node | None = None
    for child in node.children:
        kind = kinds[child.kind_id]
        if kind == "statement_block":
            block = child
        elif kind == "formal_parameters":
            found = parameters(lowering, child)
        elif kind in _RETURN_TYPES:
            returns = annotation(lowering, child)
        elif kind in _NAMES:
            name = lowering.text(child)
            name_start = child.start_byte
        elif kind == "async":
            is_async = True
        elif kind == "*":
            is_generator = True
        elif kind in _MODIFIERS:
            decorators.append(ir.Name(child.start_byte, child.end_byte, kind))
        elif kind == "decorator":
            decorators.append(lowering.expression(child))
        elif kind in ("string", "number", "computed_property_name"):
            name = property_name(lowering, child)
            name_start = child.start_byte
    if block is None:
        return None
    return ir.Function(
        start,
        node.end_byte,
        name,
        receiver,
        "",
        found,
        returns,
        tuple(decorators),
        _KINDS[is_async, is_generator],
        name_start,
        lowering.block(block),
    )


def _arrow(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    kinds = lowering.kinds
    start = node.start_byte
    end = node.end_byte
    found: tuple[ir.Parameter, ...] = ()
    returns: ir.Node | None = None
    is_async = False
    children = node.children
    last = children[-1]
    for child in children[:-1]:
        kind = kinds[child.kind_id]
        if kind == "formal_parameters":
            found = parameters(lowering, child)
        elif kind == "identifier":
            found = (_plain(lowering, child),)
        elif kind == "async":
            is_async = True
        elif kind in _RETURN_TYPES:
            returns = annotation(lowering, child)
    if kinds[last.kind_id] == "statement_block":
        body = lowering.block(last)
    else:
        value = lowering.expression(last)
        body = (ir.Return(last.start_byte, last.end_byte, value),)
    kind = "async" if is_async else "function"
    return ir.Function(start, end, "", "", "", found, returns, (), kind, start, body)


def parameters(lowering: EcmascriptLowering, node: tree_sitter.Node) -> tuple[ir.Parameter, ...]:
    """Lower the parameters of a function, without a TypeScript `this` parameter."""
    if node.end_byte - node.start_byte == 2:
        return ()
    result: list[ir.Parameter] = []
    for child in node.named_children:
        kind = lowering.kinds[child.kind_id]
        if kind == "identifier":
            result.append(_plain(lowering, child))
        elif kind in ("required_parameter", "optional_parameter"):
            _typed(lowering, child, result)
        elif child.kind_id not in lowering.tables.comments:
            result.append(_parameter(lowering, child, child))
    return tuple(result)


def _plain(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Parameter:
    start = node.start_byte
    end = node.end_byte
    return ir.Parameter(start, end, lowering.slice(start, end), None, None, "", None, ())


def _typed(
    lowering: EcmascriptLowering, node: tree_sitter.Node, result: list[ir.Parameter]
) -> None:
    pattern: tree_sitter.Node | None = None
    declared: ir.Node | None = None
    default: ir.Node | None = None
    decorators: list[ir.Node] = []
    for child in node.named_children:
        kind = lowering.kinds[child.kind_id]
        if kind == "type_annotation":
            declared = annotation(lowering, child)
        elif kind == "decorator":
            decorators.append(lowering.expression(child))
        elif kind in _PROPERTY_MODIFIERS or child.kind_id in lowering.tables.comments:
            continue
        elif pattern is None:
            pattern = child
        else:
            default = lowering.expression(child)
    if pattern is None:
        return
    kind = lowering.kinds[pattern.kind_id]
    if kind == "identifier":
        start = node.start_byte
        name = lowering.slice(pattern.start_byte, pattern.end_byte)
        result.append(
            ir.Parameter(start, node.end_byte, name, declared, default, "", None, tuple(decorators))
        )
    elif kind != "this":
        result.append(
            _parameter(
                lowering,
                node,
                pattern,
                declared=declared,
                default=default,
                decorators=tuple(decorators),
            )
        )


def _parameter(
    lowering: EcmascriptLowering,
    node: tree_sitter.Node,
    pattern: tree_sitter.Node,
    *,
    declared: ir.Node | None = None,
    default: ir.Node | None = None,
    decorators: tuple[ir.Node, ...] = (),
) -> ir.Parameter:
    """The parameter that a pattern declares."""
    start = node.start_byte
    end = node.end_byte
    target = lowering.expression(pattern)
    kind = ""
    if isinstance(target, ir.Assign):
        default = target.value
        target = target.targets[0]
    if isinstance(target, ir.Spread):
        kind = "*"
        target = target.value
    if isinstance(target, ir.Name):
        return ir.Parameter(start, end, target.id, declared, default, kind, None, decorators)
    return ir.Parameter(start, end, "", declared, default, kind, target, decorators)


def property_parameters(lowering: EcmascriptLowering, node: tree_sitter.Node) -> set[int]:
    """The starts of those parameters of a constructor that declare fields as well."""
    found: set[int] = set()
    listed = node.child_by_field_name("parameters")
    for child in () if listed is None else listed.named_children:
        if any(lowering.kinds[part.kind_id] in _PROPERTY_MODIFIERS for part in child.children):
            found.add(child.start_byte)
    return found


def _declaration(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    lowered = _function(lowering, node, "", [])
    if lowered is not None:
        out.append(lowered)


EXPRESSIONS: dict[str, ExpressionHandler] = {
    "function_expression": function,
    "generator_function": function,
    "arrow_function": _arrow,
}

STATEMENTS: dict[str, StatementHandler] = {
    "function_declaration": _declaration,
    "generator_function_declaration": _declaration,
    # The header of an overload, or one without a body in a declaration file.
    "function_signature": _declaration,
}
