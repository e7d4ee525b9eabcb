"""One `check` from its arguments to its exit code; the command line without click."""

from __future__ import annotations

import enum
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from backend_lint.cache.place import cache_root, project_directory, remove
from backend_lint.config import read_config, read_inline
from backend_lint.diagnostic import Diagnostic, DiagnosticKind
from backend_lint.driver import check, discover_files, select_rules
from backend_lint.errors import UserError
from backend_lint.finding import Confidence, Severity
from backend_lint.map_stage import Execution
from backend_lint.output import check_writable, write_file, write_stdout
from backend_lint.project import DiskProject, OverlayProject, Project
from backend_lint.registry import default_registry
from backend_lint.reporters import TEXT_FORMATS, ReportOptions, render
from backend_lint.reporters.summary import summary
from backend_lint.reporters.text import safe, safe_path
from backend_lint.settings import Settings
from backend_lint.timings import Timings
from backend_lint.workspace import Workspace, locate, locate_new_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend_lint.report import Report

CLEAN, FINDINGS, FAILURE = 0, 1, 2
"""The exit codes."""

_MOST_DIAGNOSTICS = 10


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The arguments of `check`.

    Attributes:
        paths: files and directories; `-` alone is standard input.
        stdin_filename: the path that standard input is read as.
        config: files or `KEY=VALUE`, later ones win; empty looks for a file.
        isolated: no configuration file is looked for.
        overrides: settings of the command line, by attribute of `Settings`; `exclude`, `select` and
            the like replace, `extend_…` and `ignore` add.
        format: the format on standard output or in `output_file`.
        output_file: where the report goes instead of standard output.
        outputs: more reports, format by file.
        category: SARIF's category of the run.
        include_suppressed: suppressed findings go into SARIF.
        show_files: only list the files.
        show_settings: only show the settings.
        statistics: count findings by rule instead of showing them.
        timing: tell the time of each stage.
        strict: an incomplete analysis fails.
        exit_zero: findings do not fail.
        quiet: nothing but the report and errors.
        verbose: tell every diagnostic.
        color: text may be coloured.
        cached: what earlier runs found out is used and kept.
        cache_dir: where, instead of the user's cache directory.
        progress: a terminal may see how far the run is.
    """

    paths: tuple[str, ...] = (".",)
    stdin_filename: str = ""
    config: tuple[str, ...] = ()
    isolated: bool = False
    overrides: Mapping[str, Any] = {}
    format: str = "full"
    output_file: str = ""
    outputs: tuple[tuple[str, str], ...] = ()
    category: str = ""
    include_suppressed: bool = False
    show_files: bool = False
    show_settings: bool = False
    statistics: bool = False
    timing: bool = False
    strict: bool = False
    exit_zero: bool = False
    quiet: bool = False
    verbose: bool = False
    color: bool = False
    cached: bool = True
    cache_dir: str = ""
    progress: bool = True


def run(request: Request) -> int:
    """Check and report; the exit code.

    Raises:
        UserError: the arguments or the configuration cannot be used.
    """
    for _, file in (("", request.output_file), *request.outputs):
        if file:
            check_writable(Path(file))
    workspace, project = _open(request)
    settings = _settings(request, workspace)
    if request.show_settings:
        write_stdout(_settings_text(settings, workspace, _cache(request, workspace)))
        return CLEAN
    if request.show_files:
        found = discover_files(project, settings, scopes=workspace.scopes, whole=False)
        write_stdout("".join(f"{safe_path(workspace.shown_path(f.path))}\n" for f in found.files))
        return CLEAN
    timings = Timings()
    report = check(
        project,
        settings,
        scopes=workspace.scopes,
        whole=workspace.whole,
        root_prefix=workspace.root_prefix,
        timings=timings,
        execution=Execution(
            workers=True,
            jobs=settings.jobs,
            timeout=settings.timeout,
            cache=_cache(request, workspace),
            progress=request.progress and not request.quiet,
        ),
    )
    _write(request, report, workspace)
    _tell(request, report, workspace.shown_path)
    if request.timing:
        _say(timings.text())
    return exit_code(report, settings, strict=request.strict, exit_zero=request.exit_zero)


def exit_code(report: Report, settings: Settings, *, strict: bool, exit_zero: bool) -> int:
    """What a report means for whoever started us."""
    if any(item.kind is DiagnosticKind.CRASH for item in report.diagnostics):
        return FAILURE
    if strict and any(item.incomplete for item in report.diagnostics):
        return FAILURE
    failing = any(item.severity >= settings.fail_on for item in report.findings)
    return FINDINGS if failing and not exit_zero else CLEAN


def _open(request: Request) -> tuple[Workspace, Project]:
    base = Path.cwd()
    if "-" not in request.paths:
        workspace = locate(request.paths, base)
        return workspace, DiskProject(workspace.root)
    if len(request.paths) > 1:
        raise UserError("standard input (-) stands alone")
    if not request.stdin_filename:
        raise UserError("standard input needs --stdin-filename", hint="it tells the language")
    workspace = locate_new_file(request.stdin_filename, base)
    data = sys.stdin.buffer.read()
    return workspace, OverlayProject(DiskProject(workspace.root), workspace.scopes[0], data)


def _settings(request: Request, workspace: Workspace) -> Settings:
    """The configuration with the command line on top."""
    settings = Settings()
    files = [text for text in request.config if Path(text).is_file() or "=" not in text]
    if files:
        settings = read_config(Path(files[-1]))
    elif workspace.config is not None and not request.isolated:
        settings = read_config(workspace.config)
    for text in request.config:
        if text not in files:
            settings = msgspec.structs.replace(settings, **read_inline(text))
    given = dict(request.overrides)
    if "select" in given:
        # Selecting on the command line starts afresh.
        settings = msgspec.structs.replace(settings, extend_select=(), ignore=())
    for name in ("ignore", "extend_select", "extend_exclude"):
        if name in given:
            given[name] = (*getattr(settings, name), *given[name])
    if "per_path" in given:
        merged = dict(settings.per_path)
        for pattern, names in given["per_path"].items():
            merged[pattern] = (*merged.get(pattern, ()), *names)
        given["per_path"] = merged
    return msgspec.structs.replace(settings, **given)


def _cache(request: Request, workspace: Workspace) -> Path | None:
    """The directory of the project's caches, None where the user wants none."""
    if not request.cached:
        return None
    return project_directory(cache_root(request.cache_dir), workspace.root)


