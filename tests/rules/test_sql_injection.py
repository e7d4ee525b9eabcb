"""How sure the rule is."""

from __future__ import annotations

import pytest

from backend_lint.driver import check
from backend_lint.finding import Confidence
from backend_lint.project import MemoryProject
from backend_lint.settings import Settings

_STORE = """
def find(db, name):
    return db.execute("SELECT id FROM users WHERE name = '" + name + "'")
"""


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        ("", Confidence.MEDIUM),
        (
            "from web import Call\n\ndef show(call: Call, db):\n"
            "    return find(db, call.fields['name'])\n",
            Confidence.MEDIUM,
        ),
        ("import ids\n\ndef show(db):\n    return find(db, ids.fresh())\n", Confidence.LOW),
    ],
)
def test_confidence(caller: str, expected: Confidence) -> None:
    project = MemoryProject({"app.py": (caller + _STORE).encode()})
    settings = Settings(select=("sql-injection",), confidence=Confidence.LOW)
    (item,) = check(project, settings).findings
    assert item.finding.confidence is expected
