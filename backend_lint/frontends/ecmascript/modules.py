"""Imports, exports and namespaces, of ECMAScript modules and of CommonJS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.frontends.ecmascript.classes import class_
from backend_lint.frontends.ecmascript.literals import string
from backend_lint.frontends.ecmascript.operators import assignment_chain
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tree_sitter

    from backend_lint.frontends.ecmascript.grammar import EcmascriptLowering, StatementHandler

_CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "class"})
_PLAIN_IMPORT = re.compile(
    r"""import\s+(?:type\s+(?!from\b))?(?:([\w$]+)\s*(?:,\s*|(?=\bfrom\b|\s)))?"""
    r"""(?:\{([\w$\s,]+)\}|(\*\s*as\s+([\w$]+))\s)?\s*from\s*(["'])([\w@$./:~-]+)\5\s*;?""",
    re.ASCII,
)
_PLAIN_SPECIFIER = re.compile(r"(?:type\s+(?!as\b))?([\w$]+)(?:\s+as\s+([\w$]+))?", re.ASCII)
_COMMONJS = re.compile(r"(?:module\s*\.\s*)?exports(?:\s*\.\s*([\w$]+))?", re.ASCII)


def _import(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    # Imports are a tenth of a typical file and nearly all of them plain: their text suffices.
    match = _PLAIN_IMPORT.fullmatch(lowering.chars, node.start_byte, node.end_byte)
    if match is None:
        _any_import(lowering, node, out)
        return
    default, namespace, module = match.group(1, 4, 6)
    if default:
        out.append(ir.Import(*match.span(1), module, "default", default))
    if namespace:
        out.append(ir.Import(*match.span(3), module, "", namespace))
    begin, end = match.span(2)
    if begin >= 0:
        for specifier in _PLAIN_SPECIFIER.finditer(lowering.chars, begin, end):
            name, alias = specifier.groups()
            out.append(ir.Import(*specifier.span(), module, name, alias or name))


def _any_import(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    kinds = lowering.kinds
    clause: tree_sitter.Node | None = None
    module = ""
    for child in node.named_children:
        kind = kinds[child.kind_id]
        if kind == "string":
            module = _text(lowering, child)
        elif kind == "import_clause":
            clause = child
        elif kind == "import_require_clause":
            _import_require(lowering, child, out)
            return
    if clause is None:
        out.append(ir.Import(node.start_byte, node.end_byte, module, "", ""))
        return
    for child in clause.named_children:
        kind = kinds[child.kind_id]
        start = child.start_byte
        end = child.end_byte
        if kind == "named_imports":
            for specifier in lowering.named(child):
                name, alias = _specified(lowering, specifier)
                out.append(ir.Import(specifier.start_byte, specifier.end_byte, module, name, alias))
        elif kind == "identifier":
            out.append(ir.Import(start, end, module, "default", lowering.slice(start, end)))
        elif kind == "namespace_import":
            alias = "".join(lowering.text(part) for part in lowering.named(child)[-1:])
            out.append(ir.Import(start, end, module, "", alias))


def _import_require(
    lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]
) -> None:
    parts = lowering.named(node)
    if len(parts) >= 2:
        module = _text(lowering, parts[-1])
        alias = lowering.text(parts[0])
        out.append(ir.Import(node.start_byte, node.end_byte, module, "", alias))


def _text(lowering: EcmascriptLowering, node: tree_sitter.Node) -> str:
    """A name, quoted or not."""
    if lowering.kinds[node.kind_id] == "string":
        return str(string(lowering, node).value)
    return lowering.text(node)


def _specified(lowering: EcmascriptLowering, node: tree_sitter.Node) -> tuple[str, str]:
    """The two names in `name as alias`."""
    parts = [
        _text(lowering, part)
        for part in lowering.tokens(node)
        # JavaScript has `default` as a word of the language here, not as a name.
        if part.is_named or lowering.kinds[part.kind_id] == "default"
    ]
    if not parts:
        name = lowering.text(node)
        return name, name
    return parts[0], parts[-1]


def _import_alias(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    parts = lowering.expressions(node.named_children)
    if len(parts) == 2:
        out.append(ir.Assign(node.start_byte, node.end_byte, (parts[0],), parts[1], "", None))


def _export(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    kinds = lowering.kinds
    start = node.start_byte
    end = node.end_byte
    decorators: list[tree_sitter.Node] = []
    source = node.child_by_field_name("source")
    module = "" if source is None else _text(lowering, source)
    tokens: set[str] = set()
    for child in lowering.tokens(node):
        kind = kinds[child.kind_id]
        if not child.is_named:
            tokens.add(kind)
        elif kind == "decorator":
            decorators.append(child)
        elif kind == "export_clause":
            for specifier in lowering.named(child):
                _export_specifier(lowering, specifier, module, out)
        elif kind == "namespace_export":
            name = "".join(_text(lowering, part) for part in lowering.named(child)[-1:])
            out.append(ir.Export(start, end, name, None, module, "*"))
        elif child == source:
            continue
        elif "default" in tokens or "=" in tokens:
            name = "default" if "default" in tokens else "="
            value = _default(lowering, child, decorators, out)
            if value is not None:
                out.append(ir.Export(start, end, name, value, "", ""))
        elif "as" in tokens:
            # `export as namespace X` declares a global for scripts.
            continue
        else:
            _export_declaration(lowering, node, child, decorators, out)
    if "*" in tokens and source is not None:
        out.append(ir.Export(start, end, "*", None, module, "*"))


def _export_specifier(
    lowering: EcmascriptLowering, node: tree_sitter.Node, module: str, out: list[ir.Node]
) -> None:
    start = node.start_byte
    end = node.end_byte
    name, alias = _specified(lowering, node)
    if module:
        out.append(ir.Export(start, end, alias, None, module, name))
    else:
        parts = lowering.named(node)
        at = parts[0] if parts else node
        value = ir.Name(at.start_byte, at.end_byte, name)
        out.append(ir.Export(start, end, alias, value, "", ""))


def _default(
    lowering: EcmascriptLowering,
    node: tree_sitter.Node,
    decorators: list[tree_sitter.Node],
    out: list[ir.Node],
) -> ir.Node | None:
    """The value of a default export; a declaration with a name is bound and exported by it."""
    if lowering.kinds[node.kind_id] in _CLASSES:
        lowered: ir.Node = class_(lowering, node, decorators)
    elif lowering.kinds[node.kind_id].endswith(("_declaration", "_signature")):
        found: list[ir.Node] = []
        lowering.statement(node, found)
        if len(found) != 1:
            out.extend(found)
            return None
        lowered = found[0]
    else:
        return lowering.expression(node)
    name = node.child_by_field_name("name")
    if name is None:
        return lowered
    out.append(lowered)
    return ir.Name(name.start_byte, name.end_byte, lowering.text(name))


def _export_declaration(
    lowering: EcmascriptLowering,
    node: tree_sitter.Node,
    declaration: tree_sitter.Node,
    decorators: list[tree_sitter.Node],
    out: list[ir.Node],
) -> None:
    found: list[ir.Node] = []
    if lowering.kinds[declaration.kind_id] in _CLASSES:
        found.append(class_(lowering, declaration, decorators))
    else:
        lowering.statement(declaration, found)
    out.extend(found)
    exported: list[ir.Name] = []
    for item in found:
        if isinstance(item, ir.Assign):
            for target in item.targets:
                exported.extend(_bound(target))
        elif isinstance(item, (ir.Function, ir.Class)):
            name = declaration.child_by_field_name("name")
            if name is not None and lowering.text(name) == item.name:
                exported.append(ir.Name(name.start_byte, name.end_byte, item.name))
    start = node.start_byte
    end = node.end_byte
    out.extend(ir.Export(start, end, name.id, name, "", "") for name in exported)


def _bound(target: ir.Node) -> Iterator[ir.Name]:
    """The names that a target binds."""
    if isinstance(target, ir.Name):
        yield target
    elif isinstance(target, ir.Spread):
        yield from _bound(target.value)
    elif isinstance(target, ir.Assign):
        yield from _bound(target.targets[0])
    elif isinstance(target, ir.Sequence):
        for element in target.elements:
            yield from _bound(element)
    elif isinstance(target, ir.Mapping):
        for entry in target.entries:
            yield from _bound(entry.value)


def _commonjs_name(lowering: EcmascriptLowering, node: tree_sitter.Node) -> str:
    """What assigning to this target exports: a name, `=` for the whole module, or empty."""
    text = lowering.chars[node.start_byte : node.end_byte]
    if not text.startswith(("exports", "module")):
        return ""
    match = _COMMONJS.fullmatch(text)
    if match is None or text == "exports":
        return ""
    name = match[1]
    if text.startswith("exports"):
        return name
    return name or "="


def _assignment(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    """An assignment as a statement, which in CommonJS may be an export."""
    start = node.start_byte
    parts = node.children
    if (
        len(parts) == 3
        and parts[2].kind_id != node.kind_id
        and not lowering.chars.startswith(("exports", "module"), start)
    ):
        target = lowering.expression(parts[0])
        given = lowering.expression(parts[2])
        out.append(ir.Assign(start, node.end_byte, (target,), given, "", None, rebinds=True))
        return
    targets, value = assignment_chain(lowering, node)
    names = [_commonjs_name(lowering, target) for target in targets]
    if not any(names):
        out.append(lowering.expression(node))
        return
    end = node.end_byte
    plain = [
        lowering.expression(target) for target, name in zip(targets, names, strict=True) if not name
    ]
    given = lowering.expression(value)
    if plain:
        out.append(ir.Assign(start, end, tuple(plain), given, "", None, rebinds=True))
        given = plain[-1]
    for left, name in zip(reversed(targets), reversed(names), strict=True):
        if name:
            out.append(ir.Export(start, end, name, given, "", ""))
            given = lowering.expression(left)


def declared_export(
    lowering: EcmascriptLowering,
    declarator: tree_sitter.Node,
    node: tree_sitter.Node,
    target: ir.Node,
    out: list[ir.Node],
) -> ir.Node:
    """The value of `const target = module.exports = value`, whose exports go to `out`."""
    targets, value = assignment_chain(lowering, node)
    names = [_commonjs_name(lowering, item) for item in targets]
    if not names or not all(names):
        return lowering.expression(node)
    start = declarator.start_byte
    end = declarator.end_byte
    out.extend(ir.Export(start, end, name, target, "", "") for name in names)
    return lowering.expression(value)


def _namespace(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    """The body of a namespace or ambient module; what it exports is not the file's."""
    body = node.child_by_field_name("body")
    if body is not None:
        found = lowering.block(body)
        out.extend(item for item in found if not isinstance(item, ir.Export))


def _ambient(lowering: EcmascriptLowering, node: tree_sitter.Node, out: list[ir.Node]) -> None:
    for child in node.named_children:
        lowering.statement(child, out)


STATEMENTS: dict[str, StatementHandler] = {
    "import_statement": _import,
    "import_alias": _import_alias,
    "export_statement": _export,
    "assignment_expression": _assignment,
    "internal_module": _namespace,
    "module": _namespace,
    "ambient_declaration": _ambient,
}
