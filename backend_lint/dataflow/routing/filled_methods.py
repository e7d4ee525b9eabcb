"""Methods that a library calls with data of the request, because of the class they belong to.

Some are given the groups of the pattern beside which their class is registered: what such a group
lets through is what the parameter can be.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from backend_lint.dataflow.texts import texts
from backend_lint.facts import values as v
from backend_lint.regex.groups import groups
from backend_lint.semantics.references import ClassReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import FunctionNode

_CONCEPT = "filled-methods"
# `\w+`, `[a-z0-9-]*`, `list|preview`
_CLASS = r"(?:\[(?:\w-\w|\w|-|\\[dw])+\]|\\[dw]|\w|-)"
_WORD = re.compile(rf"(?:{_CLASS}(?:[+*?]|\{{[\d,]+\}})?\??|\|)+")
_SEGMENT = re.compile(r"\[\^/[^\]]*\](?:[+*]\??|\{[\d,]+\})")


class FilledMethods:
    """Knows which parameters of methods are filled so."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index

    def row(self, function: FunctionNode, position: int) -> Row | None:
        """The row by which a parameter of a function is filled from the request, if it is."""
        models = self.index.resolver.models(function)
        for row in models.concept_rows(_CONCEPT):
            if (
                any(fnmatchcase(function.fact.name, name) for name in row.attributes["methods"])
                and row.attributes.get("parameter", position) == position
                and any(
                    api in row.api
                    for owner in self.owners(function)
                    for base in self.index.resolver.classes.api_bases(owner)
                    for api in models.bases(base)
                )
            ):
                return row
        return None

    def owners(self, function: FunctionNode) -> Iterator[ClassReference]:
        """The classes that a method may belong to."""
        for owner in self.index.resolver.receiver(function):
            if isinstance(owner, ClassReference):
                yield owner

    def is_word(self, function: FunctionNode, position: int) -> bool:
        """The patterns let only letters, digits and the like through."""
        groups = self._groups_of(function, position)
        return bool(groups) and all(_WORD.fullmatch(group) for group in groups)

    def is_segment(self, function: FunctionNode, position: int) -> bool:
        """The patterns let no slash through."""
        groups = self._groups_of(function, position)
        return bool(groups) and all(
            _WORD.fullmatch(group) or _SEGMENT.fullmatch(group) for group in groups
        )

    def _groups_of(self, function: FunctionNode, position: int) -> list[str]:
        """The groups that fill a parameter, of all patterns by which its class is registered."""
        name = function.fact.parameters[position].name
        found: list[str] = []
        for owner in self.owners(function):
            for pattern in self._patterns.get((owner.file.path, owner.index), ()):
                parts = list(groups(pattern))
                if any(other for other, _ in parts):
                    found.extend(body for other, body in parts if other == name)
                elif position < len(parts):
                    found.append(parts[position][1])
        return found

    @cached_property
    def _patterns(self) -> dict[tuple[str, int], list[str]]:
        """The texts beside which classes stand, `(r"/files/(.*)", FileHandler)`, by class."""
        found: dict[tuple[str, int], list[str]] = {}
        for file in self.index.files.values():
            for function in file.functions:
                for value in function.fact.values:
                    beside: tuple[int, ...] = ()
                    if type(value) is v.Listing:
                        beside = value.elements
                    elif type(value) is v.Invoke:
                        beside = value.args
                    if len(beside) > 1:
                        for key in self._classes(function, beside[1]):
                            found.setdefault(key, []).extend(
                                form.constant
                                for form in texts(self.index, function, beside[0])
                                if form.constant is not None
                            )
        return found

    def _classes(self, function: FunctionNode, at: int) -> Iterator[tuple[str, int]]:
        if isinstance(function.fact.values[at], (v.Imported, v.Captured, v.Member, v.ClassValue)):
            for reference in self.index.resolver.references(function, at):
                if isinstance(reference, ClassReference) and not reference.instance:
                    yield reference.file.path, reference.index
