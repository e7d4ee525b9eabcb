"""The tables of one ECMAScript grammar and the lowering that dispatches by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from backend_lint.frontends.lowering import ERROR_KIND, MAX_DEPTH, Lowering, Tables
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import tree_sitter

COMMENTS = frozenset({"comment", "html_comment", "hash_bang_line"})

# What stands for a comment in a list of lowered expressions, until the list is done.
COMMENT = ir.Unknown(0, 0, "comment", ())

ExpressionHandler: TypeAlias = "Callable[[EcmascriptLowering, tree_sitter.Node], ir.Node]"
StatementHandler: TypeAlias = (
    "Callable[[EcmascriptLowering, tree_sitter.Node, list[ir.Node]], None]"
)


class Grammar(Tables):
    """The dispatch tables of JavaScript, TypeScript or TSX.

    The three grammars share one set of handlers; a handler whose kind a grammar lacks is left out.

    Attributes:
        kinds: the name of every kind, named or not, by numeric kind.
        by_expression: the handler of every kind, as an expression; total.
        by_statement: the handlers of those kinds that are more than an expression as a statement.
        identifier: the numeric kind of identifiers, by far the most frequent of all.
    """

    def __init__(
        self,
        language: tree_sitter.Language,
        expressions: Mapping[str, ExpressionHandler],
        statements: Mapping[str, StatementHandler],
    ) -> None:
        super().__init__(
            language,
            expressions={},
            statements={},
            transparent=frozenset(),
            comments=COMMENTS,
        )
        self.kinds: dict[int, str] = {ERROR_KIND: "ERROR"}
        self.by_expression: dict[int, ExpressionHandler] = {ERROR_KIND: _as_unknown}
        self.by_statement: dict[int, StatementHandler] = {ERROR_KIND: statements["ERROR"]}
        for kind in range(language.node_kind_count):
            name = language.node_kind_for_id(kind) or ""
            self.kinds[kind] = name
            if not language.node_kind_is_named(kind):
                self.by_expression[kind] = _as_unknown
                continue
            statement = statements.get(name)
            if statement is not None:
                self.by_statement[kind] = statement
            other = _as_unknown if statement is None else _as_statements
            self.by_expression[kind] = expressions.get(name, other)
        for kind in self.comments:
            self.by_expression[kind] = _as_comment
            self.by_statement[kind] = _nothing
        self.identifier = language.id_for_node_kind("identifier", True)


class EcmascriptLowering(Lowering):
    """One file being lowered; faster than its base because it inlines what every node pays."""

    def __init__(self, data: bytes, grammar: Grammar) -> None:
        super().__init__(data, grammar)
        # One character a byte, so that byte offsets index it: slices of it cost half of those of
        # bytes that are decoded afterwards.
        self.chars = data.decode("latin-1")
        self.ascii = data.isascii()
        self.kinds = grammar.kinds
        self.identifier = grammar.identifier
        self.by_expression = grammar.by_expression
        self.by_statement = grammar.by_statement

    def slice(self, start: int, end: int) -> str:
        """The source text between two byte offsets."""
        text = self.chars[start:end]
        if self.ascii or text.isascii():
            return text
        return text.encode("latin-1").decode("utf-8", "replace")

    def text(self, node: tree_sitter.Node) -> str:
        """The source text of a node."""
        return self.slice(node.start_byte, node.end_byte)

    def tokens(self, node: tree_sitter.Node) -> list[tree_sitter.Node]:
        """All children of a node, anonymous ones too, without comments and errors.

        Handlers of kinds with a fixed shape take `node.children`, and come here only if there are
        more than the shape has.
        """
        comments = self.tables.comments
        return [
            child
            for child in node.children
            if child.kind_id not in comments and child.kind_id != ERROR_KIND
        ]

    def expression(self, node: tree_sitter.Node) -> ir.Node:
        """Lower an expression or a type; total."""
        kind = node.kind_id
        if kind == self.identifier:
            start = node.start_byte
            end = node.end_byte
            if self.ascii:
                return ir.Name(start, end, self.chars[start:end])
            return ir.Name(start, end, self.slice(start, end))
        depth = self.depth
        if depth > MAX_DEPTH:
            return ir.Unknown(node.start_byte, node.end_byte, "too-deep", ())
        self.depth = depth + 1
        result = self.by_expression[kind](self, node)
        self.depth = depth
        return result

    def expressions(self, nodes: list[tree_sitter.Node]) -> list[ir.Node]:
        """Lower the expressions among some nodes, leaving comments out."""
        result = []
        for node in nodes:
            item = self.expression(node)
            if item is not COMMENT:
                result.append(item)
        return result

    def statement(self, node: tree_sitter.Node, out: list[ir.Node]) -> None:
        """Lower a statement into `out`; total."""
        lower = self.by_statement.get(node.kind_id)
        if lower is None:
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
        out: list[ir.Node] = []
        if node is None or node.named_child_count == 0:
            return ()
        depth = self.depth
        if depth > MAX_DEPTH:
            return (ir.Unknown(node.start_byte, node.end_byte, "too-deep", ()),)
        self.depth = depth + 1
        by_statement = self.by_statement
        for child in node.named_children:
            lower = by_statement.get(child.kind_id)
            if lower is None:
                out.append(self.expression(child))
            else:
                lower(self, child, out)
        self.depth = depth
        return tuple(out)

    def body(self, node: tree_sitter.Node) -> tuple[ir.Node, ...]:
        """Lower a statement, block or not, that is the body of another."""
        if self.kinds[node.kind_id] == "statement_block":
            return self.block(node)
        out: list[ir.Node] = []
        self.statement(node, out)
        return tuple(out)


def _as_unknown(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    return lowering.unknown(node)


def _as_statements(lowering: EcmascriptLowering, node: tree_sitter.Node) -> ir.Node:
    out: list[ir.Node] = []
    lowering.by_statement[node.kind_id](lowering, node, out)
    if len(out) == 1:
        return out[0]
    return ir.Unknown(node.start_byte, node.end_byte, node.type, tuple(out))


def _as_comment(_lowering: EcmascriptLowering, _node: tree_sitter.Node) -> ir.Node:
    return COMMENT


def _nothing(_lowering: EcmascriptLowering, _node: tree_sitter.Node, _out: list[ir.Node]) -> None:
    pass
