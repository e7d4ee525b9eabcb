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

# tree-sitter's own kind for what it could not parse.
ERROR_KIND = 0xFFFF

# What every suppression directive holds.
DIRECTIVE_MARK = b"backend-lint"

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
        names: kinds that are a `Name` with their own text.
    """

    def __init__(
        self,
        language: tree_sitter.Language,
        *,
        expressions: dict[str, ExpressionLowering],
        statements: dict[str, StatementLowering],
        transparent: frozenset[str],
        comments: frozenset[str],
        names: frozenset[str] = frozenset({"identifier"}),
    ) -> None:
        def kind_ids(name: str) -> list[int]:
            # A grammar may give one name to several kinds (aliases); errors are in no grammar.
            if name == "ERROR":
                return [ERROR_KIND]
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
        self.names = {kind for name in names for kind in kind_ids(name)}


class Lowering:
    """One file being lowered: its bytes, the tables of its grammar, and what was met on the way."""

    def __init__(self, data: bytes, tables: Tables) -> None:
        self.data = data
        self.tables = tables
        self.depth = 0
        # Looked up for every node, so kept close.
        self._expressions = tables.expressions
        self._statements = tables.statements
        self._comments = tables.comments
        self._names = tables.names

    def text(self, node: tree_sitter.Node) -> str:
        """The source text of a node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def named(self, node: tree_sitter.Node) -> list[tree_sitter.Node]:
        """The named children of a node, without comments."""
        comments = self._comments
        children = node.named_children
        for child in children:
            if child.kind_id in comments:
                return [child for child in children if child.kind_id not in comments]
        return children

    def expression(self, node: tree_sitter.Node) -> ir.Node:
        """Lower an expression; total."""
        kind = node.kind_id
        if kind in self._names:
            start, end = node.start_byte, node.end_byte
            return ir.Name(start, end, self.data[start:end].decode("utf-8", "replace"))
        depth = self.depth
        if depth > MAX_DEPTH:
            return ir.Unknown(node.start_byte, node.end_byte, "too-deep", ())
        lower = self._expressions.get(kind)
        if lower is None:
            return self._other(node, kind)
        self.depth = depth + 1
        lowered = lower(self, node)
        self.depth = depth
        return lowered

    def _other(self, node: tree_sitter.Node, kind: int) -> ir.Node:
        if kind in self.tables.transparent:
            inner = self.named(node)
            if len(inner) == 1:
                return self._deeper(inner[0])
        statement = self._statements.get(kind)
        if statement is None:
            return self.unknown(node)
        out: list[ir.Node] = []
        self.depth += 1
        statement(self, node, out)
        self.depth -= 1
        if len(out) == 1:
            return out[0]
        return ir.Unknown(node.start_byte, node.end_byte, node.type, tuple(out))

    def _deeper(self, node: tree_sitter.Node) -> ir.Node:
        self.depth += 1
        lowered = self.expression(node)
        self.depth -= 1
        return lowered

    def optional(self, node: tree_sitter.Node | None) -> ir.Node | None:
        """Lower an expression that may be absent."""
        return None if node is None else self.expression(node)

    def unknown(self, node: tree_sitter.Node) -> ir.Unknown:
        """A node of a kind we do not know, with its children lowered."""
        children = tuple([self._deeper(child) for child in self.named(node)])
        return ir.Unknown(node.start_byte, node.end_byte, node.type, children)

    def statement(self, node: tree_sitter.Node, out: list[ir.Node]) -> None:
        """Lower a statement into `out`; total."""
        kind = node.kind_id
        lower = self._statements.get(kind)
        if lower is None:
            if kind not in self._comments:
                out.append(self.expression(node))
            return
        depth = self.depth
        if depth > MAX_DEPTH:
            out.append(ir.Unknown(node.start_byte, node.end_byte, "too-deep", ()))
            return
        self.depth = depth + 1
        lower(self, node, out)
        self.depth = depth

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
                # The values of a format stand behind it, so order in the text is not order here.
                start, end = min(last.start, part.start), max(last.end, part.end)
                flat[-1] = ir.Literal(start, end, str(last.value) + value)
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
