"""Manifests tell where modules are."""

from __future__ import annotations

from backend_lint.discovery import FileChoice, discover
from backend_lint.layout import read_layout
from backend_lint.project import MemoryProject


def test_go_modules() -> None:
    project = MemoryProject(
        {
            "go.mod": b"// service\nmodule example.org/shop // main\n\ngo 1.22\n",
            "tools/go.mod": b'module "example.org/tools"\n',
            "internal/db/db.go": b"",
            "tools/gen/main.go": b"",
        }
    )
    layout = read_layout(project, ["internal/db/db.go", "tools/gen/main.go"])
    assert layout.go_modules == {"": "example.org/shop", "tools": "example.org/tools"}


def test_compiler_paths() -> None:
    config = b"""{
      // comments and trailing commas are allowed
      "compilerOptions": {
        "baseUrl": "./src", /* here */
        "paths": {"@/*": ["*"], "@db": ["db/index.ts"], "url": ["https://x//y"],},
      },
    }"""
    project = MemoryProject({"api/tsconfig.json": config, "api/src/a.ts": b""})
    assert read_layout(project, ["api/src/a.ts"]).aliases == {
        "api": {
            "@/*": ("api/src",),
            "@db": ("api/src/db/index.ts",),
            "url": ("api/src/https:/x/y",),
            "*": ("api/src",),
        }
    }


def test_extended_configuration() -> None:
    project = MemoryProject(
        {
            "tsconfig.base.json": b'{"compilerOptions": {"paths": {"#/*": ["./lib/*"]}}}',
            "api/tsconfig.json": b'{"extends": "../tsconfig.base"}',
            "loop/tsconfig.json": b'{"extends": "./tsconfig.json"}',
            "api/a.ts": b"",
        }
    )
    layout = read_layout(project, ["api/a.ts", "loop/a.ts"])
    assert layout.aliases == {"": {"#/*": ("lib",)}, "api": {"#/*": ("lib",)}}


def test_packages_of_a_monorepo() -> None:
    project = MemoryProject(
        {
            "package.json": b'{"name": "root"}',
            "packages/db/package.json": b'{"name": "@shop/db"}',
            "packages/bad/package.json": b"{",
        }
    )
    layout = read_layout(project, ["packages/db/src/a.js", "packages/bad/a.js", "a.py"])
    assert layout.packages == {"@shop/db": "packages/db"}


def test_hostile_manifest_takes_linear_time() -> None:
    for piece in (b'"\\"', b"/*", b"//", b",", b"{", b"["):
        project = MemoryProject({"tsconfig.json": piece * 50_000})
        assert read_layout(project, ["a.ts"]).aliases == {}


class _Watched(MemoryProject):
    """Remembers what is asked for."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(files)
        self.asked: list[str] = []

    def read(self, path: str) -> bytes:
        self.asked.append(path)
        return super().read(path)


def test_nothing_is_looked_for_where_the_names_are_known() -> None:
    files = {
        "package.json": b"{}",
        "web/tsconfig.json": b'{"extends": "../base/paths.json"}',
        "base/paths.json": b'{"compilerOptions": {"paths": {"@/*": ["src/*"]}}}',
        "web/src/a.ts": b"",
        "go.mod": b"module example.org/shop",
        "cmd/main.go": b"",
    }
    found = discover(MemoryProject(files), FileChoice())
    assert found.manifests["web"] == {"tsconfig.json"}
    paths = [file.path for file in found.files]
    project = _Watched(files)
    layout = read_layout(project, paths, found.manifests)
    assert sorted(project.asked) == [
        "base/paths.json",
        "go.mod",
        "package.json",
        "web/tsconfig.json",
    ]
    plain = read_layout(MemoryProject(files), paths)
    assert (layout.go_modules, layout.aliases) == (plain.go_modules, plain.aliases)
