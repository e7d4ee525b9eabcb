"""Where a flow of data may begin, and where it ends without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.called import Called
from backend_lint.dataflow.checks.removals import removes_harm
from backend_lint.dataflow.conditions import applies, unchanged
from backend_lint.dataflow.dependence import calls_with
from backend_lint.dataflow.fillings import Fillings
from backend_lint.dataflow.outgoing import Outgoing
from backend_lint.dataflow.routing.field_resolvers import FieldResolvers
from backend_lint.dataflow.routing.filled_methods import FilledMethods
from backend_lint.dataflow.routing.layers import Layers
from backend_lint.dataflow.routing.paths import Paths
from backend_lint.dataflow.routing.routes import Routes
from backend_lint.dataflow.sources import ANY_TYPE, CLEAN, Beginning, Origin, Shape, covers
from backend_lint.facts import values as v
from backend_lint.semantics.references import Api, ClassReference

if TYPE_CHECKING:
    from backend_lint.dataflow.scalars import Scalars
    from backend_lint.index import ProjectIndex
    from backend_lint.models.rows import Row
    from backend_lint.semantics.references import FunctionNode

# Values that are made of others, which were followed where they can do harm.
_NO_BEGINNINGS = (v.Compute, v.Opaque, v.Listing, v.Record, v.Closure, v.Text, v.Hole)
# Kinds whose harm needs a slash.
_SLASH_KINDS = frozenset({"path", "redirect"})
# Shapes of harm that an object as such does not do.
_TEXTS = frozenset({Shape.TEXT, Shape.HOST})
_TEXT_NAMES = frozenset({"string", "String", "any", "unknown"})


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
            return self._parameter(function, at, value, fields, parsed=parsed)
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
                    if type(value) is v.Member and self._field_is_scalar(
                        function, value.base, fields
                    ):
                        return CLEAN
                    if row.attributes.get("leaves") and len(fields) > 1:
                        return CLEAN  # an object that the framework looked up
                    taken = self._argument(function, value) or fields[:1]
                    if self._is_harmless(function, row, taken, parsed=parsed):
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
            if fields and self._lacks(function, value.base, fields[0]):
                return None
            for match in self.index.concepts_of(function, value.by):
                if match.row.concept == "remote-input" and value.base in match.values("target"):
                    if self._field_is_scalar(function, value.base, fields):
                        return None
                    return Beginning(Origin.REMOTE, match.row)
            filled = self.index.shared(Fillings).row(
                function, value.by, unchanged(function, value.base)
            )
            if filled is not None and not self._field_is_scalar(function, value.base, fields):
                return Beginning(Origin.REMOTE, filled)
        return None

    def _lacks(self, function: FunctionNode, at: int, name: str) -> bool:
        """A value is of a type that declares its fields, and none of the name."""
        known = [
            reference
            for reference in self.index.resolver.references(function, at)
            if isinstance(reference, ClassReference)
        ]
        return (
            name.isidentifier()
            and bool(known)
            and all(
                reference.fact.kind == "struct"
                and not reference.fact.bases
                and all(field.name != name for field in reference.fact.fields)
                for reference in known
            )
        )

    def _reads_rows(self, function: FunctionNode, call: int) -> bool:
        """A call gives rows of the database, and not what it was given."""
        return any(
            match.row.concept == "sql-execution"
            or (match.row.concept == "query" and match.attributes.get("reads") != "none")
            for match in self.index.concepts_of(function, call)
        )

    def _is_harmless(
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
        if self.kind not in _SLASH_KINDS:
            return False
        if known.get("segment"):
            return paths.rests.isdisjoint(fields)
        named = known.get("file-names")
        return named is not None and not any(field in named for field in fields)

    def _is_object(self, function: FunctionNode, parameter: v.ParameterFact, row: Row) -> bool:
        """A parameter is all of a part of the request that is no text, and not declared as one."""
        declared = function.fact.values[parameter.annotation] if parameter.annotation >= 0 else None
        return (
            self.shape in _TEXTS
            and bool(row.attributes.get("fields"))
            and getattr(declared, "name", "") not in _TEXT_NAMES
        )

    @staticmethod
    def _argument(function: FunctionNode, value: v.Value) -> tuple[str, ...]:
        """The constant that a call is given: `Param("name")`."""
        first = (
            function.fact.values[value.args[0]] if type(value) is v.Invoke and value.args else None
        )
        return (str(first.value),) if type(first) is v.Constant else ()

    def _parameter(
        self,
        function: FunctionNode,
        at: int,
        value: v.Parameter,
        fields: tuple[str, ...],
        *,
        parsed: bool,
    ) -> Beginning | None:
        parameter = function.fact.parameters[value.index]
        models = self.index.resolver.models(function)
        for decorator in parameter.decorators:
            callee = function.fact.values[decorator]
            target = callee.callee if type(callee) is v.Invoke else decorator
            for row, _ in self.index.rows(function, target):
                if row.concept != "remote-parameter":
                    continue
                if type(callee) is v.Invoke and (
                    self._has_sanitizer(function, callee.args)
                    or self._is_piped(function, callee.args, row.attributes.get("pipe", ""))
                ):
                    return CLEAN
                if row.attributes.get("typed") and (
                    self.shape is Shape.OBJECT
                    or self.scalars.annotation(function, parameter.annotation)
                ):
                    return CLEAN
                taken = (*self._argument(function, callee), *fields)
                if any(
                    self._is_harmless(function, read, taken, parsed=parsed)
                    or (not taken and self._is_object(function, parameter, read))
                    for read in models.rows_of(row.attributes.get("reads", ""))
                ):
                    return CLEAN
                # Else a declared type does not convert what the request holds, a pipe does.
                return (
                    None
                    if self._field_is_scalar(function, at, fields)
                    else (Beginning(Origin.REMOTE, row))
                )
        for reference in self.index.resolver.references(function, at):
            if isinstance(reference, Api) and reference.instance:
                for row in models.rows_of(reference.name):
                    if row.concept == "remote-input":  # all of an event, say
                        # Of what is taken from it, more may be known.
                        named = f"{reference.name}.{fields[0]}" if fields else ""
                        for part in models.rows_of(named):
                            if self._is_harmless(function, part, fields[1:], parsed=parsed):
                                return CLEAN
                        return Beginning(Origin.REMOTE, row)
        route = self.index.is_decorated(function, "route")
        paths = self.index.shared(Paths)
        if route is None:
            route = paths.registered(function)
        if route is None and models.concept_rows("injection"):
            route = self.index.shared(Routes).dependency(function)
        if route is not None and route.attributes.get("remote-parameters"):
            layers = self.index.shared(Layers)
            is_injected = any(True for _ in layers.injections(function, parameter))
            filled = self._filled(function, parameter) if fields and is_injected else None
            if filled is not None and any(field.name == fields[0] for field in filled.fact.fields):
                harmless = self.scalars.field(filled, fields[0])
                return CLEAN if harmless else Beginning(Origin.REMOTE, route)
            if is_injected or (
                parameter.annotation >= 0
                and self.scalars.annotation(function, parameter.annotation)
            ):
                return None
            if self.scalars.default(function, parameter.default):
                return CLEAN
            known = self.index.resolver.references(function, at)
            if any(isinstance(r, Api) and "." in r.name for r in known):
                return None  # a typed framework object, whose members have rows of their own
            if self.shape not in ANY_TYPE and paths.is_number(function, parameter.name):
                return CLEAN
            if self.kind in _SLASH_KINDS and paths.is_segment(function, parameter.name):
                return CLEAN
            if self._field_is_scalar(function, at, fields):
                return CLEAN
            return Beginning(Origin.REMOTE, route)
        field = self.index.shared(FieldResolvers).row(function, value.index)
        if field is not None:
            if self.shape is Shape.OBJECT:
                return CLEAN  # it is of the type, with the fields, that the schema declares
            if self.scalars.annotation(function, parameter.annotation):
                return None
            harmless = self._is_harmless(function, field, fields, parsed=parsed)
            if harmless or self._field_is_scalar(function, at, fields):
                return CLEAN
            return Beginning(Origin.REMOTE, field)
        method = self.index.shared(FilledMethods).row(function, value.index)
        if method is not None:
            harmless = self._is_filled_harmless(function, value.index, method, fields)
            if harmless or self._is_harmless(function, method, fields, parsed=parsed):
                return CLEAN
            return Beginning(Origin.REMOTE, method)
        service = self.index.shared(Called).row(function, value.index)
        if service is None:
            return None
        harmless = self._is_harmless(function, service, fields, parsed=parsed)
        return CLEAN if harmless else Beginning(Origin.REMOTE, service)

    def _is_filled_harmless(
        self, function: FunctionNode, position: int, row: Row, fields: tuple[str, ...]
    ) -> bool:
        """A class says of what its methods are given that it carries no harm."""
        methods = self.index.shared(FilledMethods)
        if self.shape not in ANY_TYPE and methods.is_word(function, position):
            return True
        if self.kind in _SLASH_KINDS and methods.is_segment(function, position):
            return True
        if not row.attributes.get("leaves"):
            return False
        if len(fields) > 1:
            return True  # an object that the framework looked up
        prefix = row.attributes.get("prefix", "")
        name = function.fact.name.removeprefix(prefix) if prefix else "".join(fields[:1])
        # Its fields are those that the class declares, of the types that it says.
        return name in ("", "#", "*") or any(
            self.scalars.field(owner, name) for owner in methods.owners(function)
        )

    def _filled(self, function: FunctionNode, parameter: v.ParameterFact) -> ClassReference | None:
        """The class whose declared fields an injection fills from the request: `Depends(Page)`."""
        resolver = self.index.resolver
        for owner, at in self.index.shared(Layers).injections(function, parameter):
            args = owner.call(at).args
            known = (
                resolver.references(owner, args[0])
                if args
                else resolver.instances(function, parameter.annotation)
            )
            for reference in known:
                if (
                    isinstance(reference, ClassReference)
                    and resolver.classes.method(reference, "__init__") is None
                ):
                    return reference
        return None

    def _is_piped(self, function: FunctionNode, args: tuple[int, ...], method: str) -> bool:
        """A class of the project comes back only with what it checked."""
        resolver = self.index.resolver
        return bool(method) and any(
            self.scalars.guards.checkers.refuses(runner)
            for arg in args
            for reference in resolver.references(function, arg)
            if isinstance(reference, ClassReference)
            for runner in [resolver.classes.method(reference, method)]
            if runner is not None
        )

    def _has_sanitizer(self, function: FunctionNode, args: tuple[int, ...]) -> bool:
        return any(
            row.concept == "sanitizer" and covers(row, self.kind, self.shape)
            for arg in args
            for row, _ in self.index.rows(function, arg)
        )

    def _field_is_scalar(self, function: FunctionNode, at: int, fields: tuple[str, ...]) -> bool:
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
            or self._field_is_scalar(function, value.base, (value.name,))
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
            self._cleans(match.row)
            and applies(self.index, match)
            and ("removes" not in match.attributes or removes_harm(self.index, match, self.kind))
            for match in self.index.concepts_of(function, at)
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
