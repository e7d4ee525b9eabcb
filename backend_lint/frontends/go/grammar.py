"""The Go grammar and the lowering state of one file, with the paths that every node takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

import tree_sitter
import tree_sitter_go

from backend_lint.frontends.go.glance import LIMIT, simple, simple_list
from backend_lint.frontends.lowering import ERROR_KIND, MAX_DEPTH, Lowering, Tables
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend_lint.frontends.lowering import ExpressionLowering, StatementLowering

    ExpressionHandler: TypeAlias = "Callable[[GoLowering, tree_sitter.Node], ir.Node]"
    StatementHandler: TypeAlias = "Callable[[GoLowering, tree_sitter.Node, list[ir.Node]], None]"

LANGUAGE = tree_sitter.Language(tree_sitter_go.language())


def kind(name: str) -> int:
    """The numeric kind of a named node."""
    return _known(name, named=True)


def token(text: str) -> int:
    """The numeric kind of an anonymous token."""
    return _known(text, named=False)


def _known(name: str, *, named: bool) -> int:
    number = LANGUAGE.id_for_node_kind(name, named)
    if number is None:
        msg = f"the grammar has no kind {name!r}"
        raise ValueError(msg)
    return number


COMMENT = kind("comment")
IDENTIFIER = kind("identifier")
STATEMENT_LIST = kind("statement_list")
_TYPE_IDENTIFIER = kind("type_identifier")

# What stands between the items of a list: punctuation and comments.
BETWEEN = frozenset(
    {COMMENT, *(token(text) for text in ("(", ")", ",", "{", "}", "[", "]", ";", "|"))}
)


class GoTables(Tables):
    """The dispatch tables of Go."""

    def __init__(
        self,
        expressions: dict[str, ExpressionHandler],
        statements: dict[str, StatementHandler],
    ) -> None:
        super().__init__(
            LANGUAGE,
            expressions=cast("dict[str, ExpressionLowering]", expressions),
            statements=cast("dict[str, StatementLowering]", statements),
            transparent=frozenset(
                {
                    "parenthesized_expression",
                    "parenthesized_type",
                    "expression_statement",
                    "literal_element",
                }
            ),
            comments=frozenset({"comment"}),
            names=frozenset(
                {
                    "identifier",
                    "type_identifier",
                    "field_identifier",
                    "package_identifier",
                    "blank_identifier",
                    "label_name",
                    "iota",
                    "dot",
                }
            ),
        )


class GoLowering(Lowering):
    """One Go file being lowered.

    Leaves and short wrappers are read from the text between two offsets where that settles what
    they are, because asking the syntax tree for children costs more than the rest of the work.

    Attributes:
        chars: the file with one character a byte, so that byte offsets index it.
        broken: whether the file has syntax errors.
        packages: the import path behind every package name of the file.
        results: the named results of the function being lowered.
        in_switch: whether an unlabelled `break` here leaves a `switch` or `select`.
    """

    def __init__(self, data: bytes, tables: GoTables, *, broken: bool) -> None:
        super().__init__(data, tables)
        self.chars = data.decode("latin-1")
        self.broken = broken
        self.packages: dict[str, str] = {}
        self.results: tuple[ir.Name, ...] = ()
        self.in_switch = False

    def slice(self, start: int, end: int) -> str:
        """The source text between two byte offsets."""
        text = self.chars[start:end]
        return text if text.isascii() else text.encode("latin-1").decode("utf-8", "replace")

    def text(self, node: tree_sitter.Node) -> str:
        """The source text of a node."""
        return self.slice(node.start_byte, node.end_byte)

    def tokens(self, node: tree_sitter.Node) -> list[tree_sitter.Node]:
        """All children of a node, anonymous ones too, without comments and errors."""
        return [child for child in node.children if child.kind_id not in (COMMENT, ERROR_KIND)]

    def items(self, node: tree_sitter.Node) -> list[tree_sitter.Node]:
        """The children of a list without punctuation and comments."""
        return [child for child in node.children if child.kind_id not in BETWEEN]

    def simple(self, start: int, end: int) -> ir.Node | None:
        """The expression or type between two offsets if its text alone settles it."""
        if end - start > LIMIT:
            return None
        text = self.chars[start:end]
        return None if "\n" in text or not text.isascii() else simple(text, start)

    def expression(self, node: tree_sitter.Node) -> ir.Node:
        """Lower an expression or a type; total."""
        number = node.kind_id
        if number in self._names:
            start, end = node.start_byte, node.end_byte
            text = self.chars[start:end]
            return ir.Name(start, end, text if text.isascii() else self.slice(start, end))
        start, end = node.start_byte, node.end_byte
        if end - start <= LIMIT:
            text = self.chars[start:end]
            if "\n" not in text and text.isascii():
                glanced = simple(text, start)
                if glanced is not None:
                    return glanced
        return self.inner(node)

    def inner(self, node: tree_sitter.Node) -> ir.Node:
        """Lower an expression that is not simple, by its parts; total."""
        number = node.kind_id
        depth = self.depth
        if depth > MAX_DEPTH:
            return ir.Unknown(node.start_byte, node.end_byte, "too-deep", ())
        lower = self._expressions.get(number)
        if lower is None:
            return self._other(node, number)
        self.depth = depth + 1
        lowered = lower(self, node)
        self.depth = depth
        return lowered

    def expressions(self, node: tree_sitter.Node) -> list[ir.Node]:
        """Lower the items of an `expression_list`, or the one expression that `node` is."""
        start, end = node.start_byte, node.end_byte
        if end - start <= LIMIT:
            text = self.chars[start:end]
            if "\n" not in text and text.isascii():
                glanced = simple_list(text, start)
                if glanced is not None:
                    return glanced
            if node.kind_id == _EXPRESSION_LIST and len(node.children) == 1:
                return [self.inner(node.children[0])]
        if node.kind_id != _EXPRESSION_LIST:
            return [self.expression(node)]
        return [self.expression(child) for child in node.children if child.kind_id not in BETWEEN]

    def block(self, node: tree_sitter.Node | None) -> tuple[ir.Node, ...]:
        """Lower the statements of a `block`; empty for None."""
        if node is None or not node.named_child_count:
            return ()
        out: list[ir.Node] = []
        only = node.named_child(0)
        if only.kind_id == STATEMENT_LIST and not self.broken:
            self.statements(only, out)
            return tuple(out)
        for child in node.children:
            if child.kind_id == STATEMENT_LIST:
                self.statements(child, out)
            elif child.kind_id not in BETWEEN:
                self.statement(child, out)
        return tuple(out)

    def statements(self, node: tree_sitter.Node, out: list[ir.Node]) -> None:
        """Lower the children of a node as statements into `out`."""
        depth = self.depth
        if depth > MAX_DEPTH:
            out.append(ir.Unknown(node.start_byte, node.end_byte, "too-deep", ()))
            return
        self.depth = depth + 1
        handlers = self._statements
        for child in node.children:
            number = child.kind_id
            lower = handlers.get(number)
            if lower is not None:
                lower(self, child, out)
            elif number not in BETWEEN and child.is_named:
                out.append(self.expression(child))
        self.depth = depth


_EXPRESSION_LIST = kind("expression_list")
