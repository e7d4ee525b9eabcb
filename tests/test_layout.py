"""Manifests tell where modules are."""

from __future__ import annotations

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
