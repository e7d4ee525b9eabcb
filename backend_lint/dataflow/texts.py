"""What a value looks like as text: constant pieces and holes, through names, calls and builders."""

from __future__ import annotations

from itertools import chain, islice, product, zip_longest
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from backend_lint.dataflow.addresses import leaves_host_open
from backend_lint.dataflow.builders import elements, writes
from backend_lint.dataflow.checks.sameness import NORMALIZING
from backend_lint.dataflow.formats import fill_braces, fill_percent
from backend_lint.dataflow.frames import Frame, aliases, is_list_conversion
from backend_lint.dataflow.uses import Test, Use
from backend_lint.facts import values as v
from backend_lint.semantics.references import FunctionNode
from backend_lint.source import Region

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from backend_lint.index import ProjectIndex

# A text that could be more than so many texts is looked at in so many ways only.
MAX_ALTERNATIVES = 6
MAX_DEPTH = 240
MAX_STEPS = 5000
MAX_FRAMES = 3

# Methods whose result, as a text, is what they are called on.
_TRIMMING = NORMALIZING | {"String", "encode", "decode", "dedent"}


class TextHole(msgspec.Struct, frozen=True):
    """A dynamic piece of a text.

    Attributes:
        function: the function whose value it is.
        value: the value there.
        conversion: as in `ir.Hole`.
        region: where the hole is written, in the file of `function`.
        frame: the calls followed to get there.
        tests: what held when it was made, see `Use.tests`.
        made: where it was put into a text, see `Use.made`.
    """

    function: FunctionNode
    value: int
    conversion: str
    region: Region
    frame: Frame | None
    tests: tuple[Test, ...] = ()
    made: tuple[tuple[int, int], ...] = ()

    def use(self, context: int = -1, place: int = -1) -> Use:
        """Its use by a text that is used at a place of its function."""
        return Use(context, place, self.tests, self.made)


Piece: TypeAlias = str | TextHole


class TextForm(msgspec.Struct, frozen=True):
    """A text in pieces; neighbouring constants are one piece."""

    pieces: tuple[Piece, ...]

    def leading(self) -> str:
        """The constant text it begins with."""
        return self.pieces[0] if self.pieces and isinstance(self.pieces[0], str) else ""

    def filled(self, name: str) -> str:
        """The text with a name in the place of each hole."""
        return "".join(piece if isinstance(piece, str) else name for piece in self.pieces)

    @property
    def holes(self) -> tuple[TextHole, ...]:
        """The dynamic pieces in order."""
        return tuple(piece for piece in self.pieces if isinstance(piece, TextHole))

    @property
    def constant(self) -> str | None:
        """The whole text, if nothing in it is dynamic."""
        if self.holes:
            return None
        return "".join(piece for piece in self.pieces if isinstance(piece, str))


def texts(
    index: ProjectIndex,
    function: FunctionNode,
    at: int,
    frame: Frame | None = None,
    *,
    entries: Mapping[tuple[str, int], Frame] | None = None,
) -> list[TextForm]:
    """The forms that a value can have as text, at least one.

    Args:
        index: the linked project.
        function: where the value is.
        at: the value.
        frame: the call by which the function was entered, if one is meant.
        entries: the same for functions around or before it, by their keys.
    """
    expansion = _Expansion(index, entries or {})
    forms = expansion.expand(function, at, frame, 0)
    return [TextForm(_joined(pieces)) for pieces in forms[:MAX_ALTERNATIVES]]


def host_holes(form: TextForm) -> Iterator[TextHole]:
    """The holes of the text of an address that can decide its host."""
    before = ""
    for piece in form.pieces:
        if isinstance(piece, str):
            before += piece
        else:
            if leaves_host_open(before):
                yield piece
            before += "\0"


