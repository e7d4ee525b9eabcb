"""The front end of JavaScript, TypeScript and their JSX forms."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import tree_sitter

from backend_lint.frontends.ecmascript import (
    classes,
    constructors,
    expressions,
    functions,
    jsx,
    literals,
    modules,
    operators,
    patterns,
    statements,
    types,
)
from backend_lint.frontends.ecmascript.grammar import EcmascriptLowering, Grammar
from backend_lint.frontends.ecmascript.parsing import parse
from backend_lint.frontends.lowered import Lowered
from backend_lint.frontends.lowering import error_regions, finish
from backend_lint.ir import nodes as ir
from backend_lint.source import Language, Region

if TYPE_CHECKING:
    from backend_lint.source import SourceFile


def lower_ecmascript(source: SourceFile) -> Lowered:
    """Parse a JavaScript, TypeScript or TSX file and lower it; total."""
    size = len(source.data)
    parser, grammar = _grammar(source.language)
    tree = parse(parser, source.data)
    if source.language is Language.JAVASCRIPT and (tree is None or tree.root_node.has_error):
        # Flow writes types into JavaScript much as TypeScript does.
        other, typed = _grammar(Language.TSX)
        found = parse(other, source.data)
        if found is not None and (tree is None or _breaks(found) < _breaks(tree)):
            tree, grammar = found, typed
    if tree is None:
        return Lowered(ir.Module(0, size, "", ()), (), (Region(0, size),))
    root = tree.root_node
    lowering = EcmascriptLowering(source.data, grammar)
    module = ir.Module(0, size, "", constructors.as_classes(lowering.block(root)))
    return finish(lowering, root, module)


def _breaks(tree: tree_sitter.Tree) -> int:
    return len(error_regions(tree.root_node))


@cache
def _grammar(language: Language) -> tuple[tree_sitter.Parser, Grammar]:
    if language is Language.JAVASCRIPT:
        import tree_sitter_javascript

        pointer = tree_sitter_javascript.language()
    elif language is Language.TYPESCRIPT:
        import tree_sitter_typescript

        pointer = tree_sitter_typescript.language_typescript()
    else:
        import tree_sitter_typescript

        pointer = tree_sitter_typescript.language_tsx()
    loaded = tree_sitter.Language(pointer)
    grammar = Grammar(
        loaded,
        {
            **patterns.EXPRESSIONS,
            **literals.EXPRESSIONS,
            **expressions.EXPRESSIONS,
            **operators.EXPRESSIONS,
            **functions.EXPRESSIONS,
            **classes.EXPRESSIONS,
            **types.EXPRESSIONS,
            **jsx.EXPRESSIONS,
        },
        {
            **statements.STATEMENTS,
            **functions.STATEMENTS,
            **classes.STATEMENTS,
            **modules.STATEMENTS,
        },
    )
    return tree_sitter.Parser(loaded), grammar


__all__ = ["lower_ecmascript"]
