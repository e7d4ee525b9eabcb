"""What paths tell."""

from __future__ import annotations

import pytest

from backend_lint.paths import (
    is_automation_path,
    is_generated_path,
    is_low_stakes_path,
    is_test_path,
    language_of,
)
from backend_lint.source import Language


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.py", Language.PYTHON),
        ("a.pyi", Language.PYTHON),
        ("A.PY", Language.PYTHON),
        ("src/a.mjs", Language.JAVASCRIPT),
        ("a.cjs", Language.JAVASCRIPT),
        ("a.jsx", Language.JAVASCRIPT),
        ("a.ts", Language.TYPESCRIPT),
        ("a.mts", Language.TYPESCRIPT),
        ("a.cts", Language.TYPESCRIPT),
        ("a.tsx", Language.TSX),
        ("a.d.ts", None),
        ("a.d.mts", None),
        ("a.go", Language.GO),
        ("a.sql", Language.SQL),
        (".env", Language.CONFIG),
        (".env.production", Language.CONFIG),
        ("prod.env", Language.CONFIG),
        (".envrc", None),
        ("Dockerfile", Language.CONFIG),
        ("Dockerfile.dev", Language.CONFIG),
        ("DockerfileParser.py", Language.PYTHON),
        (".env-prod", Language.CONFIG),
        (".environment", None),
        ("api.Dockerfile", Language.CONFIG),
        ("compose.yml", Language.CONFIG),
        ("package.json", Language.CONFIG),
        ("package-lock.json", None),
        ("pnpm-lock.yaml", None),
        ("npm-shrinkwrap.json", None),
        ("README.md", None),
        ("Makefile", None),
        ("a.", None),
        ("", None),
    ],
)
def test_language_of(path: str, language: Language | None) -> None:
    assert language_of(path) is language


@pytest.mark.parametrize(
    "path",
    [
        "tests/a.py",
        "app/tests/a.py",
        "src/__tests__/a.js",
        "test_a.py",
        "a_test.py",
        "conftest.py",
        "app/tests.py",
        "pkg/a_test.go",
        "src/a.test.ts",
        "src/a.spec.tsx",
        "src/a.e2e-spec.ts",
        "pkg/testdata/a.go",
        "jest.config.js",
    ],
)
def test_tests(path: str) -> None:
    assert is_test_path(path)
    assert is_low_stakes_path(path)


@pytest.mark.parametrize("path", ["a.py", "attest.py", "latest/a.py", "contest.go", "src/spec.ts"])
def test_no_tests(path: str) -> None:
    assert not is_test_path(path)
    assert not is_low_stakes_path(path)


@pytest.mark.parametrize(
    "path",
    ["scripts/a.py", "bin/www.js", "docs/a.py", "examples/a.go", "app/migrations/0001.py",
     "db/seeds/a.ts", "shop/management/commands/fill.py", "seed.ts", "vite.config.ts", "fixtures/a.json"],
)  # fmt: skip
def test_low_stakes(path: str) -> None:
    assert is_low_stakes_path(path)
    assert not is_test_path(path)


@pytest.mark.parametrize(
    ("path", "automation"),
    [
        (".github/workflows/test.yml", True),
        (".gitlab-ci.yml", True),
        (".ci/compose.yaml", True),
        (".env.test", True),
        ("docker-compose.test.yml", True),
        ("deploy/compose.ci.yaml", True),
        ("docker-compose.yml", False),
        ("compose.prod.yaml", False),
        (".env", False),
        ("src/ci.py", False),
        ("latest.yml", False),
    ],
)
def test_automation(path: str, automation: bool) -> None:
    assert is_automation_path(path) is automation


@pytest.mark.parametrize(
    ("path", "generated"),
    [
        ("a.pb.go", True),
        ("a_pb2.py", True),
        ("a_pb2_grpc.py", True),
        ("a.min.js", True),
        ("a.bundle.js", True),
        ("admin.js", False),
        ("pb.go", False),
    ],
)
def test_generated(path: str, generated: bool) -> None:
    assert is_generated_path(path) is generated
