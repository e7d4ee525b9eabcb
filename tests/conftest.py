"""Options and fixtures shared by all tests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite golden files instead of comparing with them (refused in CI)",
    )


class Golden:
    """Compares a text with a file beside the test, or rewrites the file with --update-golden."""

    def __init__(self, update: bool) -> None:
        self._update = update

    def check(self, actual: str, path: Path) -> None:
        if self._update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8")
            return
        assert path.exists(), f"{path} is missing: run pytest --update-golden and read the result"
        assert actual == path.read_text(encoding="utf-8")


@pytest.fixture(scope="session", autouse=True)
def _no_cache_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["BACKEND_LINT_CACHE_DIR"] = str(tmp_path_factory.mktemp("caches"))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    update = bool(request.config.getoption("--update-golden"))
    if update and os.environ.get("CI"):
        pytest.fail("golden files are not rewritten in CI")
    return Golden(update)
