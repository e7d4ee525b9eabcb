"""Nodes of the intermediate representation (IR).

The IR keeps what reviews of back ends ask about (calls, names, data, control) and drops the rest.
What it simplifies:

* Every way to build a string (`+` with a string literal, `%`, `.format`, f-string, template
  literal, `Sprintf`, `join` of a literal sequence) is one `Template` of literal parts and holes.
* Every loop over elements is one `Loop` or `Comprehension`; a C-style `for` is its initial
  statements followed by a `while` loop whose body ends with the update.
* `switch`, `match` and `select` are chains of `Branch`; the test of a case is
  `Operation("==", (subject, case))`, of several cases joined by `or`.
* The receiver of a method is not among its parameters; `Function.receiver` is its name.
* Declarations of fields of classes and structs are `Field` in every language.
* `===` is `==`, `!==` is `!=`, `is` is `==`, `&&` is `and`, `||` is `or`, `!` is `not`.
* Parentheses, type assertions, casts and non-null marks vanish, as does a pointer in a Go type;
  `&value` and `*value` are the value.

Lowering is total: what a front end does not know becomes `Unknown` with its children lowered.
Nodes are built in C and hold no cycles. `start` and `end` are byte offsets of the node's own text.
Prior art: opengrep's IL (`src/il/IL.ml`).
"""

from __future__ import annotations

import msgspec

POINTED = "="
"""The attribute that is assigned where all of what a pointer points at is: `*name = value`."""


class Node(msgspec.Struct, frozen=True, gc=False):
    """What every node has: its half-open byte range in the source file."""

    start: int
    end: int


# Expressions


class Name(Node, frozen=True, gc=False):
    """A use of a variable, or a simple type in an annotation."""

    id: str


class Attribute(Node, frozen=True, gc=False):
    """`value.name`, also `value?.name` and the selector of a Go package."""

    value: Node
    name: str


class Subscript(Node, frozen=True, gc=False):
    """`value[index]`; a slice is `Operation("slice", …)`; generic types too: `List[int]`, `T<X>`.

    A Go or TypeScript array type `[]T` or `T[]` is `Subscript(Name("[]"), T)`, a Go map type is
    `Subscript(Name("map"), Sequence("tuple", (key, value)))`.
    """

    value: Node
    index: Node


class Literal(Node, frozen=True, gc=False):
    """A constant: text with its escapes resolved, number, truth value, or None (nil, undefined)."""

    value: str | bytes | int | float | bool | None


class Hole(Node, frozen=True, gc=False):
    """A dynamic part of a `Template`.

    `conversion` is what the template itself guarantees: `d` for an integer, `f` for another
    number, `q` for a quoted text (`%q`, `!r`), else empty.
    """

    value: Node
    conversion: str


class Template(Node, frozen=True, gc=False):
    """A text built from parts: `Literal` text and `Hole`, in order, none nested, none empty.

    `style` is how it was written: `interpolation` (f-string, template literal), `concat`,
    `percent` (`%` and the printf family), `format`, `join`, or `tagged` (the template literal of
    a tag function, which is the only argument of the tag's `Call`).
    """

    parts: tuple[Node, ...]
    style: str


class Argument(Node, frozen=True, gc=False):
    """An argument of a call; `name` is empty for positional ones; the value may be a `Spread`."""

    name: str
    value: Node


class Call(Node, frozen=True, gc=False):
    """A call; `new` marks a construction (`new Pool()`, a Go struct literal with named fields)."""

    callee: Node
    arguments: tuple[Argument, ...]
    new: bool


class Sequence(Node, frozen=True, gc=False):
    """A list, tuple or set display, or a destructuring target; `kind` is `list`, `tuple`, `set`."""

    kind: str
    elements: tuple[Node, ...]


class Entry(Node, frozen=True, gc=False):
    """A key with its value in a `Mapping`; `key` is None for a spread, whose value is `Spread`."""

    key: Node | None
    value: Node


