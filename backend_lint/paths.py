"""What the path of a file tells: its language, whether it is a test, how much is at stake in it.

Pure functions of project-relative paths with `/` separators; no file is opened here.
"""

from __future__ import annotations

import re

from backend_lint.source import Language

_LANGUAGES = {
    ".py": Language.PYTHON,
    ".pyi": Language.PYTHON,
    ".js": Language.JAVASCRIPT,
    ".mjs": Language.JAVASCRIPT,
    ".cjs": Language.JAVASCRIPT,
    ".jsx": Language.JAVASCRIPT,
    ".ts": Language.TYPESCRIPT,
    ".mts": Language.TYPESCRIPT,
    ".cts": Language.TYPESCRIPT,
    ".tsx": Language.TSX,
    ".go": Language.GO,
    ".sql": Language.SQL,
    ".yml": Language.CONFIG,
    ".yaml": Language.CONFIG,
    ".json": Language.CONFIG,
    ".toml": Language.CONFIG,
    ".env": Language.CONFIG,
}

_LOCK_FILE = re.compile(
    r"^(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.ya?ml|composer\.lock|.*[.-]lock\.\w+)$"
)

_ENVIRONMENT_FILE = re.compile(r"^\.env([._-].+)?$")
_CONTAINER_FILE = re.compile(r"^(Dockerfile|Containerfile)([._-][^.]+)?$|\.Dockerfile$")

_GENERATED_ENDINGS = (
    ".pb.go",
    ".pb.gw.go",
    "_pb2.py",
    "_pb2.pyi",
    "_pb2_grpc.py",
    "_pb2_grpc.pyi",
    "_pb.js",
    "_pb.ts",
    ".pulsar.go",
    ".min.js",
    "-min.js",
    ".min.cjs",
    ".min.mjs",
    ".bundle.js",
    ".bundle.cjs",
    ".bundle.mjs",
    ".chunk.js",
    ".chunk.cjs",
    ".chunk.mjs",
)

_TEST_FOLDERS = frozenset(
    {
        "test",
        "tests",
        "__tests__",
        "testing",
        "spec",
        "specs",
        "e2e",
        "cypress",
        "playwright",
        "__mocks__",
        "mocks",
        "__fixtures__",
        "testdata",
        "test-utils",
        "test_utils",
        "testutil",
        "testutils",
        "integration-tests",
        "integration_tests",
        "unit-tests",
        "unit_tests",
    }
)

_TEST_NAME = re.compile(
    r"^(test_.*\.pyi?|.*_tests?\.pyi?|tests?\.pyi?|conftest\.py|.*_test\.go|e2e_?tests?_.*"
    r"|.*[._-](test|tests|spec|e2e|e2e-spec|int-spec|cy|mock)\.[cm]?[jt]sx?"
    r"|(jest|vitest|playwright|cypress|karma)\.(config|([\w-]+-)?(setup|teardown)(-[\w-]+)?)\..*)$",
    re.IGNORECASE,
)

_AUTOMATION = re.compile(
    r"(^|/)(\.github|\.gitlab|\.circleci|\.buildkite|\.woodpecker|\.ci|ci)/"
    r"|(^|/)(\.gitlab-ci|\.travis|\.drone|\.woodpecker|\.cirrus|appveyor|azure-pipelines"
    r"|bitbucket-pipelines)\.ya?ml$"
    r"|(^|/)\.env\.(test|testing|ci|e2e)(\.\w+)?$"
    r"|(^|/)[\w.-]*compose[\w.-]*[._-](test|tests|testing|ci|e2e|cypress)([._-][\w.-]*)?\.ya?ml$",
    re.IGNORECASE,
)

_LOW_STAKES_FOLDERS = frozenset(
    {
        "scripts",
        "script",
        "bin",
        "tools",
        "docs",
        "doc",
        "documentation",
        "example",
        "examples",
        "sample",
        "samples",
        "demo",
        "demos",
        "migrations",
        "migration",
        "alembic",
        "seed",
        "seeds",
        "seeders",
        "fixtures",
        "benchmarks",
        "playground",
        "sandbox",
        "tutorial",
        "tutorials",
    }
)

_LOW_STAKES_NAME = re.compile(
    r"^(seeds?|seeder|populate|fixtures?|setup|fabfile|noxfile|gulpfile|gruntfile)\.\w+$"
    r"|^.*\.config\.[cm]?[jt]s$",
    re.IGNORECASE,
)


def language_of(path: str) -> Language | None:
    """The language of a file by its name; None for files the linter does not read.

    Lock files and TypeScript declaration files (`.d.ts`) have no language.
    """
    name = path.rpartition("/")[2]
    if name.startswith(".env") and _ENVIRONMENT_FILE.match(name):
        return Language.CONFIG
    if "erfile" in name and _CONTAINER_FILE.search(name):
        return Language.CONFIG
    dot = name.rfind(".")
    language = _LANGUAGES.get(name[dot:].lower()) if dot >= 0 else None
    if language is Language.TYPESCRIPT and name.endswith((".d.ts", ".d.mts", ".d.cts")):
        return None
    if language is Language.CONFIG and _LOCK_FILE.match(name):
        return None
    return language


def is_generated_path(path: str) -> bool:
    """Whether the name alone says that a tool wrote the file (`api.pb.go`, `app.min.js`)."""
    return path.endswith(_GENERATED_ENDINGS)


def is_test_path(path: str) -> bool:
    """Whether the file is a test or serves only tests."""
    *folders, name = path.split("/")
    return not _TEST_FOLDERS.isdisjoint(folders) or _TEST_NAME.match(name) is not None


def is_automation_path(path: str) -> bool:
    """Whether the file sets up databases and the like that live as long as a test run."""
    return _AUTOMATION.search(path) is not None


def is_low_stakes_path(path: str) -> bool:
    """Whether a defect in the file is unlikely to reach production traffic.

    True for tests, scripts, documentation, examples, migrations, seeds, fixtures and the commands
    of people who manage the program.
    """
    *folders, name = path.split("/")
    return (
        not _LOW_STAKES_FOLDERS.isdisjoint(folders)
        or folders[-2:] == ["management", "commands"]
        or _LOW_STAKES_NAME.match(name) is not None
        or is_test_path(path)
    )
