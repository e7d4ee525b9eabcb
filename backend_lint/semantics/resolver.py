"""What the values of functions stand for: canonical names, types, functions of the project.

Everything is found on demand and remembered. Values that depend on one another stand for the
least that holds for all of them at once (`cycles.py`), so that an answer does not depend on which
of them was asked first. Nothing here knows a library: types and results come from the models.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from backend_lint.facts import values as v
from backend_lint.models.library import Models, load
from backend_lint.semantics.classes import Classes
from backend_lint.semantics.contents import Contents
from backend_lint.semantics.cycles import Cycles
from backend_lint.semantics.definitions import definitions
from backend_lint.semantics.elements import MAPPINGS, RANGED, Elements
from backend_lint.semantics.exports import Exports
from backend_lint.semantics.records import Records
from backend_lint.semantics.references import (
    Api,
    ClassReference,
    FunctionNode,
    FunctionReference,
    ModuleReference,
    Reference,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from backend_lint.semantics.modules import ModuleMap
    from backend_lint.semantics.references import FileNode

# More meanings than this are no meaning.
MAX_REFERENCES = 8
# But tables of functions are longer.
MAX_FUNCTIONS = 24
# An inheritance chain longer than this is a cycle or not for us.
MAX_BASES = 12

# What the types of frameworks are named that hold a request.
_CONTEXTS = ("Context", "Ctx")
_WRAPPERS = frozenset(
    {
        "Optional",
        "Annotated",
        "Promise",
        "Awaitable",
        "Final",
        "ClassVar",
        "Readonly",
        "Partial",
        "Required",
        "Type",
        "type",
        "NonNullable",
        "Mapped",
        "DynamicMapped",
    }
)
# Values that stand for nothing with a name.
_MEANINGLESS = frozenset({v.Text, v.Hole, v.Listing, v.Record})
# What follows in a name a third time: `node = node.next` in a loop would go on for ever.
_ROUNDS = re.compile(r"((?:\.[\w()]+){1,4})\1\1$")
_MOST_ROUNDS = 2
# Members of functions that call them, or are them but for some arguments.
_FORWARDING = frozenset({"call", "apply", "bind"})


def _are_functions(found: tuple[Reference, ...]) -> bool:
    return all(type(reference) is FunctionReference for reference in found)


def _instance_of(reference: Reference, instances: dict[str, str]) -> Reference:
    if type(reference) is Api and reference.name in instances:
        return Api(instances[reference.name], instance=True)
    return reference


def _longer(name: str, step: str) -> str:
    """A name with one more step, which is left out where it would begin a third round."""
    grown = name + step
    return _ROUNDS.sub(r"\1\1", grown) if grown.count(step) > _MOST_ROUNDS else grown


class Resolver:
    """Answers what values stand for.

    Args:
        files: all files by path.
        modules: finds the files behind imports.

    Attributes:
        classes: what members of classes stand for.
        exports: what imports stand for.
        records: what is under the keys of mappings.
        elements: what lists and mappings are declared to hold.
        contents: what is put into them one by one.
        bindings: types of parameters by function, where a registration implies them.
        knows_bindings: all of them are known.
        arguments: what callers give to a parameter; the index knows, once it is there.
        memory: what askers remember, see `semantics.memory`.
        cycles: finds answers of values that depend on one another.
    """

    def __init__(self, files: dict[str, FileNode], modules: ModuleMap) -> None:
        self.files = files
        self.modules = modules
        self.classes = Classes(self)
        self.exports = Exports(self)
        self.records = Records(self)
        self.elements = Elements(self)
        self.contents = Contents(self)
        self.bindings: dict[tuple[str, int], tuple[str, ...]] = {}
        self.knows_bindings = False
        self.arguments: Callable[[FunctionNode, int], Iterable[tuple[FunctionNode, int]]] = (
            lambda _function, _position: ()
        )
        self.memory: defaultdict[object, dict[object, object]] = defaultdict(dict)
        self.cycles = Cycles(self._found)

    def models(self, function: FunctionNode) -> Models:
        """The models of a function's language."""
        return load(function.file.family)

    def references(self, function: FunctionNode, index: int) -> tuple[Reference, ...]:
        """What a value of a function stands for; empty if nobody knows."""
        if index < 0:
            return ()
        known = function.known.get(index)
        if known is None:
            if type(function.fact.values[index]) in _MEANINGLESS:
                return ()
        elif type(known) is tuple:
            return known
        return self.cycles.answer(function, index)

    def _found(self, function: FunctionNode, index: int) -> tuple[Reference, ...]:
        """What a value stands for, by what others stand for."""
        found = tuple(self._find(function, function.fact.values[index]))
        if found:
            instances = self.models(function).instances
            for reference in found:
                if type(reference) is Api and reference.name in instances:
                    found = tuple([_instance_of(reference, instances) for reference in found])
                    break
            if len(found) > 1:
                found = tuple(dict.fromkeys(found))
                if len(found) > MAX_REFERENCES:
                    most = MAX_FUNCTIONS if _are_functions(found) else MAX_REFERENCES
                    found = found[:most]
        return found

    def names(self, function: FunctionNode, index: int) -> list[str]:
        """The canonical API names among the references of a value."""
        return [r.name for r in self.references(function, index) if isinstance(r, Api)]

    def _find(self, function: FunctionNode, value: v.Value) -> Iterable[Reference]:
        match value:
            case v.Captured():
                owner = function.file.functions[value.function]
                cell = owner.fact.cells.get(value.name, -1)
                if cell >= 0:
                    return self.references(owner, cell)
                if value.function == 0:
                    return self.exports.global_name(function, value.name)
            case v.Member():
                return self._members(function, value)
            case v.Invoke():
                return self._results(function, value)
            case v.Global(name="super"):
                return [*self._inherited(function)] or self.exports.global_name(function, "super")
            case v.Global():
                return self.exports.global_name(function, value.name)
            case v.Imported():
                return self.exports.imported(function.file, value.module, value.name)
            case v.Module():
                return self.exports.imported(function.file, value.name, "")
            case v.Parameter():
                return self._parameter(function, value.index)
            case v.Receiver():
                return self.receiver(function)
            case v.Closure():
                return (FunctionReference(function.file.functions[value.function]),)
            case v.ClassValue():
                return (ClassReference(function.file, value.index),)
            case v.Updated() | v.Stored():
                return self.references(function, value.base)
            case v.Merge():
                return [r for option in value.options for r in self.references(function, option)]
            case v.Compute():
                return self._computed(function, value)
            case v.Item():
                return self._item(function, value)
            case v.Element():
                return self._element(function, value)
            case v.Opaque(kind="unset", children=(annotation,)):
                return self.instances(function, annotation)
            case v.Constant(value=str() as text):
                # A quoted annotation; only asked for where a type is expected.
                if text.isidentifier():
                    return self._named_type(function, text)
        return ()

    def _members(self, function: FunctionNode, value: v.Member) -> Iterable[Reference]:
        yield from self.records.member(function, value)
        for base in self.references(function, value.base):
            yield from self.member(function, base, value.name)

    def _named_type(self, function: FunctionNode, name: str) -> Iterable[Reference]:
        module = function.file.module
        cell = module.fact.cells.get(name, -1)
        if cell >= 0:
            yield from self.references(module, cell)

    def _computed(self, function: FunctionNode, value: v.Compute) -> Iterable[Reference]:
        if value.operator == "conditional":
            operands: tuple[int, ...] = value.operands[1:]
        elif value.operator == "typed":
            yield from self.instances(function, value.operands[1])
            operands = value.operands[:1]
        elif value.operator == "kept":
            operands = value.operands[:1]
        elif value.operator in ("or", "and", "??", "|"):
            operands = value.operands
        elif value.operator == "/":
            operands = value.operands[:1]  # paths are joined so
        else:
            return
        for operand in operands:
            yield from self.references(function, operand)

    def instances(self, function: FunctionNode, index: int, depth: int = 0) -> Iterable[Reference]:
        """Objects of the types that an annotation names."""
        if index < 0:
            return
        value = function.fact.values[index]
        if type(value) is v.Item:
            names = self._plain_names(function, value.base)
            if names & _WRAPPERS:
                inner = function.fact.values[value.key]
                if type(inner) is v.Listing and inner.elements:
                    yield from self.instances(function, inner.elements[0])
                else:
                    yield from self.instances(function, value.key)
                return
            if names & {"Union"}:
                inner = function.fact.values[value.key]
                if type(inner) is v.Listing:
                    for element in inner.elements:
                        yield from self.instances(function, element)
                return
            index = value.base
        elif type(value) is v.Compute and value.operator == "|":
            for operand in value.operands:
                yield from self.instances(function, operand)
            return
        elif isinstance(value, (v.Captured, v.Imported)) and depth < MAX_BASES:
            # `Repository = Annotated[Books, Depends(…)]`, here or in another file
            for owner, other in definitions(self, function, index):
                named = owner.fact.values[other]
                if isinstance(named, (v.Item, v.Imported)) or (
                    type(named) is v.Compute and named.operator == "|"
                ):
                    yield from self.instances(owner, other, depth + 1)
                    return
        for reference in self.references(function, index):
            yield from self._instance(reference, 0)

    def _plain_names(self, function: FunctionNode, index: int) -> set[str]:
        value = function.fact.values[index]
        if isinstance(value, (v.Global, v.Captured, v.Imported, v.Member)):
            return {value.name}
        return set()

    def _instance(self, reference: Reference, depth: int) -> Iterable[Reference]:
        if isinstance(reference, Api):
            yield Api(reference.name, instance=True)
        elif isinstance(reference, ClassReference):
            fact = reference.fact
            if fact.kind in ("alias", "type") and fact.bases and depth < MAX_BASES:
                scope = reference.file.functions[fact.scope]
                yield from self.instances(scope, fact.bases[0])
                if self.classes.outer_methods(reference):  # `type Address string`, with its own
                    yield ClassReference(reference.file, reference.index, instance=True)
            else:
                yield ClassReference(reference.file, reference.index, instance=True)
        elif isinstance(reference, FunctionReference):
            return
        elif isinstance(reference, ModuleReference):
            yield reference

    def member(
        self, function: FunctionNode, base: Reference, name: str, depth: int = 0
    ) -> Iterable[Reference]:
        """What `base.name` stands for."""
        if isinstance(base, Api):
            models = self.models(function)
            kind = models.field_type(base.name, name)
            if not kind and base.instance and base.name.endswith(_CONTEXTS):
                # What a framework that nobody modelled hands to its handlers.
                kind = models.instances.get(f"*Context.{name}", "")
            if kind:
                yield Api(kind, instance=True)
            else:
                yield Api(_longer(base.name, f".{name}"))
        elif isinstance(base, ClassReference):
            yield from self.classes.member(base, name, depth)
        elif isinstance(base, ModuleReference):
            for file in base.files:
                yield from self.exports.exported(file, name, depth + 1)
        elif name in _FORWARDING:
            yield base

    def receiver(self, function: FunctionNode) -> Iterable[Reference]:
        """The class of which a function is a method, as an object of it."""
        fact = function.fact
        if fact.owner >= 0:
            yield ClassReference(function.file, fact.owner, instance=True)
        elif fact.receiver_type:
            found = self.exports.go_symbols(function.file).get(fact.receiver_type)
            if isinstance(found, tuple):
                for reference in self.references(*found):
                    yield from self._instance(reference, 0)

    def _inherited(self, function: FunctionNode) -> Iterable[Reference]:
        """The bases of the class of which a function is a method, as objects of them."""
        for owner in self.receiver(function):
            if isinstance(owner, ClassReference):
                for base in self.classes.bases(owner):
                    yield from self._instance(base, 0)

    def _parameter(self, function: FunctionNode, index: int) -> Iterable[Reference]:
        parameter = function.fact.parameters[index]
        found = False
        for reference in self.instances(function, parameter.annotation):
            found = True
            yield reference
        if not self.knows_bindings:
            self.cycles.assume()
        bound = self.bindings.get(function.key)
        if bound is not None and index < len(bound) and bound[index]:
            yield Api(bound[index], instance=True)
            return
        if found:
            return
        for decorator in parameter.decorators:
            for reference in self.references(function, decorator):
                if isinstance(reference, Api) and reference.name in self.models(function).types:
                    yield reference  # `@Req() request`
        if parameter.default >= 0:
            yield from self.references(function, parameter.default)
        names = tuple(p.name for p in function.fact.parameters)
        for convention in self.models(function).conventions:
            if len(names) >= len(convention.parameters) and all(
                name in allowed for name, allowed in zip(names, convention.parameters, strict=False)
            ):
                if index < len(convention.types):
                    yield Api(convention.types[index], instance=True)
                return
        if parameter.default < 0:
            for caller, argument in self.arguments(function, index):
                yield from self.references(caller, argument)

    def _results(self, function: FunctionNode, call: v.Invoke) -> Iterable[Reference]:
        models = self.models(function)
        made = function.fact.values[call.callee]
        if type(made) is v.Global and made.name == "new" and len(call.args) == 1:  # `new(T)`
            yield from self.instances(function, call.args[0])
            return
        known = self.references(function, call.callee)
        if not known and type(made) is v.Member:
            # A method of that name makes it, whatever object has it: `db.collection("orders")`.
            kind = models.instances.get(f"*.{made.name}()")
            if kind:
                yield Api(kind, instance=True)
            elif made.name == "get" and call.args:
                yield from self.records.looked_up(function, made.base, call.args[0])
        for callee in known:
            if isinstance(callee, FunctionReference):
                given = list(self.returned(callee.function))
                if all(isinstance(r, Api) and r.name.endswith("()") for r in given):
                    # Nobody knows what it gives back, but perhaps what it was given to make it.
                    given = list(self._made_by_argument(function, call)) or given
                yield from given
            elif isinstance(callee, ClassReference):
                yield ClassReference(callee.file, callee.index, instance=True)
                continue
            elif isinstance(callee, Api):
                kind = models.result_type(callee.name)
                if not kind:
                    rows = models.rows_of(callee.name)
                    if type(made) is v.Member and any(row.attributes.get("makes") for row in rows):
                        for owner in self.references(function, made.base):
                            yield from self._instance(owner, 0)
                        continue
                    if call.args and any(row.concept == "wrapper" for row in rows):
                        yield from self.references(function, call.args[0])
                        continue
                    if any(row.concept == "module-loader" for row in rows):
                        continue
                    injected = [row for row in rows if row.concept == "injection"]
                    if injected and call.args:
                        for provider in self.references(function, call.args[0]):
                            if isinstance(provider, FunctionReference):
                                yield from self.returned(provider.function)
                        continue
                if kind:
                    yield Api(kind, instance=True)
                elif call.new or (
                    callee.name.rsplit(".", 1)[-1][:1].isupper() and function.file.family != "go"
                ):
                    yield Api(callee.name, instance=True)
                else:
                    yield Api(_longer(callee.name, "()"), instance=True)

    def _made_by_argument(self, function: FunctionNode, call: v.Invoke) -> Iterable[Reference]:
        # `remember("client", () => new Client())`: what keeps a value once made gives it back.
        for arg in call.args:
            value = function.fact.values[arg]
            if type(value) is v.Closure:
                yield from self.returned(function.file.functions[value.function])

    def returned(self, function: FunctionNode) -> Iterable[Reference]:
        """What a call of a function of the project stands for (its first result)."""
        fact = function.fact
        annotation = fact.annotation
        if annotation >= 0:
            value = fact.values[annotation]
            if type(value) is v.Listing and value.elements:
                annotation = value.elements[0]
            found = False
            for reference in self.instances(function, annotation):
                found = True
                yield reference
            if found and function.file.family == "go":
                return
        for result in fact.returns:
            value = fact.values[result.value]
            if type(value) is v.Listing and value.kind == "tuple" and value.elements:
                yield from self.references(function, value.elements[0])
            else:
                yield from self.references(function, result.value)

    def _item(self, function: FunctionNode, value: v.Item) -> Iterable[Reference]:
        values = function.fact.values
        base, key = values[value.base], values[value.key]
        if type(key) is v.Constant:
            if type(base) is v.Listing and isinstance(key.value, int) and base.kind != "each":
                if 0 <= key.value < len(base.elements):
                    yield from self.references(function, base.elements[key.value])
                return
            if type(base) is v.Record:
                for entry, item in zip(base.keys, base.items, strict=True):
                    constant = values[entry] if entry >= 0 else None
                    if type(constant) is v.Constant and constant.value == key.value:
                        yield from self.references(function, item)
                return
            if type(base) is v.Invoke and key.value == 0:
                yield from self.references(function, value.base)  # the first of several results
                return
            if isinstance(key.value, str):
                for reference in self.references(function, value.base):
                    yield from self.member(function, reference, key.value)
                yield from self.records.looked_up(function, value.base, value.key)
                return
        else:
            yield from self.records.looked_up(function, value.base, value.key)
        for reference in self.references(function, value.base):
            if isinstance(reference, Api):
                row = self.models(function).types.get(reference.name)
                if row is not None and row.element:
                    yield Api(row.element, instance=True)
            elif isinstance(reference, FunctionReference):
                yield reference  # `bind[Order]`, with the types that it is for
        yield from self.elements.of(function, value.base, MAPPINGS)

    def _element(self, function: FunctionNode, value: v.Element) -> Iterable[Reference]:
        base = function.fact.values[value.base]
        if type(base) is v.Listing and value.part == "value":
            for element in base.elements:
                yield from self.references(function, element)
            return
        if isinstance(base, (v.Captured, v.Global, v.Member)) and value.part == "value":
            yield from self.records.listed(function, value.base)
        for reference in self.references(function, value.base):
            if isinstance(reference, Api):
                row = self.models(function).types.get(reference.name)
                if row is not None and row.element:
                    yield Api(row.element, instance=True)
        if value.part == "value":
            yield from self.elements.of(function, value.base, RANGED)
