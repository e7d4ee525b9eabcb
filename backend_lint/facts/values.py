"""The flow form of a function: a graph of values after local data flow was followed.

Local variables are gone: a use of a variable is the index of the value that reaches it, so a
re-assignment cleans, and where ways of control meet there is a `Merge`. Everything that another
file may decide stays symbolic (`Imported`, `Global`, `Captured`): the graph is a pure function of
the file. Values are equal where they are written alike and nothing between changes them, so a
check of `request.args["sort"]` speaks of the same value as its later use.

All integers named after values (`base`, `callee`, elements of tuples of operands …) are indexes
into `FunctionFact.values`; -1 stands for none. `start` and `end` are byte offsets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from backend_lint.ir import nodes as ir

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


POINTED = ir.POINTED
"""The name under which a write through a pointer is recorded."""


class Node(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What every value has: where it is written."""

    start: int
    end: int


class Constant(Node, frozen=True, gc=False, array_like=True, tag=0):
    """A literal; bytes are text of the same code points."""

    value: str | int | float | bool | None


class Parameter(Node, frozen=True, gc=False, array_like=True, tag=1):
    """A parameter of the function, by its position without the receiver."""

    index: int


class Receiver(Node, frozen=True, gc=False, array_like=True, tag=2):
    """The object a method was called on (for class methods, the class)."""


class Global(Node, frozen=True, gc=False, array_like=True, tag=3):
    """A name bound nowhere in this file: a builtin, or from elsewhere in a Go package."""

    name: str


class Captured(Node, frozen=True, gc=False, array_like=True, tag=4):
    """A variable of another function of this file (0 is the module): any value it is ever given."""

    function: int
    name: str


class Imported(Node, frozen=True, gc=False, array_like=True, tag=5):
    """What an import binds; fields as in `ir.Import`."""

    module: str
    name: str


class Member(Node, frozen=True, gc=False, array_like=True, tag=6):
    """`base.name`."""

    base: int
    name: str


class Item(Node, frozen=True, gc=False, array_like=True, tag=7):
    """`base[key]`."""

    base: int
    key: int


class Invoke(Node, frozen=True, gc=False, array_like=True, tag=8):
    """A call and its result.

    Attributes:
        args: the argument values in order.
        names: the name of each argument, empty for positional, `*` and `**` for spreads.
        spans: start and end of each argument, flat.
        new: an explicit construction.
        context: index into `FunctionFact.contexts`.
    """

    callee: int
    args: tuple[int, ...]
    names: tuple[str, ...]
    spans: tuple[int, ...]
    new: bool
    context: int


class Text(Node, frozen=True, gc=False, array_like=True, tag=9):
    """A text of parts: constants and `Hole`; `style` as in `ir.Template`."""

    parts: tuple[int, ...]
    style: str


class Hole(Node, frozen=True, gc=False, array_like=True, tag=10):
    """A dynamic part of a `Text`; `conversion` as in `ir.Hole`, `context` as in `Invoke`."""

    value: int
    conversion: str
    context: int = -1


class Compute(Node, frozen=True, gc=False, array_like=True, tag=11):
    """An operator with its operands, as in `ir.Operation`.

    Of our own are `conditional` (test, then, otherwise), `typed` (value, type) and `kept`: a value,
    then tests that held where it comes from, a comprehension or the end of a branch.
    """

    operator: str
    operands: tuple[int, ...]


class Merge(Node, frozen=True, gc=False, array_like=True, tag=12):
    """One of several values, by the way control went."""

    options: tuple[int, ...]


class Listing(Node, frozen=True, gc=False, array_like=True, tag=13):
    """A list, tuple or set of known elements; a spread element is an `Element` of its source."""

    kind: str
    elements: tuple[int, ...]


class Record(Node, frozen=True, gc=False, array_like=True, tag=14):
    """A mapping of known entries; a key of -1 marks a spread of the value."""

    keys: tuple[int, ...]
    items: tuple[int, ...]


class Element(Node, frozen=True, gc=False, array_like=True, tag=15):
    """What iterating over `base` gives (`part` `value` or `key`); `loop` is a context, or -1."""

    base: int
    part: str
    loop: int


class Closure(Node, frozen=True, gc=False, array_like=True, tag=16):
    """A function of this file as a value."""

    function: int


class ClassValue(Node, frozen=True, gc=False, array_like=True, tag=17):
    """A class of this file as a value."""

    index: int


class Updated(Node, frozen=True, gc=False, array_like=True, tag=18):
    """`base` after the call `by`, which may have changed it."""

    base: int
    by: int


class Stored(Node, frozen=True, gc=False, array_like=True, tag=19):
    """`base` after its member or item `name` was given `value`; `name` is empty if not constant."""

    base: int
    name: str
    value: int


class Module(Node, frozen=True, gc=False, array_like=True, tag=20):
    """The exports of a module as a value."""

    name: str


class Opaque(Node, frozen=True, gc=False, array_like=True, tag=21):
    """A value we know nothing of but what it was made from; `kind` names the syntax.

    An `exception` that a handler names was made from what the body of its `try` raises itself.
    """

    kind: str
    children: tuple[int, ...]


Value: TypeAlias = (
    Constant
    | Parameter
    | Receiver
    | Global
    | Captured
    | Imported
    | Member
    | Item
    | Invoke
    | Text
    | Hole
    | Compute
    | Merge
    | Listing
    | Record
    | Element
    | Closure
    | ClassValue
    | Updated
    | Stored
    | Module
    | Opaque
)


