"""Stored records that are handed out as they are, with the credentials they hold.

A record begins a flow where a library gives it, or where a value of its class cannot be followed
further back. What chooses its fields, empties the credential or writes the record out in another
form ends the flow: where that cannot be told, nothing is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import applies, places, unchanged
from backend_lint.dataflow.records import is_record_type
from backend_lint.dataflow.scalars import Scalars
from backend_lint.dataflow.sources import CLEAN, Beginning, Origin
from backend_lint.dataflow.states import ALL_FIELDS
from backend_lint.facts import values as v
from backend_lint.semantics.references import Api, ClassReference
from backend_lint.semantics.secret_names import is_credential, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

# Methods by which a class says itself what is written of it.
_OWN_FORMS = ("toJSON", "MarshalJSON")
# Words of functions that are there to leave fields out.
_LEAVING_OUT = frozenset(
    {"omit", "exclude", "without", "strip", "remove", "sanitize", "clean", "public", "safe", "pick"}
)
_MAX_DEFINITIONS = 4
_MAX_CHAIN = 20


class RecordSources:
    """Sources that are records with a credential field that nothing hides.

    Args:
        index: the linked project.
    """

    can_be_checked = False
    counts_in_development = True

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._scalars = Scalars(index, "")
        self._deleted: dict[tuple[str, int], frozenset[int]] = {}
        self._credentials: dict[tuple[str, int], str] = {}

    def at(
        self, function: FunctionNode, at: int, fields: tuple[str, ...], *, parsed: bool
    ) -> Beginning | None:
        """What begins at a value; None if the flow goes further back."""
        del parsed
        value = function.fact.values[at]
        if type(value) is v.Constant or self._is_emptied(function, at, value):
            return CLEAN
        if type(value) is not v.Invoke:
            # One field of the record is taken.
            return CLEAN if _named(fields) and self._exposed(function, at) else None
        matches = self.index.concepts_of(function, at)
        if any(
            match.row.concept == "query-step" and match.attributes.get("effect") == "columns"
            for match in matches
        ):
            return CLEAN
        for match in matches:
            if match.row.concept == "record-read":
                if _named(fields) or any(
                    match.values_at(path) for path in match.attributes.get("narrowed-by", ())
                ):
                    return CLEAN
                exposed = self._exposed_read(match)
                return Beginning(Origin.SECRET, name=exposed) if exposed else CLEAN
        if _named(fields):
            return None
        for name, arg in zip(value.names, value.args, strict=True):
            given = function.fact.values[arg]
            if is_credential(name) and type(given) is not v.Constant:
                exposed = self._exposed(function, at)
                if exposed:  # the record was made here, with its credential
                    return Beginning(Origin.SECRET, name=exposed)
        if self._keeps_record(function, value):
            return None
        exposed = self._exposed(function, at)
        return Beginning(Origin.SECRET, name=exposed) if exposed else CLEAN

    def is_sanitized(self, function: FunctionNode, at: int, call: v.Invoke) -> bool:
        """The call is there to leave fields out."""
        del at
        called = getattr(function.fact.values[call.callee], "name", "")
        return not _LEAVING_OUT.isdisjoint(words_of(called))

    def is_safe(self, function: FunctionNode, at: int) -> bool:
        """The value is no record, or one that holds nothing yet."""
        value = function.fact.values[at]
        if isinstance(value, (v.Receiver, v.Captured, v.Global, v.Imported, v.Closure)):
            return True
        if not self._exposed(function, at):
            return True
        return isinstance(value, (v.Opaque, v.Invoke)) and not _is_filled(function, at)

    def dead_end(self, function: FunctionNode, at: int) -> Origin:
        """A record from which the search finds no way further back."""
        del function, at
        return Origin.SECRET

    def name(self, function: FunctionNode, at: int) -> str:
        """The class and the credential of the record that a value is, or empty."""
        return self._exposed(function, at)

    def _keeps_record(self, function: FunctionNode, call: v.Invoke) -> bool:
        """What the call gives is followed further: what it was called on, or a function of ours."""
        if self.index.targets(function, call):
            return True
        known = self.index.resolver.references(function, call.callee)
        if any(isinstance(reference, ClassReference) for reference in known):
            return True
        models = self.index.resolver.models(function)
        if any(isinstance(r, Api) and models.result_type(r.name) for r in known):
            return True
        rows = [row for row, _ in self.index.rows(function, call.callee)]
        return any(
            row.concept in ("propagator", "selection", "iteration", "record-form") for row in rows
        )

    def _is_emptied(self, function: FunctionNode, at: int, value: v.Value) -> bool:
        """The credential was taken out of the record: `user.password = ""`, `delete user.hash`."""
        if type(value) is v.Stored and is_credential(value.name):
            return type(function.fact.values[value.value]) is v.Constant
        if type(value) is v.Updated:
            call = function.fact.values[value.by]
            return type(call) is v.Invoke and any(
                is_credential(write.name)
                for target in self.index.targets(function, call)
                for write in target.fact.writes
            )
        deleted = self._deleted_from(function)
        return bool(deleted) and unchanged(function, at) in deleted

    def _deleted_from(self, function: FunctionNode) -> frozenset[int]:
        """The objects of which a function deletes a credential."""
        known = self._deleted.get(function.key)
        if known is None:
            values = function.fact.values
            known = self._deleted[function.key] = frozenset(
                unchanged(function, member.base)
                for value in values
                if type(value) is v.Compute
                and value.operator == "delete"
                and type(member := values[value.operands[0]]) is v.Member
                and is_credential(member.name)
            )
        return known

    # Which records

    def _exposed_read(self, match: Match) -> str:
        """The class and credential of what a library reads, or empty."""
        function = match.function
        for at in match.values("statement"):
            chain = at
            for _ in range(_MAX_CHAIN):
                for inner in self.index.concepts_of(function, chain):
                    if inner.row.concept == "record-read":
                        return self._exposed_read(inner)
                value = function.fact.values[chain]
                callee = function.fact.values[value.callee] if type(value) is v.Invoke else None
                if type(callee) is not v.Member:
                    break
                chain = callee.base
        for at in match.values("class"):
            for reference in self.index.resolver.references(function, at):
                if isinstance(reference, ClassReference):
                    return self.credential(reference)
        if match.receiver >= 0:
            for reference in self._classes_behind(function, match.receiver):
                return self.credential(reference)
            return self._defined(function, match.receiver)
        return ""

    def _classes_behind(self, function: FunctionNode, at: int) -> Iterator[ClassReference]:
        """The class that a repository is of: itself, or the argument of its type or its maker."""
        for reference in self.index.resolver.references(function, at):
            if isinstance(reference, ClassReference) and not reference.instance:
                yield reference
        for owner, annotation in self._annotations(function, at):
            value = owner.fact.values[annotation]
            if type(value) is v.Item:
                for reference in self.index.resolver.references(owner, value.key):
                    if isinstance(reference, ClassReference):
                        yield reference
        for owner, other in places(self.index, function, at):
            made = owner.fact.values[other]
            if type(made) is v.Invoke:
                for arg in made.args:
                    for reference in self.index.resolver.references(owner, arg):
                        if isinstance(reference, ClassReference) and not reference.instance:
                            yield reference

    def _annotations(self, function: FunctionNode, at: int) -> Iterator[tuple[FunctionNode, int]]:
        value = function.fact.values[at]
        if type(value) is v.Parameter:
            annotation = function.fact.parameters[value.index].annotation
            if annotation >= 0:
                yield function, annotation
        elif type(value) is v.Member:
            for holder in self.index.resolver.references(function, value.base):
                if isinstance(holder, ClassReference):
                    scope = holder.file.functions[holder.fact.scope]
                    for field in holder.fact.fields:
                        if field.name == value.name and field.annotation >= 0:
                            yield scope, field.annotation

    def _exposed(self, function: FunctionNode, at: int) -> str:
        for reference in self.index.resolver.references(function, at):
            if isinstance(reference, ClassReference) and reference.instance:
                found = self.credential(reference)
                if found:
                    return found
        return ""

    def credential(self, reference: ClassReference) -> str:
        """The credential field of a record's class that is written out with the others."""
        key = (reference.file.path, reference.index)
        known = self._credentials.get(key)
        if known is None:
            known = self._credentials[key] = self._credential(reference)
        return known

    def _credential(self, reference: ClassReference) -> str:
        scope = reference.file.functions[reference.fact.scope]
        if reference.fact.kind != "struct" and not is_record_type(self.index, scope, reference):
            return ""
        classes = self.index.resolver.classes
        if any(classes.method(reference, form) is not None for form in _OWN_FORMS):
            return ""
        defined = self._initialised(reference)
        if defined is not None:
            return defined
        owners = [reference]
        for owner in owners:
            scope = owner.file.functions[owner.fact.scope]
            for field in owner.fact.fields:
                if (
                    is_credential(field.name)
                    and self._may_be_text(scope, field)
                    and not self._is_hidden(scope, owner, field)
                ):
                    return f"{reference.fact.name}.{field.name}"
            if len(owners) <= _MAX_DEFINITIONS:
                owners.extend(
                    base for base in classes.bases(owner) if isinstance(base, ClassReference)
                )
        return ""

    def _may_be_text(self, scope: FunctionNode, field: v.FieldFact) -> bool:
        """The field is no flag, and no object of what is said about passwords."""
        return field.annotation < 0 or not (
            self._scalars.annotation(scope, field.annotation)
            or any(
                isinstance(known, ClassReference)
                for known in self.index.resolver.instances(scope, field.annotation)
            )
        )

    def _is_hidden(self, scope: FunctionNode, owner: ClassReference, field: v.FieldFact) -> bool:
        if owner.fact.kind == "struct" and (
            'json:"-"' in field.tag or not field.name[:1].isupper()
        ):
            return True
        return any(
            match.row.concept == "hidden-field" and applies(self.index, match)
            for at in (*field.decorators, field.value)
            for match in self.index.concepts_of(scope, at)
        )

    def _initialised(self, reference: ClassReference) -> str | None:
        """The credential of a class whose fields a call declares; None for no such class."""
        for match in self.index.matches("record-definition"):
            if match.receiver >= 0 and any(
                isinstance(known, ClassReference) and known.fact is reference.fact
                for known in self.index.resolver.references(match.function, match.receiver)
            ):
                return self._declared(match, 0)
        return None

    def _defined(self, function: FunctionNode, at: int) -> str:
        """The credential of a record that a call declares: `define("user", { … })`."""
        for owner, other in places(self.index, function, unchanged(function, at)):
            for match in self.index.concepts_of(owner, unchanged(owner, other)):
                if match.row.concept == "record-definition":
                    return self._declared(match, 0)
        return ""

    def _declared(self, match: Match, depth: int) -> str:
        if depth > _MAX_DEFINITIONS or self._has_own_form(match):
            return ""
        for at in match.values("fields"):
            for owner, other in places(self.index, match.function, at):
                record = owner.fact.values[unchanged(owner, other)]
                if type(record) is not v.Record:
                    continue
                for name, item in v.entries(owner.fact.values, record):
                    if is_credential(name) and not _is_left_out(owner, item):
                        return name
        for at in match.values("definition"):
            for owner, other in places(self.index, match.function, unchanged(match.function, at)):
                for inner in self.index.concepts_of(owner, unchanged(owner, other)):
                    if inner.row.concept == "record-definition":
                        return self._declared(inner, depth + 1)
        return ""

    def _has_own_form(self, match: Match) -> bool:
        """What is written of the record is told apart, or may well be."""
        function = match.function
        for at in match.values("options"):
            options = function.fact.values[unchanged(function, at)]
            if type(options) is not v.Record:
                return True
            shaping = match.attributes.get("shaping", ())
            for key in options.keys:
                name = function.fact.values[key] if key >= 0 else None
                if type(name) is not v.Constant or name.value in shaping:
                    return True
        file = function.file
        return any(
            write.name in _OWN_FORMS for other in file.functions for write in other.fact.writes
        ) or any(other.function.file is file for other in self.index.matches("record-shaping"))


