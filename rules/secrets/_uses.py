"""Secrets by their use: literals that sign, encrypt or decrypt, whatever they look like.

What signs is said by model rows of the concept `secret-use`. A call is matched through the imports
of its own file alone; of a method, the file must import the module of its type. The secret may
stand in a variable, a closure's result or an object of the same function or of the module.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from backend_lint.finding import Confidence
from backend_lint.ir import nodes as n
from backend_lint.ir.walk import children
from backend_lint.models.library import load, path_of
from backend_lint.models.rows import Row
from backend_lint.source import Region

from ._code import CONVERSIONS, text_of, value_region
from ._secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.models.rows import AccessPath

_HARM = "everyone who can read the repository can forge or decrypt what it protects"
_REQUIRED = re.compile(rb"""require\(\s*["'](?:node:)?([^"'\n]+)["']""")
_MAJOR_VERSION = re.compile(r"/v[0-9]+(?=/|$)")
_PUBLIC = re.compile(r"-----BEGIN (?:[A-Z]+ )*(?:PUBLIC KEY|CERTIFICATE)-----|ssh-|https?://")
# The name of a scheme where another library's method of the same name has its key.
_SCHEME = re.compile(
    r"(?i)(?:RSA(?:ES|SSA)?|OAEP|PKCS|AES|3?DES|SHA|HMAC|EC(?:DSA|DH|B|IES)|Ed(?:DSA|25519)|CBC|GCM)"
    r"[-_/.\w]{0,24}"
)
_DEEPEST = 6


class _Uses(msgspec.Struct, frozen=True):
    """The rows of a language.

    Attributes:
        modules: the modules the rows are about.
        beginnings: what an import of one of them begins with.
        by_require: the language imports by `require`, too.
        rows: by canonical name.
        methods: rows of methods by their name, each with the module of its type.
    """

    modules: frozenset[str]
    beginnings: tuple[str, ...]
    by_require: bool
    rows: dict[str, list[Row]]
    methods: dict[str, list[tuple[str, Row]]]


def secrets_in_use(data: bytes, module: n.Module, family: str) -> Iterator[Secret]:
    """The literals of a file that a library takes as a key."""
    uses = _uses(family)
    imported = _imported(data, module, uses)
    if imported:
        visit = _Visit(data, uses, imported)
        visit.block(module)
        yield from visit.found


@cache
def _uses(family: str) -> _Uses:
    modules: set[str] = set()
    rows: dict[str, list[Row]] = {}
    methods: dict[str, list[tuple[str, Row]]] = {}
    for api, candidates in load(family).rows.items():
        wanted = [row for row in candidates if row.concept == "secret-use"]
        if wanted:
            rows[api] = wanted
            module, method = _split(api, family)
            modules.add(module)
            if method:
                methods.setdefault(method, []).extend((module, row) for row in wanted)
    heads = {re.split(r"[./]", module)[0] if family == "python" else module for module in modules}
    beginnings = (*sorted(heads | {"node:"}),)
    return _Uses(frozenset(modules), beginnings, family == "javascript", rows, methods)


def _split(api: str, family: str) -> tuple[str, str]:
    """The module of a canonical name, and the method if it names one of a type."""
    owner, _, name = api.rpartition(".")
    if not owner:
        return api, ""  # the module itself is called
    folder, _, last = owner.rpartition("/")
    # The path of a Go module has a dot only before its first slash.
    dotted, _, kind = last.rpartition(".")
    is_type = bool(dotted) and (family == "go" or kind[:1].isupper())
    if not is_type:
        return owner, ""
    return (f"{folder}/{dotted}" if folder else dotted), name


def _imported(data: bytes, module: n.Module, uses: _Uses) -> set[str]:
    """The known modules that a file imports, at its top or by `require` anywhere."""
    found: set[str] = set()
    for node in module.body:
        if type(node) is n.Import and node.module.startswith(uses.beginnings):
            name = _module_of(node)
            found.update({name, f"{name}.{node.name}"} & uses.modules)
    if uses.by_require and b"require(" in data:
        names = {name.decode("utf-8", "replace") for name in _REQUIRED.findall(data)}
        found |= names & uses.modules
    return found


def _module_of(node: n.Import) -> str:
    """The module as the rows name it."""
    name = node.module.removeprefix("node:")
    return _MAJOR_VERSION.sub("", name) if "/v" in name else name


class _Visit:
    """One walk through a file, with the names that are bound on the way."""

    def __init__(self, data: bytes, uses: _Uses, imported: set[str]) -> None:
        self.found: list[Secret] = []
        self._data = data
        self._uses = uses
        self._imported = imported
        self._scopes: list[dict[str, n.Node | str]] = []

    def block(self, node: n.Node) -> None:
        """Visit the inside of a module or function."""
        self._scopes.append({})
        self._visit_children(node)
        self._scopes.pop()

    def _visit_children(self, node: n.Node) -> None:
        for child in children(node):
            self._visit(child)

    def _visit(self, node: n.Node) -> None:
        match node:
            case n.Import():
                name = _module_of(node)
                named = node.name not in ("", "*", "default")
                self._scopes[-1][node.alias] = f"{name}.{node.name}" if named else name
            case n.Function():
                self.block(node)
                return
            case n.Assign(targets=(target,), value=value) if value is not None:
                self._visit_children(node)
                self._bind(target, value)
                return
            case n.Call():
                self._call(node)
        self._visit_children(node)

    def _bind(self, target: n.Node, value: n.Node) -> None:
        origin = self._canonical(value)
        match target:
            case n.Name(id=name):
                self._scopes[-1][name] = origin or value
            case n.Attribute(name=name):
                self._scopes[-1][f".{name}"] = origin or value
            case n.Mapping(entries=entries) if origin:
                for entry in entries:
                    key = text_of(entry.key) if entry.key is not None else None
                    if key and isinstance(entry.value, n.Name):
                        self._scopes[-1][entry.value.id] = f"{origin}.{key}"

    def _look_up(self, name: str) -> n.Node | str | None:
        return next((scope[name] for scope in reversed(self._scopes) if name in scope), None)

    def _canonical(self, node: n.Node) -> str:
        """The name of what a node refers to in an imported module, or empty."""
        match node:
            case n.Name(id=name):
                known = self._look_up(name)
                return known if isinstance(known, str) else ""
            case n.Attribute(value=value, name=name):
                owner = self._canonical(value)
                return f"{owner}.{name}" if owner else ""
            case n.Require(module=module):
                return module.removeprefix("node:")
        return ""

    def _call(self, call: n.Call) -> None:
        name = self._canonical(call.callee)
        rows = self._uses.rows.get(name, [])
        method = call.callee.name if isinstance(call.callee, n.Attribute) else ""
        if not rows and method and not name:
            known = self._uses.methods.get(method, ())
            rows = [row for module, row in known if module in self._imported]
        for row in rows:
            for value in self._arguments(call, path_of(row.roles["secret"])):
                self._literals(value, name or method, call, 0)

    def _arguments(self, call: n.Call, path: AccessPath) -> Iterator[n.Node]:
        """What stands at an access path of a call."""
        position = 0
        for argument in call.arguments:
            if argument.name:
                chosen = argument.name == path.name
            else:
                chosen = path.position == position
                position += 1
            if chosen:
                yield from self._members(argument.value, path.members)

    def _members(self, node: n.Node, members: tuple[str, ...]) -> Iterator[n.Node]:
        if not members:
            yield node
            return
        match node:
            case n.Mapping(entries=entries):
                for entry in entries:
                    if entry.key is not None and text_of(entry.key) == members[0]:
                        yield from self._members(entry.value, members[1:])
            case n.Name(id=name):
                known = self._look_up(name)
                if isinstance(known, n.Mapping):
                    yield from self._members(known, members)
            case n.Attribute(name=name):
                known = self._look_up(f".{name}")
                if isinstance(known, n.Mapping):
                    yield from self._members(known, members)

    def _literals(self, node: n.Node | str | None, callee: str, call: n.Call, depth: int) -> None:
        """Report the literals that a value may be."""
        if node is None or isinstance(node, str) or depth > _DEEPEST:
            return
        deeper = depth + 1
        text = text_of(node)
        if text is not None:
            self._report(node, text, callee, call)
            return
        match node:
            case n.Name(id=name):
                self._literals(self._look_up(name), callee, call, deeper)
            case n.Attribute(name=name) if isinstance(node.value, n.Name):
                self._literals(self._look_up(f".{name}"), callee, call, deeper)
            case n.Sequence(elements=elements):
                for element in elements[:1] if node.kind == "tuple" else elements:
                    self._literals(element, callee, call, deeper)
            case n.Operation(operator="or" | "??", operands=operands):
                self._literals(operands[-1], callee, call, deeper)
            case n.Function(body=body):
                for statement in body:
                    if isinstance(statement, n.Return):
                        self._literals(statement.value, callee, call, deeper)
            case n.Call(callee=n.Attribute(value=value, name="encode" | "trim" | "strip")):
                inner = node.arguments[0].value if _is_encoder(value) else value
                self._literals(inner, callee, call, deeper)
            case n.Call(callee=inner, arguments=(first, *_)) if _is_conversion(inner):
                self._literals(first.value, callee, call, deeper)

    def _report(self, literal: n.Node, text: str, callee: str, call: n.Call) -> None:
        if not text.strip() or _PUBLIC.search(text) or _SCHEME.fullmatch(text):
            return
        start, end = value_region(self._data, literal, text)
        shown = callee.rpartition("/")[2]
        subject = f"The key that is given to `{shown}`"
        if all(item.start != start for item in self.found):
            inside = call.start <= start < call.end
            use = None if inside else Region(call.start, call.end)
            self.found.append(Secret(start, end, subject, Confidence.MEDIUM, _HARM, use))


def _is_encoder(node: n.Node) -> bool:
    """`new TextEncoder()`, whose `encode` takes the text; `"text".encode()` is the text's own."""
    return isinstance(node, n.Call) and node.new


def _is_conversion(callee: n.Node) -> bool:
    """`[]byte(x)`, `Buffer.from(x)`, `bytes(x)`, `asKey(x)` and the like hand their text on."""
    match callee:
        case n.Subscript(value=n.Name(id="[]")):
            return True
        case n.Name(id=name) | n.Attribute(name=name):
            return name in CONVERSIONS
    return False
