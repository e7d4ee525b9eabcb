"""Imports, constants, variables and types of Go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from backend_lint.frontends.go.grammar import BETWEEN, COMMENT, IDENTIFIER, kind, token
from backend_lint.frontends.go.literals import unquoted
from backend_lint.frontends.go.statements import assign
from backend_lint.frontends.go.types import declared_class
from backend_lint.frontends.lowering import ERROR_KIND
from backend_lint.ir import nodes as ir
from backend_lint.ir.walk import child_fields

if TYPE_CHECKING:
    import tree_sitter

    from backend_lint.frontends.go.grammar import GoLowering, StatementHandler

_IMPORT_SPEC = kind("import_spec")
_LISTS = frozenset({kind("import_spec_list"), kind("var_spec_list")})
_SPECS = frozenset({kind("const_spec"), kind("var_spec")})
_TYPE_SPECS = frozenset({kind("type_spec"), kind("type_alias")})
_TYPE_ALIAS = kind("type_alias")
_EXPRESSION_LIST = kind("expression_list")
_TYPE_PARAMETERS = kind("type_parameter_list")
_EQUALS = token("=")

_VERSION = re.compile(r"v[0-9]+")
_VERSION_SUFFIX = re.compile(r"\.v[0-9]+$")


def package_name(path: str) -> str:
    """The name that an import of `path` most likely binds.

    That is its last element, without a version, and without the word for the language that many
    repositories have in their name and no package can: `jwt-go`, `go-sqlite3`, `nats.go`.
    """
    elements = path.rstrip("/").split("/")
    if len(elements) > 1 and _VERSION.fullmatch(elements[-1]):
        elements.pop()
    name = _VERSION_SUFFIX.sub("", elements[-1])
    return name.removeprefix("go-").removesuffix("-go").removesuffix(".go") or name


def _imports(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    for child in node.children:
        number = child.kind_id
        if number == _IMPORT_SPEC:
            _import(lowering, child, out)
        elif number in _LISTS:
            _imports(lowering, child, out)
        elif number == ERROR_KIND:
            lowering.statement(child, out)


def _import(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    start, end = node.start_byte, node.end_byte
    text = lowering.slice(start, end)
    at = max(text.rfind('"', 0, -1), text.rfind("`", 0, -1), 0)
    path = unquoted(text[at:])
    alias = text[:at].partition("/*")[0].strip()
    name = ""
    if alias == ".":
        name, alias = "*", ""
    elif alias == "_":
        alias = ""
    else:
        alias = alias or package_name(path)
        lowering.packages[alias] = path
    out.append(ir.Import(start, end, path, name, alias))


def _values(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    """`const` and `var`; a constant without a value repeats the type and value before it."""
    repeated: tuple[ir.Node | None, list[ir.Node]] = (None, [])
    constant = node.type == "const_declaration"
    for child in node.children:
        number = child.kind_id
        if number in _SPECS:
            found = _spec(lowering, child, repeated, out)
            if constant:
                repeated = found
        elif number in _LISTS:
            _values(lowering, child, out)
        elif number == ERROR_KIND:
            lowering.statement(child, out)


def _spec(
    lowering: GoLowering,
    node: tree_sitter.Node,
    repeated: tuple[ir.Node | None, list[ir.Node]],
    out: list[ir.Node],
) -> tuple[ir.Node | None, list[ir.Node]]:
    start, end = node.start_byte, node.end_byte
    names: list[ir.Node] = []
    annotation: ir.Node | None = None
    values: list[ir.Node] = []
    for child in node.children:
        number = child.kind_id
        if number == IDENTIFIER:
            names.append(lowering.expression(child))
        elif number == _EXPRESSION_LIST:
            values = lowering.expressions(child)
        elif number not in BETWEEN and number != _EQUALS:
            annotation = lowering.expression(child)
    if not values and repeated[1]:
        before, items = repeated
        annotation = None if before is None else _moved(before, start, end)
        assign((start, end), names, [_moved(item, start, end) for item in items], annotation, out)
        return repeated
    if values and names:
        assign((start, end), names, values, annotation, out)
    else:
        out += [ir.Assign(start, end, (name,), None, "", annotation) for name in names]
        out += values
    return annotation, values


def _moved(node: ir.Node, start: int, end: int) -> ir.Node:
    """A copy of a node that stands elsewhere."""
    changes: dict[str, object] = {"start": start, "end": end}
    for field in child_fields(type(node)):
        value = getattr(node, field)
        if isinstance(value, ir.Node):
            changes[field] = _moved(value, start, end)
        elif isinstance(value, tuple):
            changes[field] = tuple([_moved(item, start, end) for item in value])
    return msgspec.structs.replace(node, **changes)


def _types(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    for child in node.children:
        number = child.kind_id
        if number in _TYPE_SPECS:
            _type(lowering, child, out)
        elif number == ERROR_KIND:
            lowering.statement(child, out)


def _type(lowering: GoLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    children = [
        child
        for child in node.children
        if child.kind_id not in (COMMENT, ERROR_KIND, _EQUALS, _TYPE_PARAMETERS)
    ]
    if len(children) != 2:
        out.append(lowering.unknown(node))
        return
    start, end = node.start_byte, node.end_byte
    name = lowering.text(children[0])
    declared = declared_class(lowering, start, end, name, children[1])
    if node.kind_id == _TYPE_ALIAS and declared.kind == "type":
        declared = msgspec.structs.replace(declared, kind="alias")
    out.append(declared)


def _nothing(_lowering: GoLowering, _node: tree_sitter.Node, _out: list[ir.Node]) -> None:
    pass


STATEMENTS: dict[str, StatementHandler] = {
    "package_clause": _nothing,
    "import_declaration": _imports,
    "const_declaration": _values,
    "var_declaration": _values,
    "type_declaration": _types,
}
