"""Which calls of a project are which concepts; found for a call when somebody asks about it.

A method is known by its name and its receiver, so that the calls of a concept are looked for among
those of the names that its rows have. Anything else that is called may stand for any API.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from backend_lint.concepts.match import Match
from backend_lint.dataflow.handovers import deferred
from backend_lint.facts import values as v
from backend_lint.models.library import last_name, load
from backend_lint.semantics.references import Api, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from backend_lint.index import ProjectIndex
    from backend_lint.inventory import Inventory
    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import FunctionNode, Reference

# Stands for the name of what is called by no name of a method.
_ANY = "*"
# A call of this concept may be those that it is handed, too.
_DEFERRED = "deferred-call"


class Recognition:
    """Answers which concepts calls are.

    Args:
        index: the linked project.
        inventory: its calls.
    """

    def __init__(self, index: ProjectIndex, inventory: Inventory) -> None:
        self.index = index
        self._inventory = inventory
        self._at: defaultdict[FunctionNode, dict[int, Sequence[Match]]] = defaultdict(dict)
        self._under: dict[str, dict[str, list[Match]]] = {}
        self._of: dict[tuple[str, str], list[Match]] = {}
        self._inside: dict[FunctionNode, dict[str, list[Match]]] = {}

    def of(self, concept: str, kind: str = "") -> list[Match]:
        """All calls of a concept, or those of a taint kind among them, by file and place."""
        known = self._of.get((concept, kind))
        if known is None:
            names = {
                last_name(api)
                for family in self.index.families
                for each in (concept, _DEFERRED)
                for row in load(family).concept_rows(each)
                if each == _DEFERRED or _is_of(row, kind)
                for api in row.api
            }
            found = [
                match
                for name in (*names, _ANY)
                for match in self._named(name).get(concept, ())
                if _is_of(match.row, kind)
            ]
            found.sort(key=lambda match: (match.function.key, match.index))
            known = self._of[concept, kind] = found
        return known

    def inside(self, function: FunctionNode) -> dict[str, list[Match]]:
        """The calls in a function by concept, by place."""
        known = self._inside.get(function)
        if known is None:
            values = function.fact.values
            calls = (at for at, value in enumerate(values) if type(value) is v.Invoke)
            known = self._inside[function] = _by_concept(self.at(function, at) for at in calls)
        return known

    def at(self, function: FunctionNode, index: int) -> Sequence[Match]:
        """The concepts that a value is, if it is a call."""
        if index < 0:
            return ()
        known = self._at[function].get(index)
        if known is None:
            call = function.fact.values[index]
            if type(call) is not v.Invoke:
                return ()
            known = self._recognised(function, index, call)
            if any(match.row.concept == _DEFERRED for match in known):
                known = [*known, *self._deferred(known)]
            self._at[function][index] = known
        return known

    def _named(self, name: str) -> dict[str, list[Match]]:
        """The calls of methods of a name by concept, or those that are no methods."""
        known = self._under.get(name)
        if known is None:
            known = self._under[name] = _by_concept(
                self.at(function, at)
                for function, at in (
                    self._inventory.other_calls
                    if name == _ANY
                    else self._inventory.method_calls.get(name, ())
                )
            )
        return known

    def _recognised(self, function: FunctionNode, index: int, call: v.Invoke) -> Sequence[Match]:
        callee = function.fact.values[call.callee]
        if type(callee) is not v.Member or call.new:
            # Calling an object is not what calling its type is: `knex.Knex()` names the first.
            made = (
                Api(f"{r.name}()") if isinstance(r, Api) and r.instance and not call.new else r
                for r in self.index.resolver.references(function, call.callee)
            )
            return _by_rows(function, index, made)
        models = load(function.file.family)
        name = callee.name
        unresolved = models.unresolved.get(name, ())
        references: tuple[Reference, ...] = ()
        if name in models.own_names or unresolved:
            references = self.index.resolver.references(function, call.callee)
            matches = _by_rows(function, index, references, name)
            if matches:
                return matches
        # What is asked of any receiver needs none to be found out: most calls of `map` end here.
        asked = [Match(row, name, function, index) for row in models.any_receiver.get(name, ())]
        if unresolved and not _is_ours(references):
            self._at[function][index] = asked  # while it is looked at what the call is given
            for row in unresolved:
                match = Match(row, name, function, index, certain=False)
                if self._looks_like_sql(match):
                    return [match]  # the rows of other drivers would say the same
        return asked

    def _deferred(self, matches: Sequence[Match]) -> Iterator[Match]:
        """What a function that is handed over with its arguments is recognised as."""
        for match in matches:
            if match.row.concept != _DEFERRED:
                continue
            for callee in match.values("function"):
                call = deferred(match, callee)
                for reference in self.index.resolver.references(match.function, callee):
                    if isinstance(reference, Api):
                        for row in load(match.function.file.family).rows_of(reference.name):
                            yield Match(row, reference.name, match.function, match.index, call=call)

    def _looks_like_sql(self, match: Match) -> bool:
        from backend_lint.dataflow.sites import sites
        from backend_lint.sql.template import begins_like_sql, is_sql

        return any(
            begins_like_sql(text.leading()) and is_sql(text.filled("hole"))
            for site in sites(self.index, match)
            for text in site.forms
        )


def _is_of(row: Row, kind: str) -> bool:
    return not kind or kind in row.kinds


def _by_concept(calls: Iterable[Sequence[Match]]) -> dict[str, list[Match]]:
    found: dict[str, list[Match]] = {}
    for matches in calls:
        for match in matches:
            found.setdefault(match.row.concept, []).append(match)
    return found


def _by_rows(
    function: FunctionNode, index: int, references: Iterable[Reference], name: str = ""
) -> list[Match]:
    """What the rows of the APIs say that are called; of those of a name, if one is given."""
    return [
        Match(row, reference.name, function, index)
        for reference in references
        if isinstance(reference, Api) and (not name or last_name(reference.name) == name)
        for row in load(function.file.family).rows_of(reference.name)
    ]


def _is_ours(references: tuple[Reference, ...]) -> bool:
    # A function of the project is looked into instead.
    return any(isinstance(r, FunctionReference) for r in references)