def _named(fields: tuple[str, ...]) -> bool:
    """A field of the value is taken by its name."""
    return any(field not in ("*", ALL_FIELDS) and not field.isdigit() for field in fields)


def _is_left_out(function: FunctionNode, at: int) -> bool:
    """`{ type: String, select: false }`: queries leave the field out."""
    record = function.fact.values[at]
    if type(record) is not v.Record:
        return False
    names = (function.fact.values[key] for key in record.keys if key >= 0)
    return any(type(name) is v.Constant and name.value in ("select", "get") for name in names)


def _is_filled(function: FunctionNode, at: int) -> bool:
    """Something is given the empty record, or its credential, to fill it."""
    values = function.fact.values
    for value in values:
        if type(value) is not v.Invoke:
            continue
        for arg in value.args:
            given = values[arg]
            if unchanged(function, arg) == at:
                if not _is_answered(function, value):
                    return True
            elif (
                type(given) is v.Member
                and is_credential(given.name)
                and unchanged(function, given.base) == at
            ):
                return True
    return any(
        is_credential(write.name)
        and unchanged(function, write.base) == at
        and type(values[write.value]) is not v.Constant
        for write in function.fact.writes
    )


def _is_answered(function: FunctionNode, call: v.Invoke) -> bool:
    """The call changes nothing: no later value is what it left behind."""
    values = function.fact.values
    return not any(type(value) is v.Updated and values[value.by] is call for value in values)
