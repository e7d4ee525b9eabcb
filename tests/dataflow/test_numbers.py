"""What bounds a number that others decide, and what does not."""

from __future__ import annotations

import pytest

from backend_lint.driver import check
from backend_lint.project import MemoryProject
from backend_lint.settings import Settings

_HEAD = """
from flask import Flask, abort, request

app = Flask(__name__)
MOST = 100
SIZES = (10, 25, 50)


def clamp(n, most):
    if n > most:
        return most
    return n


def refuse(n):
    if n > MOST:
        raise ValueError(n)


def raise_at_least(n):
    if n < 10:
        return 10
    return n


@app.get("/x")
def x():
    n = int(request.args["n"])
"""


def _is_reported(body: str) -> bool:
    text = _HEAD + "".join(f"    {line}\n" for line in body.splitlines())
    settings = Settings(select=("unbounded-allocation",))
    return bool(check(MemoryProject({"app.py": text.encode()}), settings).findings)


@pytest.mark.parametrize(
    "body",
    [
        "if n > MOST: abort(400)\nreturn [0] * n",
        "if n >= MOST: return ''\nreturn [0] * n",
        "if MOST < n: abort(400)\nreturn [0] * n",
        "if not n <= MOST: abort(400)\nreturn [0] * n",
        "if n < 0 or n > MOST: abort(400)\nreturn [0] * n",
        "if 0 < n < MOST: return [0] * n",
        "if n > MOST: n = MOST\nreturn [0] * n",
        "if n < 0: n = 0\nelif n > MOST: n = MOST\nreturn [0] * n",
        "return [0] * (n if n < MOST else MOST)",
        "return [0] * min(n, MOST)",
        "return [0] * max(1, min(n, MOST))",
        "return [0] * (n % 10)",
        "return [0] * (n & 15)",
        "return [0] * (10 // n)",
        "return [0] * len(request.args)",
        "return [0] * clamp(n, 20)",
        "refuse(n)\nreturn [0] * n",
        "if n not in SIZES: abort(400)\nreturn [0] * n",
        "if n == 7: return [0] * n",
        "if n * 4 > MOST: abort(400)\nreturn [0] * n",
        "return [0] * bool(n)",
    ],
)
def test_bounded(body: str) -> None:
    assert not _is_reported(body)


@pytest.mark.parametrize(
    "body",
    [
        "return [0] * n",
        "return n * [0]",
        "return '-' * n",
        "if n < 1: abort(400)\nreturn [0] * n",
        "if n < MOST: abort(400)\nreturn [0] * n",
        "if n > MOST: print(n)\nreturn [0] * n",
        "if n > int(request.args['most']): abort(400)\nreturn [0] * n",
        "if n < 1: n = 1\nreturn [0] * n",
        "return [0] * max(n, 1)",
        "return [0] * (n + 1)",
        "return [0] * (n * 2)",
        "return [0] * (n - 1)",
        "return [0] * (n // 2)",
        "return [0] * abs(n)",
        "return [0] * raise_at_least(n)",
        "if isinstance(n, int): return [0] * n",
        "if request.args['n'].isdigit(): return [0] * n",
    ],
)
def test_not_bounded(body: str) -> None:
    assert _is_reported(body)


@pytest.mark.parametrize(
    "body",
    [
        "return bytearray(request.data)",
        "return bytearray(b'a' + request.data)",
        "return bytearray([n, 2])",
        "return [0] * 10",
        "return n * 10",
    ],
)
def test_what_is_no_count(body: str) -> None:
    assert not _is_reported(body)
