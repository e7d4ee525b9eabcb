"""Go sources, through 1.26 syntax, to IR."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import tree_sitter

from backend_lint.frontends.go import branches, declarations, expressions, functions, statements
from backend_lint.frontends.go.grammar import LANGUAGE, GoLowering, GoTables, kind
from backend_lint.frontends.go.parsing import parse
from backend_lint.frontends.lowering import finish
from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    from backend_lint.frontends.lowered import Lowered
    from backend_lint.source import SourceFile

_PACKAGE_CLAUSE = kind("package_clause")


@cache
def _grammar() -> tuple[tree_sitter.Parser, GoTables]:
    tables = GoTables(
        expressions.EXPRESSIONS,
        {
            **statements.STATEMENTS,
            **branches.STATEMENTS,
            **declarations.STATEMENTS,
            **functions.STATEMENTS,
        },
    )
    return tree_sitter.Parser(LANGUAGE), tables


def lower_go(source: SourceFile) -> Lowered:
    """Lower a Go file; total, see `backend_lint.frontends.lower`."""
    parser, tables = _grammar()
    root = parse(parser, source.data)
    lowering = GoLowering(source.data, tables, broken=root.has_error)
    package = ""
    for child in root.children:
        if child.kind_id == _PACKAGE_CLAUSE:
            package = lowering.text(child.children[-1])
            break
    out: list[ir.Node] = []
    lowering.statements(root, out)
    module = ir.Module(0, len(source.data), package, tuple(out))
    return finish(lowering, root, module)
