"""What the three front ends share: dispatch by grammar kind, depth guard, text templates.

A front end is a table from grammar kinds to functions `(lowering, node) -> Node` for expressions
and `(lowering, node, out) -> None` for statements, which append to `out` because one source
statement may become several. Kinds without an entry become `Unknown` with their children lowered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from backend_lint.frontends.lowered import Lowered
from backend_lint.ir import nodes as ir
from backend_lint.source import Region

if TYPE_CHECKING:
    from collections.abc import Callable

    import tree_sitter

# Deeper nesting than any person writes: cut off rather than exhaust the stack.
MAX_DEPTH = 300

# What every suppression directive holds.
DIRECTIVE_MARK = b"backend-lint:"

ExpressionLowering: TypeAlias = "Callable[[Lowering, tree_sitter.Node], ir.Node]"
StatementLowering: TypeAlias = "Callable[[Lowering, tree_sitter.Node, list[ir.Node]], None]"


class Tables:
    """The dispatch tables of one grammar, by numeric kind.

    Args:
        language: the tree-sitter language.
        expressions: lowering functions by the name of the named kind.
        statements: likewise, for statements.
        transparent: kinds that stand for their only named child, such as parentheses.
        comments: names of the comment kinds.
    """

    def __init__(
        self,
        language: tree_sitter.Language,
        *,
        expressions: dict[str, ExpressionLowering],
        statements: dict[str, StatementLowering],
        transparent: frozenset[str],
        comments: frozenset[str],
    ) -> None:
        def kind_ids(name: str) -> list[int]:
            # A grammar may give one name to several kinds (aliases).
            return [
                kind
                for kind in range(language.node_kind_count)
                if language.node_kind_for_id(kind) == name and language.node_kind_is_named(kind)
            ]

        def table(source: dict[str, Callable[..., object]]) -> dict[int, Callable[..., object]]:
            result = {}
            for name, function in source.items():
                kinds = kind_ids(name)
                if not kinds:
                    msg = f"the grammar has no kind {name!r}"
                    raise ValueError(msg)
                for kind in kinds:
                    result[kind] = function
            return result

        self.expressions: dict[int, ExpressionLowering] = table(expressions)  # type: ignore[assignment, arg-type]
        self.statements: dict[int, StatementLowering] = table(statements)  # type: ignore[assignment, arg-type]
        self.transparent = {kind for name in transparent for kind in kind_ids(name)}
        self.comments = {kind for name in comments for kind in kind_ids(name)}


class Lowering:
    """One file being lowered: its bytes, the tables of its grammar, and what was met on the way."""

    def __init__(self, data: bytes, tables: Tables) -> None:
        self.data = data
        self.tables = tables
        self.depth = 0

    def text(self, node: tree_sitter.Node) -> str:
        """The source text of a node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def named(self, node: tree_sitter.Node) -> list[tree_sitter.Node]:
        """The named children of a node, without comments."""
        comments = self.tables.comments
        return [child for child in node.named_children if child.kind_id not in comments]

    def expression(self, node: tree_sitter.Node) -> ir.Node:
        """Lower an expression; total."""
        tables = self.tables
        while node.kind_id in tables.transparent:
            inner = self.named(node)
            if not inner:
                break
            node = inner[0]
        if self.depth > MAX_DEPTH:
            return ir.Unknown(node.start_byte, node.end_byte, "too-deep", ())
        self.depth += 1
        try:
            lower = tables.expressions.get(node.kind_id)
            if lower is not None:
                return lower(self, node)
            statement = tables.statements.get(node.kind_id)
            if statement is not None:
                out: list[ir.Node] = []
                statement(self, node, out)
                if len(out) == 1:
                    return out[0]
                return ir.Unknown(node.start_byte, node.end_byte, node.type, tuple(out))
            return self.unknown(node)
        finally:
            self.depth -= 1

    def optional(self, node: tree_sitter.Node | None) -> ir.Node | None:
        """Lower an expression that may be absent."""
        return None if node is None else self.expression(node)

    def unknown(self, node: tree_sitter.Node) -> ir.Unknown:
        """A node of a kind we do not know, with its children lowered."""
        return ir.Unknown(
            node.start_byte,
            node.end_byte,
            node.type,
            tuple(self.expression(child) for child in self.named(node)),
        )

    def statement(self, node: tree_sitter.Node, out: list[ir.Node]) -> None:
        """Lower a statement into `out`; total."""
        tables = self.tables
        if self.depth > MAX_DEPTH:
            out.append(ir.Unknown(node.start_byte, node.end_byte, "too-deep", ()))
            return
        lower = tables.statements.get(node.kind_id)
        if lower is None:
            if node.kind_id not in tables.comments:
                out.append(self.expression(node))
            return
        self.depth += 1
        try:
            lower(self, node, out)
        finally:
            self.depth -= 1

    def block(self, node: tree_sitter.Node | None) -> tuple[ir.Node, ...]:
        """Lower the statements below a node; empty for None."""
        if node is None:
            return ()
        out: list[ir.Node] = []
        for child in node.named_children:
            self.statement(child, out)
        return tuple(out)


