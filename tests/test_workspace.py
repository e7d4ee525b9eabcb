"""From paths to the root of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backend_lint.errors import UserError
from backend_lint.workspace import locate, locate_new_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    for path in ("api/src/a.py", "web/b.js"):
        place = tmp_path / path
        place.parent.mkdir(parents=True)
        place.touch()
    (tmp_path / "api" / "backend-lint.toml").touch()
    return tmp_path


def test_git_root(repository: Path) -> None:
    found = locate(["web"], repository)
    assert (found.root, found.scopes, found.whole) == (repository, ("web",), True)
    assert (found.config, found.root_prefix) == (None, "")


def test_nearest_configuration(repository: Path) -> None:
    for paths in (["api"], ["api/src/a.py"], ["api/src", "api"]):
        found = locate(paths, repository)
        assert found.root == repository / "api"
        assert found.root_prefix == "api/"
        assert found.config == repository / "api" / "backend-lint.toml"
    assert locate(["api"], repository).scopes == ("",)
    assert locate(["src/a.py"], repository / "api").scopes == ("src/a.py",)


def test_paths_of_two_projects_share_the_root_above(repository: Path) -> None:
    found = locate(["api/src", "web/b.js"], repository)
    assert found.root == repository
    assert found.scopes == ("api/src", "web/b.js")


def test_without_any_mark(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    inside = locate(["a"], tmp_path)
    assert (inside.root, inside.scopes, inside.whole) == (tmp_path, ("a",), False)
    outside = locate([str(tmp_path / "a")], tmp_path / "a" / "b")
    assert (outside.root, outside.scopes, outside.whole) == (tmp_path / "a", ("",), False)


def test_shown_paths(repository: Path) -> None:
    found = locate([str(repository / "web")], repository / "api")
    assert found.shown_path("web/b.js") == "../web/b.js"
    assert found.shown_path("api/src/a.py") == "src/a.py"


def test_links_are_resolved(repository: Path) -> None:
    (repository / "alias.js").symlink_to(repository / "web" / "b.js")
    assert locate(["alias.js"], repository).scopes == ("web/b.js",)


def test_missing_paths(repository: Path) -> None:
    with pytest.raises(UserError, match=r"no such file or directory: gone\.py"):
        locate(["gone.py"], repository)
    (repository / "dead.py").symlink_to(repository / "gone.py")
    with pytest.raises(UserError, match="a link that leads nowhere"):
        locate(["dead.py"], repository)
    (repository / "loop.py").symlink_to(repository / "loop.py")
    with pytest.raises(UserError, match="a link that leads nowhere"):
        locate(["loop.py"], repository)


def test_new_file(repository: Path) -> None:
    assert locate_new_file("web/new/c.js", repository).scopes == ("web/new/c.js",)
    assert locate_new_file("api/new.py", repository).root == repository / "api"
