"""Which calls of a project run which of its functions, and what they hand over."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.inventory import WHOLE, Inventory
from backend_lint.models.library import load
from backend_lint.semantics.classes import MAX_IMPLEMENTATIONS
from backend_lint.semantics.memory import remembered
from backend_lint.semantics.references import Api, ClassReference, FunctionReference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from backend_lint.semantics.references import FileNode, FunctionNode
    from backend_lint.semantics.resolver import Resolver

    _Call: TypeAlias = tuple[int, FunctionNode, int]

# More callers than this say no more about a parameter.
MAX_CALLERS = 40
# Calls of a function that are counted at all.
MAX_ALL_CALLERS = 1000
# So many callers say what type a parameter has that declares none.
MAX_TYPING_CALLERS = 4
# A method name that so many classes define says nothing about an unknown receiver.
MAX_NAMESAKES = 3

# Declared types of which a field holds no function that a call of the field would run.
_COLLECTIONS = frozenset({"[]", "map", "chan"})
_OBJECT_KINDS = frozenset({"struct", "interface", "enum"})
# Callees that are no names.
_UNNAMED = frozenset({v.Item, v.Invoke, v.Parameter, v.Element})


class _Runs:
    """What the calls through one name run, each call with its number among them.

    Attributes:
        of: the calls by the key of the function they run.
        open: those of methods of objects that nobody knows.
        is_assumed: what they run rests on an assumption.
    """

    def __init__(self) -> None:
        self.is_assumed = False
        self.of: defaultdict[tuple[str, int], list[_Call]] = defaultdict(list)
        self.open: list[_Call] = []

    def fitting(self, most: int) -> Iterator[_Call]:
        """The open calls with so many arguments at the most."""
        return (place for place in self.open if len(place[1].call(place[2]).args) <= most)


class CallGraph:
    """Answers from a call to the functions it may run, and from a function to its calls.

    Args:
        resolver: what values stand for; it learns here what parameters are given.
        files: all files.
        is_queued: tells functions of which a call only queues a job that runs later.
    """

    def __init__(
        self,
        resolver: Resolver,
        files: Sequence[FileNode],
        is_queued: Callable[[FunctionNode], bool],
    ) -> None:
        self.resolver = resolver
        self._files = files
        self._is_queued = is_queued
        self._callers: dict[tuple[str, int], list[tuple[FunctionNode, int]]] = {}
        self._chosen_calls: dict[tuple[str, int], list[tuple[FunctionNode, int]]] = {}
        self._runs: dict[tuple[str, str], _Runs] = {}
        resolver.arguments = self._arguments
        resolver.iterated = self._iterated

    @cached_property
    def inventory(self) -> Inventory:
        """What the functions hold."""
        return Inventory(function for file in self._files for function in file.functions)

    def callers(self, function: FunctionNode) -> list[tuple[FunctionNode, int]]:
        """The calls of a function of the project, at most `MAX_CALLERS`, by file and place.

        A method called on a receiver nobody knows counts if few functions have its name.
        """
        return self.all_callers(function)[:MAX_CALLERS]

    def all_callers(self, function: FunctionNode) -> list[tuple[FunctionNode, int]]:
        """All calls of a function of the project, for questions about each of them."""
        known = self._callers.get(function.key)
        if known is None:
            known = self._callers[function.key] = []
            known.extend(islice(self._calling(function), MAX_ALL_CALLERS))
        return known

    def _calling(self, function: FunctionNode) -> Iterator[tuple[FunctionNode, int]]:
        name, fact = function.fact.name, function.fact
        inventory = self.inventory
        names = [name] if name else []
        own = [
            *inventory.closure_calls.get(function.key, ()),
            *self._chosen_calls.get(function.key, ()),
        ]
        if not name and function.key in inventory.closures:
            # `require("./routes")(app)`: what a module exports as a whole needs no name.
            names = [WHOLE, "default"]
        if name in ("__init__", "constructor") and fact.owner >= 0:
            names, own = [function.file.facts.classes[fact.owner].name], []
        # What nobody knows may be an object with this method.
        guessed = len(inventory.named.get(name, ())) <= MAX_NAMESAKES and self._may_be_asked(
            function
        )
        most = len(fact.parameters)
        for called in names:
            known = self._runs.get((function.file.family, called))
            if known is None:
                yield from self._look(function, called, most if guessed else -1)
            else:
                if known.is_assumed:
                    self.resolver.cycles.assume()
                found = known.of.get(function.key, [])
                if guessed and known.open:
                    found = sorted([*found, *known.fitting(most)], key=lambda place: place[0])
                yield from ((caller, at) for _, caller, at in found)
        for caller, at in own:
            if caller.file.family == function.file.family and function in self._run_by(
                caller, caller.call(at).callee
            ):
                yield caller, at

    def _look(
        self, function: FunctionNode, called: str, most: int
    ) -> Iterator[tuple[FunctionNode, int]]:
        """The calls through a name that run a function; what all of them run is remembered.

        Those of methods of objects that nobody knows count up to so many arguments, -1 for none.
        """
        family, resolver = function.file.family, self.resolver
        cycles, runs = resolver.cycles, _Runs()
        reads, assumptions = cycles.reads, cycles.assumptions
        for number, (caller, at) in enumerate(self.inventory.calls_of.get(called, ())):
            if caller.file.family != family:
                continue
            call = caller.call(at)
            place = (number, caller, at)
            ran = self._run_by(caller, call.callee)
            if len(ran) >= MAX_IMPLEMENTATIONS:
                ran = [*ran, *self._implementing(caller, call.callee)]
            for target in dict.fromkeys(ran):
                runs.of[target.key].append(place)
            is_open = (
                not ran
                and type(caller.fact.values[call.callee]) is v.Member
                and not resolver.references(caller, call.callee)
            )
            if is_open:
                runs.open.append(place)
            if function in ran or (is_open and len(call.args) <= most):
                yield caller, at
        if reads != cycles.reads:
            return
        if assumptions != cycles.assumptions:
            runs.is_assumed = True
            cycles.keep_assumed(self._runs, (family, called), runs)
        else:
            self._runs[(family, called)] = runs

    def _implementing(self, caller: FunctionNode, callee: int) -> Iterator[FunctionNode]:
        """All methods behind one of an interface: who has so many asks which one it is."""
        value = caller.fact.values[callee]
        if type(value) is v.Member:
            for owner in self.resolver.references(caller, value.base):
                if isinstance(owner, ClassReference) and owner.fact.kind == "interface":
                    yield from self.resolver.classes.implementations(owner, value.name)

    def choose(self) -> None:
        """Find the calls under no name of a function, by the functions that they may run.

        `HANDLERS[kind](data)`, `callback(data)`, `service.notify(data)` of a field `notify`. What
        they hand over is not known on the way: what parameters stand for is an assumption.
        """
        self.resolver.cycles.is_assuming = True
        fields = {
            field.name
            for file in self._files
            for fact in file.facts.classes
            for field in fact.fields
            if self._may_hold_function(file.functions[fact.scope], field.annotation)
        }
        # `(await import("./read")).default(name)`, whatever the function is called there
        fields |= self.inventory.renamed | {"default"}
        found: dict[tuple[str, int], list[tuple[FunctionNode, int]]] = defaultdict(list)
        for caller, at, call, callee in self.inventory.calls:
            if (
                type(callee) in _UNNAMED
                or (type(callee) is v.Captured and callee.name not in self.inventory.named)
                or (type(callee) is v.Member and callee.name in fields)
            ):
                name = callee.name if type(callee) is v.Member else ""
                for target in self.targets(caller, call):
                    if not name or target.fact.name != name:
                        found[target.key].append((caller, at))
        self._chosen_calls = found
        self.resolver.cycles.forget_assumed()
        self._callers.clear()

    def _may_hold_function(self, scope: FunctionNode, annotation: int) -> bool:
        """A field may hold a function unless it is declared to hold something else."""
        if annotation < 0:
            return True
        value = scope.fact.values[annotation]
        if type(value) is v.Item:
            return getattr(scope.fact.values[value.base], "name", "") not in _COLLECTIONS
        references = self.resolver.references(scope, annotation)
        return not references or not all(
            "." not in reference.name
            if isinstance(reference, Api)
            else isinstance(reference, ClassReference) and reference.fact.kind in _OBJECT_KINDS
            for reference in references
        )

    @remembered
    def _arguments(
        self, function: FunctionNode, position: int
    ) -> tuple[tuple[FunctionNode, int], ...]:
        self.resolver.cycles.assume()
        found = []
        for caller, index in islice(self._calling(function), MAX_TYPING_CALLERS):
            value, field = self.argument_for(caller.call(index), function, position)
            if value >= 0 and not field:
                found.append((caller, value))
        return tuple(found)

    @remembered
    def _iterated(
        self, function: FunctionNode, position: int
    ) -> tuple[tuple[FunctionNode, int], ...]:
        """The collections that a closure goes over, where it is written as who does so."""
        creation = self.creation(function)
        if creation is None or position != 0:
            return ()
        owner, at = creation
        iterating = load(owner.file.family).any_receiver
        found = []
        for value in owner.fact.values:
            if type(value) is v.Invoke and value.args[:1] == (at,):
                callee = owner.fact.values[value.callee]
                if type(callee) is v.Member and any(
                    row.concept == "iteration" for row in iterating.get(callee.name, ())
                ):
                    found.append((owner, callee.base))
        return tuple(found)

    def targets(self, caller: FunctionNode, call: v.Invoke) -> list[FunctionNode]:
        """The functions of the project that a call may run; constructors for classes.

        A method called on a receiver nobody knows is the only one of its name, if there is one.
        """
        return self._run_by(caller, call.callee) or self._only_one(caller, call)

    def _only_one(self, caller: FunctionNode, call: v.Invoke) -> list[FunctionNode]:
        callee = caller.fact.values[call.callee]
        if type(callee) is not v.Member:
            return []
        named = self.inventory.named.get(callee.name, ())
        if len(named) != 1 or len(call.args) > len(named[0].fact.parameters):
            return []
        (function,) = named
        if (
            function.file.family != caller.file.family
            or not self._may_be_asked(function)
            or callee.name in load(caller.file.family).names
            or self.resolver.references(caller, call.callee)
            or self._is_queued(function)
        ):
            return []
        return [function]

    def _may_be_asked(self, function: FunctionNode) -> bool:
        """An object that nobody knows may be one of those that have the function as a member."""
        models, name = load(function.file.family), function.fact.name
        if function.fact.owner >= 0 or function.fact.receiver_type:
            # By such a name, a list or a text is asked.
            return not any(
                row.concept in ("propagator", "selection")
                for row in models.any_receiver.get(name, ())
            )
        return function.key in self.inventory.members and name not in models.names

    @remembered
    def _run_by(self, caller: FunctionNode, callee: int) -> list[FunctionNode]:
        found: list[FunctionNode] = []
        for reference in self.resolver.references(caller, callee):
            if isinstance(reference, FunctionReference):
                if not self._is_queued(reference.function):
                    found.append(reference.function)
            elif isinstance(reference, ClassReference):
                names = ("__call__",) if reference.instance else ("__init__", "constructor")
                for name in names:
                    method = self.resolver.classes.method(reference, name)
                    if method is not None:
                        found.append(method)
        return found

    def creation(self, function: FunctionNode) -> tuple[FunctionNode, int] | None:
        """Where a closure is written as a value: its surrounding function and the value."""
        index = self.inventory.closures.get(function.key)
        if index is None:
            return None
        return function.file.functions[function.fact.parent], index

    @staticmethod
    def argument_for(call: v.Invoke, function: FunctionNode, position: int) -> tuple[int, str]:
        """The value that a call gives to a parameter, -1 if none is told apart.

        The second result is the field of that value which is the parameter: empty for the value
        itself, the parameter's name for `**mapping`, `*` for an element of `*sequence`.
        """
        parameter = function.fact.parameters[position]
        at = 0
        spread = (-1, "")
        for value, name in zip(call.args, call.names, strict=True):
            if name in ("*", "**"):
                spread = (value, parameter.name if name == "**" else "*")
            elif name:
                if name == parameter.name:
                    return value, ""
            else:
                if at == position or (parameter.kind == "*" and at >= position):
                    return value, ""
                at += 1
        return spread
