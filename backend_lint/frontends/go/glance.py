"""Expressions that their text alone settles: `err`, `r.URL`, `f(x, "y")`, `err != nil`.

Most expressions are this small, and asking the syntax tree for their parts costs more than all
the rest of the lowering. The text is that of one whole expression or type as the parser found it,
so what is left to tell is its inner shape. Everything accepted here is made of names, numbers and
plain strings in balanced brackets, laid out as gofmt does; whatever else turns up (comments,
escapes, line breaks, syntax errors) gives None, and the tree is asked.

All texts are ASCII, so that characters count bytes; `start` is where a text stands.
"""

from __future__ import annotations

import re

from backend_lint.frontends.lowering import template
from backend_lint.ir import nodes as ir

# What a word with a value of its own stands for.
CONSTANTS: dict[str, bool | None] = {"nil": None, "true": True, "false": False}

# The functions of the standard library that are templates or write one, by import path.
BUILDERS = {
    "Sprintf": "fmt",
    "Sprint": "fmt",
    "Sprintln": "fmt",
    "Fprintf": "fmt",
    "Fprint": "fmt",
    "Fprintln": "fmt",
    "Join": "strings",
}

# Longer texts are seldom simple.
LIMIT = 64

# Numbers of so many digits fit an integer of Go.
_DIGITS = 18

# Words that look like the name of a function or a type before a bracket.
_KEYWORDS = frozenset({"func", "chan", "interface", "struct", "map"})

# What changes nothing, and what negates.
_PREFIXES = frozenset("&*!")