def _joined(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    result: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and result and isinstance(result[-1], str):
            result[-1] += piece
        elif piece != "":
            result.append(piece)
    return tuple(result)


Pieces: TypeAlias = "tuple[Piece, ...]"


class _Expansion:
    def __init__(self, index: ProjectIndex, entries: Mapping[tuple[str, int], Frame]) -> None:
        self.index = index
        self.entries = entries
        self.active: set[tuple[object, ...]] = set()
        self.known: dict[tuple[object, ...], list[Pieces]] = {}
        self.seeds: dict[tuple[object, ...], list[Pieces]] = {}
        self.cuts = 0
        self.steps = 0

    def expand(
        self, function: FunctionNode, at: int, frame: Frame | None, depth: int
    ) -> list[Pieces]:
        value = function.fact.values[at]
        if type(value) is v.Constant:
            constant = value.value
            return [(constant if isinstance(constant, str) else _plain(constant),)]
        if frame is None:
            frame = self.entries.get(function.key)
        key = (function.key, at, None if frame is None else frame.key)
        known = self.known.get(key)
        if known is not None:
            return known
        self.steps += 1
        if depth > MAX_DEPTH or self.steps > MAX_STEPS:
            self.cuts += 1
            return [(self.hole(function, at, frame),)]
        if key in self.active:
            self.cuts += 1
            # A text that grows in a loop grows from what it was before, else from nothing.
            return self.seeds.get(key, [()])
        cuts = self.cuts
        self.active.add(key)
        try:
            forms = self._expand(function, at, value, frame, depth + 1)
        finally:
            self.active.discard(key)
        result = list(dict.fromkeys(forms))[:MAX_ALTERNATIVES]
        if cuts == self.cuts:  # else it depends on the way we came
            self.known[key] = result
        return result

    def hole(
        self,
        function: FunctionNode,
        at: int,
        frame: Frame | None,
        conversion: str = "",
        span: v.Value | None = None,
    ) -> TextHole:
        place = span or function.fact.values[at]
        return TextHole(function, at, conversion, Region(place.start, place.end), frame)

    def _expand(
        self, function: FunctionNode, at: int, value: v.Value, frame: Frame | None, depth: int
    ) -> list[Pieces]:
        match value:
            case v.Text():
                return self.concatenate(function, value.parts, frame, depth)
            case v.Hole():
                if value.conversion in ("d", "f"):
                    whole = self.hole(function, value.value, frame, value.conversion, value)
                    return [(whole,)]
                inner = self.expand(function, value.value, frame, depth)
                # An expression that stays dynamic is best shown where it is interpolated.
                return [
                    tuple(
                        msgspec.structs.replace(
                            piece,
                            conversion=value.conversion,
                            region=Region(value.start, value.end),
                            made=_under(value.context, value.start),
                        )
                        if isinstance(piece, TextHole)
                        and piece.function is function
                        and piece.value == value.value
                        else piece
                        for piece in pieces
                    )
                    for pieces in inner
                ]
            case v.Compute(operator="+"):
                return self.concatenate(function, value.operands, frame, depth)
            case v.Compute(operator="conditional"):
                test, then, otherwise = value.operands
                tests = {then: (test, True), otherwise: (test, False)}
                return self._choice(function, at, (then, otherwise), frame, depth, tests)
            case v.Compute(operator="or" | "??"):
                return self._choice(function, at, value.operands, frame, depth)
            case v.Compute(operator="kept"):
                held = tuple((test, True) for test in value.operands[1:])
                inner = self.expand(function, value.operands[0], frame, depth)
                return [_tested(pieces, function, held) for pieces in inner]
            case v.Compute(operator="typed"):
                return self.expand(function, value.operands[0], frame, depth)
            case v.Compute(operator="%"):
                return self._percent(function, at, value, frame, depth)
            case v.Merge():
                key = (function.key, at, None if frame is None else frame.key)
                self.seeds[key] = self.expand(function, value.options[0], frame, depth)
                return self._choice(function, at, value.options, frame, depth)
            case v.Invoke():
                return self._call(function, at, value, frame, depth)
            case v.Parameter():
                if frame is not None:
                    call = frame.caller.call(frame.call)
                    argument, field = self.index.argument_for(call, function, value.index)
                    if argument >= 0 and not field:
                        return self.expand(frame.caller, argument, frame.outer, depth)
                    default = function.fact.parameters[value.index].default
                    if argument < 0 and default >= 0:
                        return self.expand(function, default, frame, depth)
            case v.Captured() | v.Imported() | v.Global() | v.Member():
                forms: list[Pieces] = []
                entered = False
                for owner, other in aliases(self.index, function, at):
                    forms.extend(self.expand(owner, other, None, depth))
                    entered = entered or owner.key in self.entries
                if forms and (entered or all(_says_something(form) for form in forms)):
                    return forms
                if type(value) is v.Member:
                    forms = self._field(function, value, depth)
                    if forms:
                        return forms
            case _:
                pass
        return [(self.hole(function, at, frame),)]

    def _field(self, function: FunctionNode, value: v.Member, depth: int) -> list[Pieces]:
        """A field of a project class that is set once, to a text."""
        from backend_lint.semantics.references import ClassReference

        resolver = self.index.resolver
        for reference in resolver.references(function, value.base):
            if not isinstance(reference, ClassReference):
                continue
            scope = reference.file.functions[reference.fact.scope]
            declared = [
                f.value for f in reference.fact.fields if f.name == value.name and f.value >= 0
            ]
            written = resolver.classes.field_writes(reference).get(value.name, [])
            if len(declared) == 1 and not written:
                forms = self.expand(scope, declared[0], None, depth)
                if all(_says_something(form) for form in forms):
                    return forms
        return []

    def concatenate(
        self, function: FunctionNode, parts: tuple[int, ...], frame: Frame | None, depth: int
    ) -> list[Pieces]:
        return _combined([self.expand(function, part, frame, depth) for part in parts])

    def alternatives(
        self,
        function: FunctionNode,
        options: tuple[int, ...],
        frame: Frame | None,
        depth: int,
        tests: dict[int, Test] | None = None,
    ) -> list[Pieces]:
        ways = [
            [
                _tested(form, function, (tests[option],)) if tests else form
                for form in self.expand(function, option, frame, depth)
                if form
            ]
            for option in options
        ]
        return _interleaved(ways) or [()]

    def _choice(
        self,
        function: FunctionNode,
        at: int,
        options: tuple[int, ...],
        frame: Frame | None,
        depth: int,
        tests: dict[int, Test] | None = None,
    ) -> list[Pieces]:
        """Alternatives; a dynamic one stays the choice, so that checks of the choice count.

        `tests` tells what decides for an option.
        """
        whole: Pieces = (self.hole(function, at, frame),)
        return [
            form if not form or _says_something(form) or _is_elsewhere(form, function) else whole
            for form in self.alternatives(function, options, frame, depth, tests)
        ]

    def _percent(
        self, function: FunctionNode, at: int, value: v.Compute, frame: Frame | None, depth: int
    ) -> list[Pieces]:
        left, right = value.operands
        operands = function.fact.values[right]
        given = operands.elements if type(operands) is v.Listing else ()
        return self._filled(function, at, left, given or (right,), frame, depth)

    def _filled(
        self,
        function: FunctionNode,
        at: int,
        template: int,
        given: tuple[int, ...],
        frame: Frame | None,
        depth: int,
    ) -> list[Pieces]:
        filling = self._filling(function, given, frame)
        forms = [
            fill_percent(form, filling) for form in self.expand(function, template, frame, depth)
        ]
        if any(_says_something(form) for form in forms):
            return forms
        return [(self.hole(function, at, frame),)]

    def _call(
        self, function: FunctionNode, at: int, call: v.Invoke, frame: Frame | None, depth: int
    ) -> list[Pieces]:
        values = function.fact.values
        if is_list_conversion(function, call):
            return self.expand(function, call.args[0], frame, depth)
        callee = values[call.callee]
        for row, _ in self.index.rows(function, call.callee):
            if row.concept in ("sanitizer", "remote-input") and not row.is_conditional:
                return [(self.hole(function, at, frame),)]
            if row.concept == "propagator" and row.attributes.get("text") and call.args:
                return self.expand(function, call.args[0], frame, depth)
            if row.concept == "propagator" and row.attributes.get("format") and call.args:
                return self._filled(function, at, call.args[0], call.args[1:], frame, depth)
        if type(callee) is v.Member:
            if callee.name in _TRIMMING:
                built = self._built(function, callee.base, frame, depth)
                if built is not None:
                    return built
                return self.expand(function, callee.base, frame, depth)
            if callee.name == "format":
                return self._formatted(function, callee, call, frame, depth)
            if callee.name == "join" and call.args:
                return self._join(function, at, callee, call, frame, depth)
        targets = self.index.targets(function, call)
        if len(targets) == 1 and (frame is None or frame.depth < MAX_FRAMES):
            target = targets[0]
            inner = Frame(function, at, frame, 1 if frame is None else frame.depth + 1)
            forms: list[Pieces] = []
            for result in target.fact.returns:
                returned = result.value
                listing = target.fact.values[returned]
                if type(listing) is v.Listing and listing.kind == "tuple" and listing.elements:
                    returned = listing.elements[0]
                forms.extend(self.expand(target, returned, inner, depth))
            forms = [form for form in forms if form]
            if forms and all(_says_something(form) for form in forms):
                return forms
        return [(self.hole(function, at, frame),)]

    def _formatted(
        self,
        function: FunctionNode,
        callee: v.Member,
        call: v.Invoke,
        frame: Frame | None,
        depth: int,
    ) -> list[Pieces]:

        def fill(name: str, number: int) -> TextHole:
            argument = call.callee
            if name in call.names and name:
                argument = call.args[call.names.index(name)]
            elif 0 <= number < len(call.args):
                argument = call.args[number]
            return self.hole(function, argument, frame)

        return [
            fill_braces(form, fill) for form in self.expand(function, callee.base, frame, depth)
        ]

    def _built(
        self, function: FunctionNode, at: int, frame: Frame | None, depth: int
    ) -> list[Pieces] | None:
        """A text builder's content: what each of its filling calls was given, in order."""
        value = function.fact.values[at]
        if type(value) is v.Updated:
            before = self._built(function, value.base, frame, depth + 1) or [()]
            return _combined([before, self._written(function, at, value, frame, depth)])
        options = v.alternatives(value)
        if not options:
            return None
        key = (function.key, at, "built")
        if key in self.active or depth > MAX_DEPTH:
            return [()]
        self.active.add(key)
        ways = [self._built(function, option, frame, depth + 1) for option in options]
        self.active.discard(key)
        if all(way is None for way in ways):
            return None
        return _interleaved([way or [()] for way in ways])

    def _written(
        self,
        function: FunctionNode,
        at: int,
        update: v.Updated,
        frame: Frame | None,
        depth: int,
    ) -> list[Pieces]:
        parts, formatted = writes(function, update)
        call = function.fact.values[update.by]
        if type(call) is v.Invoke and self.index.targets(function, call):
            return [(self.hole(function, at, frame),)]
        if not formatted or len(parts) < 2:
            return self.concatenate(function, parts, frame, depth)
        return [
            fill_percent(form, self._filling(function, parts[1:], frame))
            for form in self.expand(function, parts[0], frame, depth)
        ]

    def _filling(
        self, function: FunctionNode, given: tuple[int, ...], frame: Frame | None
    ) -> Callable[[int, str], TextHole]:
        return lambda number, conversion: self.hole(
            function, given[min(number, len(given) - 1)], frame, conversion
        )

    def _join(
        self,
        function: FunctionNode,
        at: int,
        callee: v.Member,
        call: v.Invoke,
        frame: Frame | None,
        depth: int,
    ) -> list[Pieces]:
        """`separator.join(list)`, `list.join(separator)`, `strings.Join(list, separator)`."""
        values = function.fact.values
        base = values[callee.base]
        if len(call.args) > 1:
            source, separator = call.args[0], call.args[1]
        elif type(base) is v.Constant or type(base) is v.Text:
            source, separator = call.args[0], callee.base
        else:
            source, separator = callee.base, call.args[0]
        known = elements(function, source)
        if not known:
            return [(self.hole(function, at, frame),)]
        parts: list[int] = []
        for number, element in enumerate(known):
            if number:
                parts.append(separator)
            parts.append(element)
        return self.concatenate(function, tuple(parts), frame, depth)


def _plain(constant: float | bool | None) -> str:
    return "" if constant is None else str(constant)


def _combined(parts: list[list[Pieces]]) -> list[Pieces]:
    """Texts one behind the other; each way of each part is in one of the first results."""
    most = min(max(map(len, parts), default=1), MAX_ALTERNATIVES)
    diagonal = [tuple(ways[number % len(ways)] for ways in parts) for number in range(most)]
    choices = dict.fromkeys(chain(diagonal, islice(product(*parts), MAX_ALTERNATIVES)))
    return [tuple(chain.from_iterable(choice)) for choice in islice(choices, MAX_ALTERNATIVES)]


def _interleaved(ways: list[list[Pieces]]) -> list[Pieces]:
    """The first of each, the second of each …, so that none is lost where there are too many."""
    rounds = zip_longest(*ways)
    return [form for forms in rounds for form in forms if form is not None]


def _is_elsewhere(pieces: Pieces, function: FunctionNode) -> bool:
    """What is dynamic is of another function, reached by a call that we followed."""
    return any(isinstance(piece, TextHole) and piece.function is not function for piece in pieces)


def _tested(pieces: Pieces, function: FunctionNode, tests: tuple[Test, ...]) -> Pieces:
    """The same, where tests of a function decided that it is this text."""
    return tuple(
        msgspec.structs.replace(piece, tests=(*piece.tests, *tests))
        if isinstance(piece, TextHole) and piece.function is function
        else piece
        for piece in pieces
    )


def _under(context: int, place: int) -> tuple[tuple[int, int], ...]:
    return ((context, place),) if context >= 0 else ()


def _says_something(pieces: Pieces) -> bool:
    return any(isinstance(piece, str) and piece for piece in pieces)
