"""What a call that came out true or false says of what it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import applies, patterns
from backend_lint.dataflow.sources import HOST_KINDS, TEXTS, Shape, covers
from backend_lint.facts import values as v
from backend_lint.regex.groups import groups
from backend_lint.regex.limits import limits_beginning, limits_host, limits_text
from backend_lint.semantics.references import FunctionReference
from backend_lint.semantics.secret_names import words_of

if TYPE_CHECKING:
    from backend_lint.concepts.match import Match
    from backend_lint.dataflow.checks.guards import Guards
    from backend_lint.semantics.references import FunctionNode

_OPTION_KIND = "option"
_PATH_KIND = "path"
# What the name of a check ends in that lets only a few characters through: `isUUID`.
_FORMS = frozenset(
    {"alpha", "alphanumeric", "hex", "hexadecimal", "id", "identifier", "pattern", "slug", "uuid"}
)
# Words in the name of a check that a path stays below a folder: `isPathInside`, `IsSubPath`.
_INSIDE = frozenset({"inside", "sub", "subpath", "within"})


class Verdicts:
    """Asks what calls of libraries and of the project vouch for.

    Args:
        guards: tells what is said of the same value.
    """

    def __init__(self, guards: Guards) -> None:
        self.guards = guards

    def of(
        self,
        function: FunctionNode,
        index: int,
        call: v.Invoke,
        at: int,
        depth: int,
        *,
        positive: bool,
    ) -> bool:
        """A call that came out `positive` says that the value is safe."""
        matches = self.guards.index.concepts_of(function, index)
        if positive and not matches and self._is_form_check(function, call, at):
            return True
        for match in matches:
            if (
                match.row.concept == "guard"
                and not match.attributes.get("elements")
                and bool(match.attributes.get("negative")) != positive
                and self.vouches(match, at)
            ):
                return True
        if not positive:
            return any(self._lacks_piece(match, at) for match in matches)
        if self._finds_record(function, index, at):
            return True
        for reference in self.guards.index.resolver.references(function, call.callee):
            if not isinstance(reference, FunctionReference):
                continue
            target = reference.function
            if self.guards.checkers.vouches(function, target, call, at, depth):
                return True
        return False

    def _lacks_piece(self, match: Match, at: int) -> bool:
        """What would lead elsewhere is none of the pieces: `name.split("/").includes("..")`."""
        values = match.function.fact.values
        return (
            match.row.concept == "guard"
            and any(
                self.guards.are_pieces(match.function, given, at)
                for given in match.values("allowed")
            )
            and all(type(values[given]) is v.Constant for given in match.values("input"))
        )

    def _finds_record(self, function: FunctionNode, call: int, at: int) -> bool:
        """A call gave the record with a field that is the value: then it is a stored text."""
        matches = self.guards.index.concepts_of(function, call)
        return (
            self.guards.shape in TEXTS
            and any(
                m.row.concept == "query" and m.attributes.get("reads") == "one" for m in matches
            )
            and any(
                self.guards.speaks_of(function, item, at)
                for match in matches
                if match.row.concept == "record-lookup"
                for fields in match.values("fields")
                if type(mapping := function.fact.values[fields]) is v.Record
                for _, item in v.entries(function.fact.values, mapping)
            )
        )

    def _is_form_check(self, function: FunctionNode, call: v.Invoke, at: int) -> bool:
        """A library's function that by its name asks for a form is taken at its word."""
        callee = function.fact.values[call.callee]
        words = words_of(callee.name) if isinstance(callee, (v.Member, v.Imported)) else []
        if words[:1] != ["is"] or self.guards.shape is Shape.CHOICE:
            return False
        checked = call.args[:1] if words[-1] in _FORMS else ()
        if self.guards.kind == _PATH_KIND and not _INSIDE.isdisjoint(words):
            checked = call.args
        return any(self.guards.speaks_of(function, arg, at) for arg in checked) and not (
            self.guards.index.targets(function, call)
        )

    def vouches(self, match: Match, at: int) -> bool:
        """A call of a guard of a library is about the value, and guards against the kind."""
        row = match.row
        if not covers(row, self.guards.kind, self.guards.shape):
            return False
        guards = self.guards
        inputs = match.values("input") if "input" in row.roles else list(match.call.args)
        function = match.function
        checked = next((given for given in inputs if guards.speaks_of(function, given, at)), None)
        if checked is None and "allowed" in row.roles:
            checked = next((given for given in inputs if self._holds_it(function, given, at)), None)
        if checked is None or not applies(guards.index, match) or not self._limits(match):
            return False
        if row.attributes.get("of") == "normalized" and not (
            guards.derivations.is_normalized(function, checked)
        ):
            return False
        if row.attributes.get("of") == "part" and not (
            guards.derivations.tells_by_part(function, checked, at)
        ):
            return False
        return all(
            guards.is_trusted(match.function, allowed) for allowed in match.values("allowed")
        )

    def _holds_it(self, function: FunctionNode, text: int, at: int) -> bool:
        """A text is written with the value: what limits the one limits the other."""
        values = function.fact.values
        value = values[text]
        return type(value) is v.Text and any(
            type(hole := values[part]) is v.Hole and self.guards.speaks_of(function, hole.value, at)
            for part in value.parts
        )

    def _limits(self, match: Match) -> bool:
        """The pattern that was matched, if it is known, leaves nothing that does harm."""
        path = match.attributes.get("matches")
        if path is None:
            return True
        begins, whole = (bool(match.attributes.get(word)) for word in ("begins", "whole"))
        return all(
            form.constant is None or self._limited(form.constant, begins=begins, whole=whole)
            for form in patterns(self.guards.index, match, path)
        )

    def _limited(self, pattern: str, *, begins: bool, whole: bool) -> bool:
        if self.guards.kind in HOST_KINDS:
            return limits_host(pattern, begins=begins, whole=whole)
        if self.guards.kind == _OPTION_KIND:
            return limits_beginning(pattern, begins=begins, whole=whole)
        return limits_text(pattern, begins=begins, whole=whole)

    def found_limited(self, match: Match, fields: tuple[str, ...]) -> bool:
        """What is taken from a match in a text can hold nothing that does harm.

        Args:
            match: the call that gives it, which is no text itself.
            fields: what is taken of the result.
        """
        if self.guards.shape not in TEXTS or not fields:
            return False
        forms = patterns(self.guards.index, match, match.attributes["matches"])
        known = [form.constant for form in forms]
        return bool(known) and all(
            pattern is not None
            and all(
                self._limited(part, begins=True, whole=True) for part in _taken(pattern, fields)
            )
            for pattern in known
        )


def _taken(pattern: str, fields: tuple[str, ...]) -> list[str]:
    """The parts of a pattern that a name of a result stands for: `1`, `name`, `groups.name`."""
    parts = list(groups(pattern))
    named = fields[1] if fields[0] == "groups" and len(fields) > 1 else fields[0]
    of_name = [part for name, part in parts if name and name == named]
    if of_name or fields[0] == "groups":
        return of_name or [pattern]
    if fields[0].isdigit() and 0 < int(fields[0]) <= len(parts):
        return [parts[int(fields[0]) - 1][1]]
    # The match as a whole, one of all, or any group.
    return [pattern] if fields[0] == "0" else [pattern, *(part for _, part in parts)]
