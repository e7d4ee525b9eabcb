"""One program in three languages lowers to the same IR, apart from regions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backend_lint.frontends import lower
from backend_lint.ir import nodes as ir
from backend_lint.ir.printer import print_ir
from backend_lint.source import Language, SourceFile

_LANGUAGES = {"python": Language.PYTHON, "javascript": Language.JAVASCRIPT, "go": Language.GO}


def _triples() -> list[tuple[str, dict[str, str]]]:
    text = (Path(__file__).parent / "triples.md").read_text(encoding="utf-8")
    found = []
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        name, _, body = section.partition("\n")
        fences = re.findall(r"^```(\w+)\n(.*?)^```$", body, flags=re.MULTILINE | re.DOTALL)
        found.append((name.strip(), dict(fences)))
    return found


def _body(language: Language, text: str) -> str:
    lowered = lower(SourceFile("f", language, text.encode()))
    assert lowered.errors == ()
    functions = [node for node in lowered.module.body if isinstance(node, ir.Function)]
    assert len(functions) == 1
    return "".join(print_ir(statement) for statement in functions[0].body)


def test_there_are_enough() -> None:
    assert len(_triples()) >= 30


@pytest.mark.parametrize(("name", "sources"), _triples(), ids=[name for name, _ in _triples()])
def test_triple(name: str, sources: dict[str, str]) -> None:
    assert set(sources) == set(_LANGUAGES), name
    printed = {key: _body(_LANGUAGES[key], text) for key, text in sources.items()}
    assert printed["javascript"] == printed["python"]
    assert printed["go"] == printed["python"]
