"""Documentation is no code."""

import os
import os.path
import numpy as np
from . import near
from ..far.away import one, two as three
from everywhere import *
from __future__ import annotations


def plain(a, b: int = 1, /, c=2, *args: str, d, **kwargs) -> dict[str, int]:
    """Nothing."""
    return {}


async def stream():
    yield 1
    async for x in source:
        yield x
    async with lock:
        await x


@app.get("/x", name="y")
@cached
def decorated(): ...


class Base(Parent, metaclass=Meta):
    """Text."""

    field: int
    other = Column(String, nullable=False)
    a, b = 1, 2

    class Inner:
        pass

    def __init__(self, db):
        self.db = db

    @staticmethod
    def alone(x):
        return x

    @classmethod
    def build(cls, x):
        return cls(x)

    @property
    def size(self) -> int:
        return len(self.db)


type Alias[T] = list[T]


def generic[T: int](x: T) -> T:
    return x