def template(start: int, end: int, parts: list[ir.Node], style: str) -> ir.Node:
    """Join parts of a text: neighbouring literals merge, nested templates flatten.

    A text without holes becomes a `Literal`. A part that is neither a text literal, a `Hole` nor a
    `Template` becomes a hole; number literals become text.
    """
    flat: list[ir.Node] = []

    def add(part: ir.Node) -> None:
        if isinstance(part, ir.Template) and part.style != "tagged":
            for inner in part.parts:
                add(inner)
            return
        if isinstance(part, ir.Hole) and isinstance(part.value, (ir.Literal, ir.Template)):
            inner_value = part.value
            if isinstance(inner_value, ir.Template) and not part.conversion:
                add(inner_value)
                return
            if isinstance(inner_value, ir.Literal) and isinstance(inner_value.value, str):
                if not part.conversion:
                    add(inner_value)
                    return
            elif isinstance(inner_value, ir.Literal) and type(inner_value.value) is int:
                add(ir.Literal(part.start, part.end, str(inner_value.value)))
                return
        if isinstance(part, ir.Literal):
            value = part.value
            if not isinstance(value, str):
                value = str(value)
                part = ir.Literal(part.start, part.end, value)
            if value == "":
                return
            if flat and isinstance(flat[-1], ir.Literal):
                last = flat[-1]
                flat[-1] = ir.Literal(last.start, part.end, f"{last.value}{value}")
                return
            flat.append(part)
            return
        if not isinstance(part, ir.Hole):
            part = ir.Hole(part.start, part.end, part, "")
        flat.append(part)

    for part in parts:
        add(part)
    if all(isinstance(part, ir.Literal) for part in flat):
        return ir.Literal(
            start, end, "".join(str(p.value) for p in flat if isinstance(p, ir.Literal))
        )
    return ir.Template(start, end, tuple(flat), style)


def comment_regions(root: tree_sitter.Node, comments: set[int]) -> tuple[Region, ...]:
    """The regions of all comments, in source order."""
    found: list[Region] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.kind_id in comments:
            found.append(Region(node.start_byte, node.end_byte))
        else:
            stack.extend(reversed(node.named_children))
    return tuple(found)


def error_regions(root: tree_sitter.Node) -> tuple[Region, ...]:
    """The regions of the outermost syntax errors and missing tokens, in source order."""
    if not root.has_error:
        return ()
    errors: list[Region] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            errors.append(Region(node.start_byte, node.end_byte))
        elif node.has_error:
            stack.extend(reversed(node.children))
    return tuple(errors)


def finish(lowering: Lowering, root: tree_sitter.Node, module: ir.Module) -> Lowered:
    """Put the result of a front end together.

    Comments cost a walk of the whole tree and matter only for directives, so they are collected
    only where the text holds one.
    """
    comments: tuple[Region, ...] = ()
    if DIRECTIVE_MARK in lowering.data:
        comments = comment_regions(root, lowering.tables.comments)
    return Lowered(module, comments, error_regions(root))
