"""Requests that only administrators can send, by what their routes and what guards them say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.routing.routes import Routes
from backend_lint.facts import values as v
from backend_lint.semantics.secret_names import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.dataflow.routing.layers import Layer
    from backend_lint.dataflow.routing.routes import Route
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

_ADMINISTRATORS = frozenset(
    {"admin", "admins", "administrator", "administrators", "superadmin", "superuser", "sysadmin"}
)
# What a path says of where anybody may knock: `/admin/login`.
_OPEN = frozenset({"auth", "forgot", "login", "logon", "register", "reset", "signin", "signup"})


class Administration:
    """Tells what only administrators reach; made once for an index."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._known: dict[tuple[str, int], bool] = {}

    def reaches(self, function: FunctionNode) -> bool:
        """All requests that lead to a function come from administrators."""
        known = self._known.get(function.key)
        if known is None:
            routes = self.index.shared(Routes).leading_to(function)
            known = bool(routes) and all(self._is_theirs(route) for route in routes)
            self._known[function.key] = known
        return known

    def _is_theirs(self, route: Route) -> bool:
        if not _OPEN.isdisjoint(words_of(route.path)):
            return False
        texts = [route.path, *self._decorators(route.handler)]
        for layer in route.chain:
            texts.extend(self._said(layer))
        return any(not _ADMINISTRATORS.isdisjoint(words_of(text)) for text in texts)

    @staticmethod
    def _decorators(handler: FunctionNode) -> Iterator[str]:
        for at in handler.fact.decorators:
            yield from _names(handler, at)

    @staticmethod
    def _said(layer: Layer) -> Iterator[str]:
        yield layer.label
        if layer.at >= 0:
            yield from _names(layer.function, layer.at)


def _names(function: FunctionNode, at: int) -> Iterator[str]:
    """The names and words that a call, or what stands for one, is written with."""
    value = function.fact.values[at]
    if type(value) is v.Invoke:
        for part in (value.callee, *value.args):
            yield from _names(function, part)
    elif isinstance(value, (v.Member, v.Captured, v.Imported, v.Global)):
        yield value.name
    elif type(value) is v.Constant and isinstance(value.value, str) and "/" not in value.value:
        yield value.value  # a role; of paths, each route has its own
    elif type(value) is v.Listing:
        for element in value.elements:
            yield from _names(function, element)
