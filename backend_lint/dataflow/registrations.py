"""Which functions the registration of a route makes answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.semantics.references import ClassReference, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


def handlers(index: ProjectIndex, match: Match) -> Iterator[FunctionNode]:
    """The functions, and the methods of a class that is made a view: `FileView.as_view()`."""
    function = match.function
    maker = match.attributes.get("view", "")
    for at in match.values("handler"):
        value, named = function.fact.values[at], at
        if type(value) is v.Invoke:
            callee = function.fact.values[value.callee]
            if type(callee) is not v.Member or callee.name != maker:
                continue
            named = callee.base
        for reference in index.resolver.references(function, named):
            if isinstance(reference, FunctionReference):
                yield reference.function
            elif isinstance(reference, ClassReference):
                for name in _METHODS:
                    method = index.resolver.classes.method(reference, name)
                    if method is not None:
                        yield method
