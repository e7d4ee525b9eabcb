"""What is found in files that run once, or on the machine of whoever writes the program."""

from __future__ import annotations

import pytest

from backend_lint.driver import check
from backend_lint.project import MemoryProject
from backend_lint.settings import Settings

_SQL = "def fill(cursor, kind):\n    cursor.execute(f\"INSERT INTO kinds VALUES ('{kind}')\")\n"
_SECRET = 'SECRET_KEY = "q7Hs2kLm9ZxR4tVw8NbCq7Hs2kLm9Zx"\n'


@pytest.mark.parametrize(
    ("path", "text", "rule", "seen"),
    [
        ("shop/store.py", _SQL, "sql-injection", True),
        ("shop/migrations/0002_fill.py", _SQL, "sql-injection", False),
        ("shop/settings/base.py", _SECRET, "hardcoded-secret", True),
        ("shop/settings/development.py", _SECRET, "hardcoded-secret", False),
        ("shop/settings_local.py", _SECRET, "hardcoded-secret", False),
        ("shop/local/settings.py", _SECRET, "hardcoded-secret", True),
    ],
)
def test_the_place_decides(path: str, text: str, rule: str, *, seen: bool) -> None:
    report = check(MemoryProject({path: text.encode()}), Settings(select=(rule,)))
    assert [item.rule.name for item in report.findings] == [rule] * seen