def remove_caches(cache_dir: str, *, everything: bool) -> list[Path]:
    """Remove the caches of the project around the working directory, or those of all projects.

    Returns:
        the directories that were removed.

    Raises:
        UserError: one cannot be removed.
    """
    root = cache_root(cache_dir)
    places = [project_directory(root, locate((".",), Path.cwd()).root)]
    if everything:
        places = sorted(root.iterdir()) if root.is_dir() else []
    try:
        return [place for place in places if remove(place)]
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"cannot remove {error.filename}: {reason}") from error


def _settings_text(settings: Settings, workspace: Workspace, cache: Path | None) -> str:
    import json

    rules = [rule.name for rule in select_rules(default_registry(), settings)]
    shown: dict[str, Any] = {
        "root": str(workspace.root),
        "config": str(workspace.config) if workspace.config else None,
        "cache": str(cache) if cache else None,
    }
    for name in settings.__struct_fields__:
        shown[name.replace("_", "-")] = _plain(getattr(settings, name))
    shown["confidence"] = settings.least_confidence.label
    shown["rules"] = rules
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


def _plain(value: Any) -> Any:  # noqa: ANN401 - any setting
    """A setting as it stands in a configuration file."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Severity | Confidence):
        return value.label
    return value.value if isinstance(value, enum.Enum) else value


def _write(request: Request, report: Report, workspace: Workspace) -> None:
    """Write the reports, and the summary where no report on standard output has it."""
    options = ReportOptions(
        shown_path=workspace.shown_path,
        summary=not request.quiet,
        category=request.category,
        include_suppressed=request.include_suppressed,
    )
    for name, file in request.outputs:
        write_file(Path(file), render(name, report, options))
    if request.statistics:
        text = _statistics(report, options)
    elif request.output_file:
        write_file(Path(request.output_file), render(request.format, report, options))
        text = "" if request.quiet else f"{summary(report)}\n"
    else:
        colored = msgspec.structs.replace(options, color=request.color)
        text = render(request.format, report, colored)
    write_stdout(text)
    machine = not request.output_file and not request.statistics
    if machine and request.format not in TEXT_FORMATS and not request.quiet:
        _say(f"{summary(report)}\n")


def _statistics(report: Report, options: ReportOptions) -> str:
    counts: dict[str, int] = {}
    for item in report.findings:
        counts[item.rule.name] = counts.get(item.rule.name, 0) + 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    text = "".join(f"{count:>7} {name}\n" for name, count in ranked)
    return text + (f"{summary(report)}\n" if options.summary else "")


def _tell(request: Request, report: Report, shown_path: Callable[[str], str]) -> None:
    """Diagnostics on standard error: crashes always, what is incomplete unless quiet."""
    told = [item for item in report.diagnostics if _is_told(item, request)]
    shown = told if request.verbose else told[:_MOST_DIAGNOSTICS]
    for item in shown:
        word = "error" if item.kind is DiagnosticKind.CRASH else "warning"
        where = f"{safe_path(shown_path(item.path))}: " if item.path else ""
        _say(f"{word}: {where}{safe(item.message)}\n")
    if len(told) > len(shown):
        _say(f"warning: {len(told) - len(shown)} more like these (--verbose shows all)\n")


def _is_told(item: Diagnostic, request: Request) -> bool:
    if item.kind is DiagnosticKind.CRASH or request.verbose:
        return True
    return item.incomplete and not request.quiet


def _say(text: str) -> None:
    sys.stderr.write(text)
