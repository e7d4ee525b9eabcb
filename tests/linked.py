"""Projects in memory, linked, for tests of what rules ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.facts.extract import extract
from backend_lint.frontends import lower
from backend_lint.index import link
from backend_lint.layout import ProjectLayout
from backend_lint.paths import language_of
from backend_lint.source import SourceFile

if TYPE_CHECKING:
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode


def linked(files: dict[str, str], *, go_module: str = "") -> ProjectIndex:
    """The index of a project given by path and text."""
    facts = []
    for path, text in files.items():
        language = language_of(path)
        assert language is not None
        source = SourceFile(path, language, text.encode())
        facts.append(extract(source, lower(source).module))
    layout = ProjectLayout()
    if go_module:
        layout.go_modules[""] = go_module
    return link(facts, layout)


def function(index: ProjectIndex, name: str) -> FunctionNode:
    """The function of a qualified name."""
    (found,) = (f for f in index.all_functions if f.fact.qualified == name)
    return found


def argument(
    index: ProjectIndex, name: str, callee: str, position: int = 0
) -> tuple[FunctionNode, int, int]:
    """The function, the value and the context of an argument of its only call of `callee`."""
    caller = function(index, name)
    values = caller.fact.values
    calls = [
        value
        for value in values
        if isinstance(value, v.Invoke) and getattr(values[value.callee], "name", "") == callee
    ]
    assert len(calls) == 1, calls
    return caller, calls[0].args[position], calls[0].context
