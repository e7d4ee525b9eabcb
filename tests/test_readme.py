"""The README says what is true: its table of rules and its screen are generated."""

from __future__ import annotations

import re
import subprocess
import sys
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
        if name in registry.engine_names:
            continue
        rule = registry.rule(name)
        page = f"rules/{rule.family.value}/{name.replace('-', '_')}.md"
        summary = registry.page(name).summary
        cells = (f"[`{name}`]({page})", rule.family.value, rule.severity.label, summary)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def test_the_table_of_rules_is_up_to_date(request: pytest.FixtureRequest) -> None:
    _check_section(request, "rules", _table())


def _screen() -> str:
    """One finding of the bundled service and the summary, as a terminal shows them."""
    run = subprocess.run(
        [sys.executable, "-m", "backend_lint", "check", "fixtures/gin-gorm", "--no-cache"],
        cwd=_README.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stderr
    paragraphs = run.stdout.strip().split("\n\n")
    (finding, *_) = (text for text in paragraphs if text.startswith("error[sql-injection]"))
    lines = ["$ backend-lint check fixtures/gin-gorm", "", finding, "", "[…]", "", paragraphs[-1]]
    return "```text\n" + "\n".join(lines) + "\n```\n"


def test_the_screen_is_what_a_terminal_shows(request: pytest.FixtureRequest) -> None:
    _check_section(request, "screen", _screen())


def _check_section(request: pytest.FixtureRequest, name: str, content: str) -> None:
    text = _README.read_text(encoding="utf-8")
    expected = re.sub(
        rf"(<!-- {name} -->\n).*?(<!-- end -->)",
        lambda match: match[1] + content + match[2],
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