class Mapping(Node, frozen=True, gc=False):
    """A dict, object or map literal, or an object destructuring target; plain keys are literals."""

    entries: tuple[Entry, ...]


class Operation(Node, frozen=True, gc=False):
    """An operator with its operands, flat for chains of one associative operator.

    Operators: `+ - * / // % ** @ & | ^ ~ << >>`, `and or not ??`, `== != < <= > >= in`, `not in`,
    `typeof instanceof`, `slice` (lower, upper, step), `delete`, `receive` (Go `<-ch`).
    A comparison chain `a < b < c` is `and` of its comparisons.
    """

    operator: str
    operands: tuple[Node, ...]


class Conditional(Node, frozen=True, gc=False):
    """`then if test else otherwise`."""

    test: Node
    then: Node
    otherwise: Node


class Await(Node, frozen=True, gc=False):
    """`await value`."""

    value: Node


class Yield(Node, frozen=True, gc=False):
    """`yield value`; a Go send `ch <- v` is not a yield but the call of `ch.send`."""

    value: Node | None


class Spread(Node, frozen=True, gc=False):
    """`*value`, `...value`, `value...` (`kind` is `*`) or `**value` (`kind` is `**`)."""

    value: Node
    kind: str


class Comprehension(Node, frozen=True, gc=False):
    """`element for target in iterable if conditions`; several clauses nest in `element`.

    `kind` is `list`, `set`, `dict` (the innermost element is an `Entry`) or `generator`.
    """

    kind: str
    target: Node
    iterable: Node
    conditions: tuple[Node, ...]
    element: Node


class Require(Node, frozen=True, gc=False):
    """The exports of a module as a value: `require("m")`, `import("m")`, `import_module("m")`."""

    module: str


class Unknown(Node, frozen=True, gc=False):
    """Syntax that the IR does not speak, by its grammar's `kind`, with its children lowered."""

    kind: str
    children: tuple[Node, ...]


# Statements; an expression may stand where a statement is expected


class Assign(Node, frozen=True, gc=False):
    """`targets = value`, also as an expression.

    A target is a `Name`, `Attribute`, `Subscript`, `Sequence`, `Mapping`, a `Spread` of one inside
    those, or an `Assign` inside those for a destructuring default. `operator` is that of `+=` and
    the like without `=`, else empty. A declaration without a value has `value` None. What `rebinds`
    changes variables that are there already, be it in a surrounding function.
    """

    targets: tuple[Node, ...]
    value: Node | None
    operator: str
    annotation: Node | None
    rebinds: bool = False


class Branch(Node, frozen=True, gc=False):
    """`if test: then else: otherwise`."""

    test: Node
    then: tuple[Node, ...]
    otherwise: tuple[Node, ...]


class Loop(Node, frozen=True, gc=False):
    """A loop over elements (`iterable` set) or while a test holds (`test`, None for ever).

    `key` is the index or key variable where the language gives one (Go `range`, JS `for … in`),
    `target` the element variable; either may be None. `otherwise` is Python's `else`.
    """

    key: Node | None
    target: Node | None
    iterable: Node | None
    test: Node | None
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


class Handler(Node, frozen=True, gc=False):
    """An `except` or `catch` clause; `type` and `name` are None or empty when absent."""

    type: Node | None
    name: str
    body: tuple[Node, ...]


class Try(Node, frozen=True, gc=False):
    """`try`; `otherwise` is Python's `else`."""

    body: tuple[Node, ...]
    handlers: tuple[Handler, ...]
    otherwise: tuple[Node, ...]
    final: tuple[Node, ...]


class With(Node, frozen=True, gc=False):
    """`with context as target: body`; several items nest; `target` is None when absent."""

    context: Node
    target: Node | None
    body: tuple[Node, ...]