class Context(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Under which control a call or return stands; contexts form a chain by `parent`.

    Attributes:
        parent: the enclosing context, -1 for the function body.
        kind: `loop`, `while`, `comprehension`, `if` (the test held), `unless` (it did not), `try`,
            `handler`, `with`.
        value: the iterable, test or context manager, -1 for none.
        start: first byte of the construct.
        end: end of its header where that is known, else of the construct.
    """

    parent: int
    kind: str
    value: int
    start: int
    end: int


class ParameterFact(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A parameter; `annotation` and `default` are values of the function, -1 for none.

    `kind` is empty, `*` or `**`. `decorators` are values too.
    """

    name: str
    kind: str
    annotation: int
    default: int
    decorators: tuple[int, ...]


class FieldWrite(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """`base.name = value`; `start` and `end` are those of the target.

    `key` is the value that names the item, where one does. The name `POINTED` is that of all that
    a pointer points at.
    """

    base: int
    name: str
    value: int
    context: int
    start: int
    end: int
    key: int = -1


class ReturnFact(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A value the function gives back, with the context of the `return` or `yield`."""

    value: int
    context: int


class FunctionFact(msgspec.Struct, frozen=True, array_like=True):
    """A function in flow form; number 0 of a file is the module itself.

    Attributes:
        name: empty for closures.
        qualified: dotted from the module, such as `Store.find` or `create.<closure>`.
        owner: index of the class whose body holds it, -1 for none.
        receiver_type: receiver type of a Go method, else empty.
        parent: index of the enclosing function, -1 for the module.
        start: first byte of the function.
        end: its end.
        name_start: first byte of its name.
        is_async: declared `async`.
        parameters: without the receiver.
        annotation: the declared result type as a value, -1 for none.
        decorators: values, in source order.
        values: the graph.
        contexts: control contexts.
        returns: what it gives back.
        writes: fields of objects it sets.
        cells: final values of variables that other functions of the file may see.
        exits: contexts of the ways out that give nothing back: bare returns, and the end of the
            body where control reaches it.
    """

    name: str
    qualified: str
    owner: int
    receiver_type: str
    parent: int
    start: int
    end: int
    name_start: int
    is_async: bool
    parameters: tuple[ParameterFact, ...]
    annotation: int
    decorators: tuple[int, ...]
    values: tuple[Value, ...]
    contexts: tuple[Context, ...]
    returns: tuple[ReturnFact, ...]
    writes: tuple[FieldWrite, ...]
    cells: dict[str, int]
    exits: tuple[int, ...] = ()


class FieldFact(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A declared field; `annotation`, `value` and `decorators` are values of the scope."""

    name: str
    annotation: int
    value: int
    decorators: tuple[int, ...]
    tag: str
    start: int
    end: int


class ClassFact(msgspec.Struct, frozen=True, array_like=True):
    """A class, struct, interface or alias; values belong to function `scope`.

    Attributes:
        name: as declared.
        kind: as in `ir.Class`.
        scope: index of the function whose body declares it.
        bases: positional bases.
        keywords: named arguments of the class statement, such as `table=True`.
        decorators: values.
        fields: in order.
        methods: function indexes by name; the last definition of a name wins.
        start: first byte of the declaration.
        end: its end.
    """

    name: str
    kind: str
    scope: int
    bases: tuple[int, ...]
    keywords: dict[str, int]
    decorators: tuple[int, ...]
    fields: tuple[FieldFact, ...]
    methods: dict[str, int]
    start: int
    end: int


class ExportFact(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An ECMAScript export, as in `ir.Export`.

    Attributes:
        value: a value of the function whose number is `function`, which is 0 for the module.
    """

    name: str
    value: int
    module: str
    imported: str
    function: int


class SqlText(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One statement of an SQL file, without its semicolon; `comment` is what stands before it."""

    start: int
    end: int
    text: str
    comment: str = ""


class FileFacts(msgspec.Struct, frozen=True, array_like=True):
    """All a file tells the project.

    Attributes:
        path: relative to the project root.
        language: value of `source.Language`.
        package: the name in Go's package clause, else empty.
        functions: number 0 is the module.
        classes: in source order.
        exports: ECMAScript exports.
        star_imports: modules whose names are all imported.
        is_test: the path is one of tests.
        statements: those of an SQL file.
    """

    path: str
    language: str
    package: str
    functions: tuple[FunctionFact, ...]
    classes: tuple[ClassFact, ...]
    exports: tuple[ExportFact, ...]
    star_imports: tuple[str, ...]
    is_test: bool
    statements: tuple[SqlText, ...] = ()


def alternatives(value: Value) -> tuple[int, ...]:
    """The values of which this is one, by the way control went; none if it is no choice."""
    if type(value) is Merge:
        return value.options
    if type(value) is Compute:
        if value.operator == "conditional":
            return value.operands[1:]
        if value.operator == "kept":
            return value.operands[:1]
    return ()


def entries(values: Sequence[Value], record: Record) -> Iterator[tuple[str, int]]:
    """The items of a mapping under constant texts, with those, in order.

    Args:
        values: those of the function.
        record: the mapping.
    """
    for key, item in zip(record.keys, record.items, strict=True):
        constant = values[key] if key >= 0 else None
        if type(constant) is Constant and isinstance(constant.value, str):
            yield constant.value, item
