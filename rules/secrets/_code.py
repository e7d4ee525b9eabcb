"""Secrets in program code: text literals that stand under the name of a secret.

A cheap look at the bytes around every root of such names finds the few literals that may be one;
only those are looked up in the IR, which says what they belong to. Files without any cost no walk.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_lint.finding import Confidence
from backend_lint.ir import nodes as n
from backend_lint.ir.walk import children
from backend_lint.semantics.secret_names import Kind, kind_of, word_set, words_of

from ._secret import Secret
from ._values import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

# From a root to the literal: the rest of the name, then what may stand between name and value.
_VALUE_AFTER_NAME = re.compile(
    rb"""
    [\w$-]*
    (?: ["'`] (?: \s*(?::|,|=>)\s* (?:\w+\s*=\s*)?       # "name": value; get("name", default=
              | [\])]{1,2} \s* (?:[=!]?={1,2}|\|\||\?\?|or\s|,)\s* )     # x["name"] =
      | \s* (?: [?!]?:\s*[\w.\[\]|<>*\ ]{1,40}=(?!=)      # name: type =
             | :?=(?!>) | [=!]={1,2} | :(?!:) | \|\||\?\? | or\s
             | (?:\[\])?[a-z]{4,6}\s+= ) \s*               # name string =
      | \( )
    (?:[\w.]{1,30}\(\s* | \[\]\w{1,20}[({]\s* | [\[(]\s*){0,2}  # []byte(, SecretStr(
    [rbuRBU]{0,2}(?P<quote>["'`])(?P<value>(?:(?!(?P=quote))\S){4,256})(?P=quote)
    """,
    re.VERBOSE,
)
_REST_OF_NAME = re.compile(rb"[\w$-]*")
_NAME_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$-")
_SHORTEST_BINARY = 10
_SETTERS = frozenset({"set", "with", "use", "add"})


def secrets_in_code(
    data: bytes, module: n.Module, roots: list[tuple[int, int]]
) -> Iterator[Secret]:
    """The literals of a file that look like secrets and stand under the name of one.

    Args:
        data: the file.
        module: its IR.
        roots: where names of secrets stand, by `find_roots`.
    """
    for offset in _candidates(data, roots):
        path = _path_to(module, offset)
        if path:
            secret = _judge(data, path)
            if secret is not None:
                yield secret


def _candidates(data: bytes, roots: list[tuple[int, int]]) -> list[int]:
    """Where a text literal begins that may be the value of a secret, in order."""
    found: set[int] = set()
    for at, end in roots:
        match = _VALUE_AFTER_NAME.match(data, end)
        if match is not None and match.start("value") not in found:
            kind = kind_of(_name_around(data, at, end))
            value = match["value"].decode("utf-8", "replace")
            if kind is not None and ("\\x" in value or judge(value, kind) is not None):
                found.add(match.start("value"))
    return sorted(found)


def _name_around(data: bytes, start: int, end: int) -> str:
    while start > 0 and data[start - 1] in _NAME_BYTES:
        start -= 1
    rest = _REST_OF_NAME.match(data, end)
    return data[start : rest.end() if rest is not None else end].decode("utf-8", "replace")


def _path_to(module: n.Module, offset: int) -> list[n.Node]:
    """The nodes around a byte, outermost first, down to the text that holds it."""
    path: list[n.Node] = [module]
    while True:
        inner = next(
            (child for child in children(path[-1]) if child.start <= offset < child.end), None
        )
        if inner is None:
            return path if text_of(path[-1]) is not None else []
        path.append(inner)
        if text_of(inner) is not None:
            return path


def _judge(data: bytes, path: list[n.Node]) -> Secret | None:
    literal = path.pop()
    value = text_of(literal)
    if value is None:
        return None
    name, compared = _name_of(literal, path)
    kind = kind_of(name)
    if kind is None:
        return None
    if words_of(value) == words_of(name):
        return None  # `password = "Password"`: the name again
    start, end = value_region(data, literal, value)
    is_binary = len(value) >= _SHORTEST_BINARY and b"\\x" in data[start:end]
    confidence = Confidence.MEDIUM if is_binary else judge(value, kind)
    if confidence is None or (compared and kind is not Kind.PASSWORD and confidence is _LOW):
        return None
    return Secret(start, end, f"The value of `{name}`", confidence)


_LOW = Confidence.LOW


def _name_of(literal: n.Node, path: list[n.Node]) -> tuple[str, bool]:
    """What a literal is the value of, and whether it is only compared with it."""
    inner = literal
    for node in reversed(path):
        match node:
            case n.Assign(targets=targets) if node.value is inner:
                return name_of(targets[0]), False
            case n.Field(name=name) | n.Parameter(name=name):
                return name, False
            case n.Entry(key=key) if node.value is inner:
                return name_of(key) if key is not None else "", False
            case n.Argument(name=name) if name and name != "default":
                return name, False
            case n.Call() if node.callee is not inner:
                name = _argument_name(node, inner)
                if name or not _hands_on(node):
                    return name, False
            case n.Operation(operator="or" | "??", operands=operands):
                name = next((name_of(item) for item in operands if kind_of(name_of(item))), "")
                if name:
                    return name, False
            case n.Operation(operator="==" | "!=" | "in", operands=(left, right)):
                return name_of(right if inner is left else left), True
            case n.Sequence(kind="tuple", elements=(n.Literal(value=str(name)), second)):
                if second is inner and kind_of(name):
                    return name, False
            case n.Argument() | n.Attribute() | n.Sequence() | n.Conditional() | n.Await():
                pass
            case _:
                return "", False
        inner = node
    return "", False


def _argument_name(call: n.Call, inner: n.Node) -> str:
    """The name for a positional argument: the argument before it, or a setter's own name."""
    arguments = call.arguments
    at = next((i for i, item in enumerate(arguments) if item is inner), -1)
    for item in arguments[:at] if at > 0 else ():
        name = text_of(item.value)
        if name and kind_of(name):
            return name
    callee = name_of(call.callee)
    if len(arguments) == 1 and _SETTERS.intersection(words_of(callee)[:1]):
        return callee
    return ""


def _hands_on(call: n.Call) -> bool:
    """Whether a call gives back its only argument as another type: `[]byte(x)`, `SecretStr(x)`."""
    callee = call.callee
    if isinstance(callee, n.Subscript):
        return True
    name = name_of(callee)
    return len(call.arguments) <= 2 and (name[:1].isupper() or name in CONVERSIONS)


CONVERSIONS = word_set(
    "[]byte asKey b64decode bytes bytearray from createSecretKey str string import_key Some"
)
"""Functions that give back their first argument as another type."""


def name_of(node: n.Node) -> str:
    """The last name of what a node refers to, or empty."""
    match node:
        case n.Name(id=name) | n.Attribute(name=name) | n.Literal(value=str(name)):
            return name
        case n.Subscript(index=index):
            return name_of(index)
        case n.Call(callee=callee, arguments=arguments):
            for argument in arguments[:1]:
                if isinstance(argument.value, n.Literal):
                    return name_of(argument.value)
            if isinstance(callee, n.Attribute):
                return name_of(callee.value)  # password.strip()
    return ""


def text_of(node: n.Node) -> str | None:
    """The text of a literal or of a chain of them; None for all else."""
    match node:
        case n.Literal(value=str(text)):
            return text
        case n.Literal(value=bytes(raw)):
            return raw.decode("latin-1")
        case n.Template(parts=parts):
            texts = [part.value for part in parts if isinstance(part, n.Literal)]
            if len(texts) == len(parts):
                return "".join(str(text) for text in texts)
    return None


def value_region(data: bytes, literal: n.Node, value: str) -> tuple[int, int]:
    """The bytes of a literal without its quotes, where it is written as it reads."""
    at = data.find(value.encode(), literal.start, literal.end)
    return (at, at + len(value.encode())) if at >= 0 else (literal.start, literal.end)
