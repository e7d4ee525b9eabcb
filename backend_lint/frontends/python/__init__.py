"""Python sources, through 3.14 syntax, to IR."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import tree_sitter
import tree_sitter_python

from backend_lint.frontends.lowering import Lowering, Tables, finish
from backend_lint.frontends.python.expressions import EXPRESSIONS
from backend_lint.frontends.python.statements import STATEMENTS
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    from backend_lint.frontends.lowered import Lowered
    from backend_lint.source import SourceFile


@cache
def _grammar() -> tuple[tree_sitter.Parser, Tables]:
    language = tree_sitter.Language(tree_sitter_python.language())
    tables = Tables(
        language,
        expressions=EXPRESSIONS,
        statements=STATEMENTS,
        transparent=frozenset({"parenthesized_expression", "type", "expression_statement"}),
        comments=frozenset({"comment", "line_continuation"}),
    )
    return tree_sitter.Parser(language), tables


def lower_python(source: SourceFile) -> Lowered:
    """Lower a Python file; total, see `backend_lint.frontends.lower`."""
    parser, tables = _grammar()
    root = parser.parse(source.data).root_node
    lowering = Lowering(source.data, tables)
    module = ir.Module(0, len(source.data), "", lowering.block(root))
    return finish(lowering, root, module)
