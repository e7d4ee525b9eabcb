"""The README says what is true: its table of rules and its screen are generated."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from backend_lint.registry import default_registry

if TYPE_CHECKING:
    import pytest

_README = Path(__file__).parent.parent / "README.md"


def _table() -> str:
    registry = default_registry()
    lines = ["| rule | family | severity | what it says |", "|---|---|---|---|"]
    for name in registry.names:
        rule = registry.rule(name)
        page = f"rules/{rule.family.value}/{name.replace('-', '_')}.md"
        summary = registry.page(name).summary
        cells = (f"[`{name}`]({page})", rule.family.value, rule.severity.label, summary)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def test_the_table_of_rules_is_up_to_date(request: pytest.FixtureRequest) -> None:
    text = _README.read_text(encoding="utf-8")
    expected = re.sub(
        r"(<!-- rules -->\n).*?(<!-- end -->)",
        lambda match: match[1] + _table() + match[2],
        text,
        count=1,
        flags=re.DOTALL,
    )
    if request.config.getoption("--update-golden"):
        _README.write_text(expected, encoding="utf-8")
    assert _README.read_text(encoding="utf-8") == expected


def test_both_commands_are_there() -> None:
    text = _README.read_text(encoding="utf-8")
    commands = [line for line in text.splitlines() if line.startswith("python3 -m venv .venv &&")]
    assert len(commands) == 2
    assert "backend-lint check fixtures/" in commands[0]
    assert "pytest" in commands[1]


def test_every_link_points_to_a_file() -> None:
    text = _README.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (_README.parent / target).exists(), target