class Deferred(Node, frozen=True, gc=False):
    """A call that runs later: Go `defer` and `go`, which `kind` names."""

    kind: str
    value: Node


class Return(Node, frozen=True, gc=False):
    """`return value`; several Go results are a `Sequence("tuple", …)`."""

    value: Node | None


class Raise(Node, frozen=True, gc=False):
    """`raise value` or `throw value`; Go `panic` stays a call."""

    value: Node | None


class Jump(Node, frozen=True, gc=False):
    """`break`, `continue`, `goto` or `fallthrough`; `kind` is the word."""

    kind: str


class Parameter(Node, frozen=True, gc=False):
    """A parameter; `kind` is empty, `*` or `**`; a destructured one has a `pattern`, no `name`.

    `decorators` are those of NestJS and the like (`@Body() dto: CreateUser`).
    """

    name: str
    annotation: Node | None
    default: Node | None
    kind: str
    pattern: Node | None
    decorators: tuple[Node, ...]


class Function(Node, frozen=True, gc=False):
    """A function, method or closure, as a statement or an expression.

    Attributes:
        name: empty for closures.
        receiver: the name of the receiver inside the body (`self`, `this`, Go's own), or empty.
        owner: the receiver type of a Go method, else empty (a class holds its methods itself).
        parameters: without the receiver.
        returns: the annotation of the result; several Go results are a `Sequence("tuple", …)`.
        decorators: the expressions after `@`, in order; `@property` and kin are among them.
        kind: `function`, `async`, `generator`, `async-generator`; a JS getter or setter, or a
            Python static or class method, is told by a decorator `Name` (`get`, `set`, `static`).
        name_start: where the name stands, or `start`.
        body: an arrow function or lambda with an expression body has one `Return`.
    """

    name: str
    receiver: str
    owner: str
    parameters: tuple[Parameter, ...]
    returns: Node | None
    decorators: tuple[Node, ...]
    kind: str
    name_start: int
    body: tuple[Node, ...]


class Field(Node, frozen=True, gc=False):
    """A field declared in the body of a class, struct or interface.

    `tag` is the raw text of a Go struct tag. An embedded Go struct is a base of its `Class`.
    """

    name: str
    annotation: Node | None
    value: Node | None
    decorators: tuple[Node, ...]
    tag: str


class Class(Node, frozen=True, gc=False):
    """A class, struct, interface, enum or type alias (`kind`: `class`, `struct`, `interface`, …).

    The body holds `Field`, `Function`, `Class` and, in Python, any other statement. A type alias
    has its target as its only base.
    """

    name: str
    kind: str
    bases: tuple[Argument, ...]
    decorators: tuple[Node, ...]
    body: tuple[Node, ...]


class Import(Node, frozen=True, gc=False):
    """One name bound by an import.

    Attributes:
        module: as written: dotted for Python (leading dots for relative), a path for the others.
        name: what is taken from the module: empty for the module itself, `*` for all its names,
            `default` for an ECMAScript default import.
        alias: the local name bound, empty for `*` and imports for effect. `import a.b` in Python
            binds `a` to module `a`; `import a.b as c` binds `c` to module `a.b`. An unnamed Go
            import has the last path element (without a version suffix such as `/v5`).
    """

    module: str
    name: str
    alias: str


class Export(Node, frozen=True, gc=False):
    """A name that an ECMAScript module gives to others.

    `export const x` is the assignment and `Export("x", Name("x"), "", "")`; `export default e` has
    name `default`; `module.exports = e` has name `=`; `exports.x = e` has name `x`;
    `export {a as b} from "m"` is `Export("b", None, "m", "a")`; `export * from "m"` is
    `Export("*", None, "m", "*")`.
    """

    name: str
    value: Node | None
    module: str
    imported: str


class Module(Node, frozen=True, gc=False):
    """A whole file; `package` is the name in Go's package clause, else empty."""

    package: str
    body: tuple[Node, ...]
