"""What a value looks like as text: constant pieces and holes, through names, calls and builders."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from backend_lint.dataflow.frames import Frame, aliases, is_list_conversion
from backend_lint.facts import values as v
from backend_lint.facts.expressions import MUTATORS
from backend_lint.semantics.references import FunctionNode
from backend_lint.source import Region

if TYPE_CHECKING:
    from backend_lint.index import ProjectIndex

# A text that could be more than so many texts is looked at in so many ways only.
MAX_ALTERNATIVES = 6
MAX_DEPTH = 24
MAX_FRAMES = 3

_TRIMMING = frozenset(
    {
        "strip",
        "lstrip",
        "rstrip",
        "trim",
        "trimStart",
        "trimEnd",
        "lower",
        "upper",
        "toLowerCase",
        "toUpperCase",
        "toString",
        "String",
        "encode",
        "decode",
        "dedent",
    }
)
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[#0\- +]*\d*(?:\.\d+)?[a-zA-Z%]")


class TextHole(msgspec.Struct, frozen=True):
    """A dynamic piece of a text.

    Attributes:
        function: the function whose value it is.
        value: the value there.
        conversion: as in `ir.Hole`.
        region: where the hole is written, in the file of `function`.
        frame: the calls followed to get there.
    """

    function: FunctionNode
    value: int
    conversion: str
    region: Region
    frame: Frame | None


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
    index: ProjectIndex, function: FunctionNode, at: int, frame: Frame | None = None
) -> list[TextForm]:
    """The forms that a value can have as text, at least one."""
    expansion = _Expansion(index)
    forms = expansion.expand(function, at, frame, 0)
    return [TextForm(_joined(pieces)) for pieces in forms[:MAX_ALTERNATIVES]]


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
    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self.active: set[tuple[object, ...]] = set()

    def expand(
        self, function: FunctionNode, at: int, frame: Frame | None, depth: int
    ) -> list[Pieces]:
        value = function.fact.values[at]
        if type(value) is v.Constant:
            constant = value.value
            return [(constant if isinstance(constant, str) else _plain(constant),)]
        key = (function.key, at, None if frame is None else frame.key)
        if depth > MAX_DEPTH:
            return [(self.hole(function, at, frame),)]
        if key in self.active:
            return [()]  # a text that grows in a loop: the growth is seen at its other option
        self.active.add(key)
        try:
            forms = self._expand(function, at, value, frame, depth + 1)
        finally:
            self.active.discard(key)
        return list(dict.fromkeys(forms))[:MAX_ALTERNATIVES]

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
                    return [(self.hole(function, value.value, frame, value.conversion, value),)]
                inner = self.expand(function, value.value, frame, depth)
                # An expression that stays dynamic is best shown where it is interpolated.
                return [
                    tuple(
                        self.hole(function, piece.value, frame, value.conversion, value)
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
                return self._choice(function, at, value.operands[1:], frame, depth)
            case v.Compute(operator="or" | "??"):
                return self.alternatives(function, value.operands, frame, depth)
            case v.Compute(operator="typed"):
                return self.expand(function, value.operands[0], frame, depth)
            case v.Compute(operator="%"):
                return self._percent(function, at, value, frame, depth)
            case v.Merge():
                return self.alternatives(function, value.options, frame, depth)
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
                for owner, other in aliases(self.index, function, at):
                    forms.extend(self.expand(owner, other, None, depth))
                if forms and all(_says_something(form) for form in forms):
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
        expanded = [self.expand(function, part, frame, depth) for part in parts]
        combined: list[Pieces] = []
        for choice in product(*expanded):
            combined.append(tuple(piece for pieces in choice for piece in pieces))
            if len(combined) == MAX_ALTERNATIVES:
                break
        return combined

    def alternatives(
        self, function: FunctionNode, options: tuple[int, ...], frame: Frame | None, depth: int
    ) -> list[Pieces]:
        forms: list[Pieces] = []
        for option in options:
            forms.extend(form for form in self.expand(function, option, frame, depth) if form)
        return forms or [()]

    def _choice(
        self,
        function: FunctionNode,
        at: int,
        options: tuple[int, ...],
        frame: Frame | None,
        depth: int,
    ) -> list[Pieces]:
        """Alternatives under a test; a dynamic one stays the choice, so that the test counts."""
        whole: Pieces = (self.hole(function, at, frame),)
        return [
            form if _says_something(form) else whole
            for form in self.alternatives(function, options, frame, depth)
        ]

    def _percent(
        self, function: FunctionNode, at: int, value: v.Compute, frame: Frame | None, depth: int
    ) -> list[Pieces]:
        left, right = value.operands
        forms = []
        operands = function.fact.values[right]
        given = list(operands.elements) if type(operands) is v.Listing else [right]
        for form in self.expand(function, left, frame, depth):
            pieces: list[Piece] = []
            position = 0
            for piece in form:
                if not isinstance(piece, str):
                    pieces.append(piece)
                    continue
                last = 0
                for match in _PLACEHOLDER.finditer(piece):
                    pieces.append(piece[last : match.start()])
                    last = match.end()
                    if match.group() == "%%":
                        pieces.append("%")
                        continue
                    number = given[min(position, len(given) - 1)] if given else right
                    position += 1
                    conversion = "d" if match.group()[-1] in "diu" else ""
                    pieces.append(self.hole(function, number, frame, conversion))
                pieces.append(piece[last:])
            forms.append(tuple(pieces))
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
            if row.concept in ("sanitizer", "remote-input"):
                return [(self.hole(function, at, frame),)]
            if row.concept == "propagator" and row.attributes.get("text") and call.args:
                return self.expand(function, call.args[0], frame, depth)
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
        targets = list(self.index.targets(function, call))
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
        forms = []
        for form in self.expand(function, callee.base, frame, depth):
            pieces: list[Piece] = []
            position = 0
            for piece in form:
                if not isinstance(piece, str):
                    pieces.append(piece)
                    continue
                last = 0
                for match in re.finditer(r"\{(\w*)[^{}]*\}", piece):
                    pieces.append(piece[last : match.start()])
                    last = match.end()
                    name = match[1]
                    argument = -1
                    if name and not name.isdigit() and name in call.names:
                        argument = call.args[call.names.index(name)]
                    else:
                        number = int(name) if name.isdigit() else position
                        position += 1
                        if number < len(call.args):
                            argument = call.args[number]
                    pieces.append(
                        self.hole(function, argument if argument >= 0 else call.callee, frame)
                    )
                pieces.append(piece[last:])
            forms.append(tuple(pieces))
        return forms

    def _built(
        self, function: FunctionNode, at: int, frame: Frame | None, depth: int
    ) -> list[Pieces] | None:
        """A text builder's content: what each of its filling calls was given, in order."""
        values = function.fact.values
        value = values[at]
        if type(value) is not v.Updated:
            return None
        parts: list[int] = []
        while type(value) is v.Updated:
            call = values[value.by]
            if type(call) is v.Invoke:
                callee = values[call.callee]
                if type(callee) is v.Member and callee.name in MUTATORS:
                    parts.extend(reversed(call.args))
                else:  # `fmt.Fprintf(&b, format, …)`
                    parts.extend(reversed(call.args[1:]))
            value = values[value.base]
        return self.concatenate(function, tuple(reversed(parts)), frame, depth)

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
        elements = self._elements(function, source)
        if not elements:
            return [(self.hole(function, at, frame),)]
        parts: list[int] = []
        for number, element in enumerate(elements):
            if number:
                parts.append(separator)
            parts.append(element)
        return self.concatenate(function, tuple(parts), frame, depth)

    def _elements(self, function: FunctionNode, at: int) -> list[int]:
        values = function.fact.values
        added: list[int] = []
        seen = set()
        while at not in seen:
            seen.add(at)
            value = values[at]
            if type(value) is v.Updated:
                call = values[value.by]
                if type(call) is v.Invoke:
                    added.extend(reversed(call.args))
                at = value.base
            elif type(value) is v.Merge:
                # A list filled in a loop: the filled option holds the other as its base.
                at = value.options[-1]
                if len(value.options) > 1 and at in seen:
                    break
            elif type(value) is v.Compute and value.operator == "conditional":
                at = value.operands[1]
            elif type(value) is v.Invoke and type(values[value.callee]) is v.Global:
                if not value.args:
                    break
                added.extend(reversed(value.args[1:]))  # `append(list, element)`
                at = value.args[0]
            elif type(value) is v.Listing:
                added.extend(reversed(value.elements))
                break
            elif type(value) is v.Compute and value.operator == "*":
                at = value.operands[0]
            else:
                return []
        return list(reversed(added))


def _plain(constant: float | bool | None) -> str:
    return "" if constant is None else str(constant)


def _says_something(pieces: Pieces) -> bool:
    return any(isinstance(piece, str) and piece for piece in pieces)
