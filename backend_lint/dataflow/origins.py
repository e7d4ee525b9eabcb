"""Where a flow of data may begin, and where it ends without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.checks.removals import removes_harm
from backend_lint.dataflow.conditions import applies, unchanged
from backend_lint.dataflow.dependence import calls_with
from backend_lint.dataflow.fillings import Fillings
from backend_lint.dataflow.given_parameters import SLASH_KINDS, GivenParameters, constant_argument
from backend_lint.dataflow.outgoing import Outgoing
from backend_lint.dataflow.records import lacks
from backend_lint.dataflow.routing.paths import Paths
from backend_lint.dataflow.sources import ANY_TYPE, CLEAN, Beginning, Origin, Shape, covers
from backend_lint.facts import values as v
from backend_lint.semantics.references import Api, ClassReference

if TYPE_CHECKING:
    from backend_lint.concepts.match import Match
    from backend_lint.dataflow.scalars import Scalars
    from backend_lint.index import ProjectIndex
    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import FunctionNode

# Values that are made of others, which were followed where they can do harm.
_NO_BEGINNINGS = (v.Compute, v.Opaque, v.Listing, v.Record, v.Closure, v.Text, v.Hole)


class Origins:
    """Sources that others decide: requests above all.

    Args:
        index: the linked project.
        kind: the taint kind.
        scalars: tells types that carry no harm.
        shape: what about the data does harm.
    """

    can_be_checked = True
    counts_in_development = True

    def __init__(self, index: ProjectIndex, kind: str, scalars: Scalars, shape: Shape) -> None:
        self.index = index
        self.kind = kind
        self.scalars = scalars
        self.shape = shape
        self.parameters = GivenParameters(self)

    def at(
        self, function: FunctionNode, at: int, fields: tuple[str, ...], *, parsed: bool
    ) -> Beginning | None:
        """What begins at a value; None if the flow goes further back.

        Args:
            function: where the value is.
            at: the value.
            fields: the names that the flow takes from it.
            parsed: on the way to the sink, text is parsed into objects.

        Returns:
            The beginning, which is `CLEAN` where no flow of harm goes through the value.
        """
        value = function.fact.values[at]
        if type(value) is v.Constant:
            return Beginning(Origin.CONSTANT)
        if type(value) is v.Parameter:
            return self.parameters.at(function, at, value, fields, parsed=parsed)
        if isinstance(value, (v.Member, v.Item, v.Invoke)):
            rows = self.index.rows(function, at)
            if type(value) is v.Invoke:
                rows = [*rows, *self.index.rows(function, value.callee)]
            if any(self._always_cleans(row) for row, _ in rows) or (
                type(value) is v.Invoke and self.is_sanitized(function, at, value)
            ):
                return CLEAN
            for row, _ in rows:
                if (
                    row.concept == "remote-input"
                    and "target" not in row.roles
                    and (not row.kinds or self.kind in row.kinds)
                ):
                    if type(value) is v.Member and self.field_is_scalar(
                        function, value.base, fields
                    ):
                        return CLEAN
                    if row.attributes.get("leaves") and len(fields) > 1:
                        return CLEAN  # an object that the framework looked up
                    taken = constant_argument(function, value) or fields[:1]
                    if self.is_harmless(function, row, taken, parsed=parsed):
                        return CLEAN
                    if self.index.shared(Outgoing).is_sent(function, at):
                        return CLEAN
                    return Beginning(Origin.REMOTE, row)
                if row.concept == "trusted-input":
                    return Beginning(Origin.TRUSTED, row)
        if type(value) is v.Invoke and self._reads_rows(function, at):
            return Beginning(Origin.STORED)
        if type(value) is v.Updated:
            if value.base in function.call(value.by).args and self._reads_rows(function, value.by):
                return Beginning(Origin.STORED)  # `db.First(&user)`
            if fields and lacks(self.index, function, value.base, fields[0]):
                return None
            for match in self.index.concepts_of(function, value.by):
                if match.row.concept == "remote-input" and value.base in match.values("target"):
                    if self.field_is_scalar(function, value.base, fields):
                        return None
                    return Beginning(Origin.REMOTE, match.row)
            filled = self.index.shared(Fillings).row(
                function, value.by, unchanged(function, value.base)
            )
            if filled is not None and not self.field_is_scalar(function, value.base, fields):
                return Beginning(Origin.REMOTE, filled)
        return None

    def _reads_rows(self, function: FunctionNode, call: int) -> bool:
        """A call gives rows of the database, and not what it was given."""
        return any(
            match.row.concept == "sql-execution"
            or (match.row.concept == "query" and match.attributes.get("reads") != "none")
            for match in self.index.concepts_of(function, call)
        )

    def is_harmless(
        self, function: FunctionNode, row: Row, fields: tuple[str, ...], *, parsed: bool
    ) -> bool:
        """What the row says of its data rules the harm out."""
        known = row.attributes
        if known.get("text") and not parsed:
            if self.shape in (Shape.OBJECT, Shape.NUMBER):
                return True
            if self.shape is Shape.WHOLE and (fields or not known.get("fields")):
                return True
        paths = self.index.shared(Paths)
        if known.get("segment") and fields and paths.is_word(function, fields[0]):
            return True
        if known.get("path-parameters") and fields:
            if self.shape not in ANY_TYPE and paths.is_number(function, fields[0]):
                return True
            if fields[0].isidentifier() and paths.is_unnamed(fields[0]):
                return True  # `self.kwargs.get("order", "name")` where no path has an order
        if self.kind not in SLASH_KINDS:
            return False
        if known.get("segment"):
            return paths.rests.isdisjoint(fields)
        named = known.get("file-names")
        return named is not None and not any(field in named for field in fields)

    def field_is_scalar(self, function: FunctionNode, at: int, fields: tuple[str, ...]) -> bool:
        """The field that the flow takes from an object has a type that carries no harm."""
        if not fields:
            return False
        for reference in self.index.resolver.references(function, at):
            if isinstance(reference, ClassReference) and (
                self.scalars.keys(reference)
                if fields[0] == "#"
                else self.scalars.field(reference, fields[0])
            ):
                return True
        return False

    def is_safe(self, function: FunctionNode, at: int) -> bool:
        """A value that nothing flows into ends the search without a beginning."""
        value = function.fact.values[at]
        if type(value) is v.Parameter:
            if value.index > 0 and self._is_iterated(function):
                return True  # the index of an element
            parameter = function.fact.parameters[value.index]
            return parameter.annotation >= 0 and self.scalars.annotation(
                function, parameter.annotation
            )
        if type(value) is v.Member and (
            self.scalars.is_count(value)
            or self.field_is_scalar(function, value.base, (value.name,))
        ):
            return True
        if isinstance(value, _NO_BEGINNINGS):
            return True
        if type(value) is v.Invoke:
            return self.is_sanitized(function, at, value)
        return isinstance(value, (v.Captured, v.Merge, v.ClassValue, v.Module))

    def is_sanitized(self, function: FunctionNode, at: int, call: v.Invoke) -> bool:
        """The result of the call is safe, whatever went in."""
        return any(
            self._always_cleans(row) for row, _ in self.index.rows(function, call.callee)
        ) or any(
            (
                self._cleans(match.row)
                and applies(self.index, match)
                and (
                    "removes" not in match.attributes or removes_harm(self.index, match, self.kind)
                )
            )
            or (match.attributes.get("result") == "mapped" and self._cleans_each(match))
            for match in self.index.concepts_of(function, at)
        )

    def _cleans_each(self, match: Match) -> bool:
        """`map(int, numbers)`: each element goes through a function that makes it safe."""
        return any(
            self._always_cleans(row)
            for callback in match.values("callback")
            for row, _ in self.index.rows(match.function, callback)
        )

    def _always_cleans(self, row: Row) -> bool:
        return not row.is_conditional and self._cleans(row)

    def _cleans(self, row: Row) -> bool:
        if row.concept == "sanitizer":
            return covers(row, self.kind, self.shape)
        # For the question whether a password is stored as it is, hashing it is the answer.
        return self.kind == "password" and row.concept in ("password-hash", "digest")

    def _is_iterated(self, function: FunctionNode) -> bool:
        """The function is written as what is called once per element."""
        creation = self.index.creation(function)
        return creation is not None and any(
            match.row.concept == "iteration" and creation[1] in match.values("callback")
            for call in calls_with(creation[0], creation[1])
            for match in self.index.concepts_of(creation[0], call)
        )

    def dead_end(self, function: FunctionNode, at: int) -> Origin:
        """What a value is called from which the search finds no way further back."""
        value = function.fact.values[at]
        known = self.index.resolver.references(function, at)
        if type(value) is v.Parameter:
            if any(
                match.receiver >= 0 and unchanged(function, match.receiver) == at
                for match in self.index.matches_in(function, "sql-execution")
            ):
                return Origin.STORED  # a cursor, which gives rows of the database
            # An object of a library, or one with methods alone, is no text that a caller hands in.
            objects = [
                r
                for r in known
                if (isinstance(r, Api) and "." in r.name)
                or (isinstance(r, ClassReference) and r.fact.methods and not r.fact.fields)
            ]
            return Origin.UNKNOWN if objects else Origin.PARAMETER
        if type(value) is v.Global and not known:
            return Origin.PARAMETER
        return Origin.UNKNOWN
