"""From source text to IR: one front end a language, all on tree-sitter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.source import Language

if TYPE_CHECKING:
    from backend_lint.frontends.lowered import Lowered
    from backend_lint.source import SourceFile

PROGRAMMING_LANGUAGES = frozenset(
    {Language.PYTHON, Language.JAVASCRIPT, Language.TYPESCRIPT, Language.TSX, Language.GO}
)


def lower(source: SourceFile) -> Lowered:
    """Parse a source file and lower it to IR.

    Total: broken source gives partial IR with the regions of its errors. The grammar is loaded at
    first use.

    Raises:
        ValueError: the file is not in one of `PROGRAMMING_LANGUAGES`.
    """
    if source.language is Language.PYTHON:
        from backend_lint.frontends.python import lower_python

        return lower_python(source)
    if source.language is Language.GO:
        from backend_lint.frontends.go import lower_go

        return lower_go(source)
    if source.language in PROGRAMMING_LANGUAGES:
        from backend_lint.frontends.ecmascript import lower_ecmascript

        return lower_ecmascript(source)
    msg = f"no front end for {source.language.value}"
    raise ValueError(msg)
