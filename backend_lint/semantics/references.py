"""What a value can stand for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from backend_lint.facts import values as v

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.facts.values import ClassFact, FileFacts, FunctionFact
    from backend_lint.semantics.cycles import Pending


class FileNode:
    """A file of the linked project: its facts, and its functions with their memory."""

    def __init__(self, facts: FileFacts, family: str) -> None:
        self.facts = facts
        self.path = facts.path
        self.family = family
        self.functions = [
            FunctionNode(self, number, fact) for number, fact in enumerate(facts.functions)
        ]

    @property
    def module(self) -> FunctionNode:
        """The module as a function."""
        return self.functions[0]

    @cached_property
    def written_in(self) -> dict[int, list[FunctionNode]]:
        """The functions that are written directly in another, by its number and in order."""
        found: dict[int, list[FunctionNode]] = {}
        for function in self.functions:
            found.setdefault(function.fact.parent, []).append(function)
        return found


class FunctionNode:
    """A function of the linked project.

    Attributes:
        file: where it is.
        number: its index there.
        fact: its flow form.
        key: unique and ordered over the project.
        known: what its values stand for, as far as that is found out; see `cycles.py`.
    """

    __slots__ = ("fact", "file", "key", "known", "number")

    def __init__(self, file: FileNode, number: int, fact: FunctionFact) -> None:
        self.file = file
        self.number = number
        self.fact = fact
        self.key = (file.path, number)
        self.known: dict[int, tuple[Reference, ...] | Pending | int] = {}

    @property
    def inner(self) -> list[FunctionNode]:
        """The functions that are written directly in it, in order."""
        return self.file.written_in.get(self.number, [])

    def nested(self) -> Iterator[FunctionNode]:
        """It and the functions that are written in it, however deep."""
        yield self
        for function in self.inner:
            yield from function.nested()

    def call(self, index: int) -> v.Invoke:
        """The call that a value is.

        Raises:
            TypeError: the value is no call.
        """
        value = self.fact.values[index]
        if type(value) is not v.Invoke:
            msg = f"no call: {value}"
            raise TypeError(msg)
        return value

    def __repr__(self) -> str:
        return f"<{self.file.path}:{self.fact.qualified}>"


class Api(msgspec.Struct, frozen=True):
    """Something outside the project, by canonical name; `instance` means a value of that type."""

    name: str
    instance: bool = False


class FunctionReference(msgspec.Struct, frozen=True):
    """A function or method of the project."""

    function: FunctionNode


class ClassReference(msgspec.Struct, frozen=True):
    """A class of the project; `instance` means an object of it."""

    file: FileNode
    index: int
    instance: bool = False

    @property
    def fact(self) -> ClassFact:
        """The class."""
        return self.file.facts.classes[self.index]


class ModuleReference(msgspec.Struct, frozen=True):
    """A module of the project: one file, or all files of a Go package."""

    files: tuple[FileNode, ...]


Reference: TypeAlias = Api | FunctionReference | ClassReference | ModuleReference