_OPERATORS = frozenset({"-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">="})

# What `new` takes that is no type.
_VALUES = (ir.Call, ir.Literal, ir.Template, ir.Operation, ir.Sequence, ir.Mapping, ir.Function)

# An item of a list with strings in it, whose commas separate nothing.
_ITEM = re.compile(r'(?:[^",]|"[^"\\\n]*")+')


def simple(text: str, start: int) -> ir.Node | None:
    """An expression or type, or None if it is not so simple."""
    if text.isidentifier():
        end = start + len(text)
        if text in CONSTANTS:
            return ir.Literal(start, end, CONSTANTS[text])
        return ir.Name(start, end, text)
    first = text[:1]
    if first == '"':
        if text.find('"', 1) == len(text) - 1 and "\\" not in text:
            return ir.Literal(start, start + len(text), text[1:-1])
    elif first.isalpha() or first == "_":
        if "(" in text:
            node = _called(text, start)
            if node is not None:
                return node
        else:
            head, dot, tail = text.partition(".")
            if tail.isidentifier() and head.isidentifier():
                at = start + len(head)
                name = ir.Name(start, at, head)
                return ir.Attribute(start, at + 1 + len(tail), name, tail)
            if dot:
                node = dotted(text, start)
                if node is not None:
                    return node
    elif first.isdigit():
        if text.isdigit() and (first != "0" or text == "0") and len(text) <= _DIGITS:
            return ir.Literal(start, start + len(text), int(text))
    elif first == "`":
        if text.find("`", 1) == len(text) - 1 and "\r" not in text:
            return ir.Literal(start, start + len(text), text[1:-1])
    elif first in _PREFIXES:
        return _prefixed(text, start)
    last = text[-1:]
    if last == "}":
        return _composite(text, start)
    if " " in text:
        return _binary(text, start)
    if last == "]":
        head, _, inner = text.partition("[")
        value = dotted(head, start)
        if value is not None:
            index = simple(inner[:-1], start + len(head) + 1)
            if index is not None:
                return ir.Subscript(start, start + len(text), value, index)
    elif first == "[":
        return dotted(text, start)
    elif text[:4] == "map[":
        return _map_type(text, start)
    elif first == "-" and text[1:].isdigit() and text[1] != "0":
        return ir.Literal(start, start + len(text), int(text[: _DIGITS + 1]))
    return None


def _prefixed(text: str, start: int) -> ir.Node | None:
    inner = None
    spaced = " " in text
    if spaced and text[-1] != "}":
        inner = _binary(text, start)
        if inner is not None:
            return inner
    inner = simple(text[1:], start + 1)
    # With spaces inside, what was read may be more than what the prefix takes.
    if inner is None or (spaced and inner.__class__ is not ir.Call):
        return None
    if text[0] == "!":
        return ir.Operation(start, inner.end, "not", (inner,))
    return inner


def dotted(text: str, start: int) -> ir.Node | None:
    """What can be called or indexed: `a`, `a.b`, `a.b.c`, `[]a`, `[]*a`."""
    head, dot, tail = text.partition(".")
    name_end = start + len(head)
    if head.isidentifier():
        if not dot:
            return None if head in _KEYWORDS else ir.Name(start, name_end, head)
        name = ir.Name(start, name_end, head)
        if tail.isidentifier():
            return ir.Attribute(start, start + len(text), name, tail)
        middle, dot, tail = tail.partition(".")
        if dot and tail.isidentifier() and middle.isidentifier():
            value = ir.Attribute(start, name_end + 1 + len(middle), name, middle)
            return ir.Attribute(start, start + len(text), value, tail)
    elif head[:2] == "[]":
        skipped = 3 if head[2:3] == "*" else 2
        element = dotted(text[skipped:], start + skipped)
        if element is not None:
            return ir.Subscript(start, element.end, ir.Name(start, start + 2, "[]"), element)
    return None


def _map_type(text: str, start: int) -> ir.Node | None:
    key_text, bracket, value_text = text[4:].partition("]")
    if not bracket or "(" in text or text[-1] == "}":
        return None
    key = simple(key_text, start + 4)
    value = simple(value_text, start + 5 + len(key_text))
    if key is None or value is None:
        return None
    end = start + len(text)
    pair = ir.Sequence(key.start, end, "tuple", (key, value))
    return ir.Subscript(start, end, ir.Name(start, start + 3, "map"), pair)


def _called(text: str, start: int) -> ir.Node | None:
    """A chain such as `a.b(c).d.e(f, g)`."""
    at = text.find("(")
    node = dotted(text[:at], start)
    if node is None:
        return None
    size = len(text)
    while True:
        close = text.find(")", at)
        if text.find("(", at + 1, close) >= 0:
            # A call among the arguments: then these must go to the end.
            if text[-1] != ")":
                return None
            close = size - 1
        if close < 0 or (node.__class__ is ir.Attribute and node.name in BUILDERS):
            return None
        arguments = simple_arguments(text[at + 1 : close], start + at + 1)
        if arguments is None:
            return None
        node = called(start, start + close + 1, node, arguments)
        at = close + 1
        if at == size:
            return node
        if text[at] != ".":
            return None
        opening = text.find("(", at)
        upto = size if opening < 0 else opening
        for name in text[at + 1 : upto].split("."):
            if not name.isidentifier():
                return None
            at += 1 + len(name)
            node = ir.Attribute(start, start + at, node, name)
        if opening < 0:
            return node


def called(start: int, end: int, callee: ir.Node, given: tuple[ir.Argument, ...]) -> ir.Node:
    """A call; `new(value)` is a pointer to the value, as is `&value`, and so the value itself."""
    if type(callee) is ir.Name and callee.id == "new" and len(given) == 1:
        value = given[0].value
        if isinstance(value, _VALUES):
            return value
    return ir.Call(start, end, callee, given, False)


def simple_arguments(text: str, start: int) -> tuple[ir.Argument, ...] | None:
    """The arguments between the brackets of a call."""
    if not text:
        return ()
    if ", " not in text:
        value = simple(text, start)
        if value is None:
            return None
        return (ir.Argument(start, start + len(text), "", value),)
    found = []
    for item in _items(text):
        value = simple(item, start)
        if value is None:
            return None
        end = start + len(item)
        found.append(ir.Argument(start, end, "", value))
        start = end + 2
    return tuple(found)


def simple_list(text: str, start: int) -> list[ir.Node] | None:
    """Expressions with a comma and a space between them."""
    if ", " not in text:
        node = simple(text, start)
        return None if node is None else [node]
    if text[-1] == ")":
        node = simple(text, start)
        if node is not None:
            return [node]
    found = []
    for item in _items(text):
        node = simple(item, start)
        if node is None:
            return None
        found.append(node)
        start += len(item) + 2
    return found


def _items(text: str) -> list[str]:
    items = text.split(", ")
    if '"' not in text:
        return items
    for item in items:
        if item.count('"') & 1:
            break
    else:
        return items
    items = [item[1:] if index else item for index, item in enumerate(_ITEM.findall(text))]
    # What is not separated by a comma and a space is not simple.
    return items if ", ".join(items) == text else [""]


def _binary(text: str, start: int) -> ir.Node | None:
    end = start + len(text)
    for sign, operator in ((" || ", "or"), (" && ", "and"), (" + ", "+")):
        if sign in text:
            found = []
            at = start
            for item in text.split(sign):
                node = simple(item, at)
                if node is None:
                    return None
                if operator == "+" and node.__class__ is ir.Operation and " " in item:
                    return None
                found.append(node)
                at += len(item) + len(sign)
            if operator == "+" and any(_is_text(node) for node in found):
                return template(start, end, found, "concat")
            return ir.Operation(start, end, operator, tuple(found))
    pieces = text.split(" ")
    if len(pieces) != 3 or pieces[1] not in _OPERATORS:
        return None
    left, operator, right = pieces
    before = simple(left, start)
    if before is None:
        return None
    after = simple(right, end - len(right))
    if after is None:
        return None
    return ir.Operation(start, end, operator, (before, after))


def _is_text(node: ir.Node) -> bool:
    return node.__class__ is ir.Template or (
        isinstance(node, ir.Literal) and isinstance(node.value, str)
    )


def _composite(text: str, start: int) -> ir.Node | None:
    """`T{}`, `T{A: b}`, `[]T{a, b}`, `M{"a": b}`."""
    head, brace, inner = text.partition("{")
    end = start + len(text)
    inner = inner[:-1]
    if head == "interface" and not inner:
        return ir.Name(start, end, "any")
    typed = dotted(head, start) if brace else None
    if typed is None:
        return None
    if typed.__class__ is ir.Subscript:
        values = simple_list(inner, end - 1 - len(inner)) if inner else []
        return None if values is None else ir.Sequence(start, end, "list", tuple(values))
    if not inner:
        return ir.Call(start, end, typed, (), True)
    at = end - 1 - len(inner)
    if ": " not in inner:
        arguments = simple_arguments(inner, at)
        return None if arguments is None else ir.Call(start, end, typed, arguments, True)
    named: list[ir.Argument] = []
    for item in _items(inner):
        name, colon, value_text = item.partition(": ")
        upto = at + len(item)
        value = simple(value_text, upto - len(value_text))
        if value is None or not colon or not name.isidentifier():
            return None
        named.append(ir.Argument(at, upto, name, value))
        at = upto + 2
    return ir.Call(start, end, typed, tuple(named), True)


def simple_parameters(text: str, start: int) -> list[ir.Parameter] | None:
    """The parameters between the brackets of a signature."""
    if " " not in text:
        typed = simple(text, start)
        if typed is None:
            return None
        return [ir.Parameter(start, start + len(text), "", typed, None, "", None, ())]
    found: list[ir.Parameter] = []
    waiting: list[tuple[int, str]] = []
    unnamed = True
    for item in text.split(", "):
        end = start + len(item)
        name, space, type_text = item.partition(" ")
        waiting.append((start, name))
        if space:
            unnamed = False
            if not name.isidentifier():
                return None
            kind = "*" if type_text[:3] == "..." else ""
            typed = simple(
                type_text[3:] if kind else type_text, end - len(type_text) + 3 * len(kind)
            )
            if typed is None:
                return None
            for at, each in waiting:
                found.append(ir.Parameter(at, end, each, typed, None, kind, None, ()))
            waiting.clear()
        start = end + 2
    if unnamed:
        for at, each in waiting:
            typed = simple(each, at)
            if typed is None:
                return None
            found.append(ir.Parameter(at, at + len(each), "", typed, None, "", None, ()))
    elif waiting:
        return None
    return found
