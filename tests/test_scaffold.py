"""`new-rule` writes two files that the registry takes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from backend_lint.errors import UserError
from backend_lint.page import parse_examples
from backend_lint.registry import Registry
from backend_lint.rule import Profile
from backend_lint.scaffold import write_rule

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.split(".")[0] == "rules"]:
        monkeypatch.delitem(sys.modules, name)
    return Registry("rules")


def test_new_rule(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="in a checkout"):
        write_rule("slow-thing", "performance", registry)
    (tmp_path / "pyproject.toml").touch()
    module, page = write_rule("slow-thing", "performance", registry)
    assert module == tmp_path / "rules" / "performance" / "slow_thing.py"
    assert page == tmp_path / "rules" / "performance" / "slow_thing.md"
    again = Registry("rules")
    assert again.rule("slow-thing").profile is Profile.STRICT
    assert again.page("slow-thing").summary
    expected, clean = parse_examples(page.read_text())
    assert expected.reported("slow-thing") == {("example.py", 1)}
    assert clean.expected == ()
    with pytest.raises(UserError, match="exists"):
        write_rule("slow-thing", "data", again)
