"""The command line: click commands without analysis.

Only click and the standard library are imported when this module is; a command imports what it
needs when it runs, so that `--version` and completion answer at once.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from backend_lint import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

_FORMATS = ("full", "concise", "json", "sarif", "github")
_LEVELS = ("note", "warning", "error")
_CONFIDENCES = ("low", "medium", "high")
_DEFAULT_COMMAND = "check"


class _DefaultGroup(click.Group):
    """A group whose default command is `check`: `backend-lint src` is `backend-lint check src`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {name for option in self.get_params(ctx) for name in option.opts}
        if args and args[0] not in self.commands and args[0] not in own:
            args = [_DEFAULT_COMMAND, *args]
        return super().parse_args(ctx, args)


def _names(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """Names separated by commas, from all uses of an option."""
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())


def _format_files(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Formats and files: `sarif=report.sarif`."""
    result: list[tuple[str, str]] = []
    for value in values:
        format_, mark, file = value.partition("=")
        if not mark or not file or format_ not in _FORMATS:
            raise click.BadParameter(
                f"{value!r} is not FORMAT=FILE with one of {', '.join(_FORMATS)}"
            )
        result.append((format_, file))
    return tuple(result)


def _path_rules(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """Patterns of paths and the rules to ignore there: `tests/**:sql-injection,injection`."""
    result: dict[str, tuple[str, ...]] = {}
    for value in values:
        pattern, mark, names = value.rpartition(":")
        rules = tuple(name.strip() for name in names.split(",") if name.strip())
        if not mark or not pattern or not rules:
            raise click.BadParameter(f"{value!r} is not PATTERN:RULE,…")
        result[pattern] = (*result.get(pattern, ()), *rules)
    return result


def _engine_amounts(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    """How much each engine runs: `bandit=all`."""
    result: dict[str, str] = {}
    for value in values:
        name, mark, amount = value.partition("=")
        if name != "bandit" or not mark or amount not in ("default", "all", "off"):
            raise click.BadParameter(f"{value!r} is not bandit=default, bandit=all or bandit=off")
        result[name] = amount
    return result


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"backend-lint {__version__}")
        ctx.exit()


@click.group(
    cls=_DefaultGroup,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "-V", "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version,
    help="Show the version and exit.",
)  # fmt: skip
def cli() -> None:
    """A reviewer for back ends in Python, JavaScript/TypeScript, Go and SQL.

    Without a command, `check` runs. Exit codes: 0 no findings, 1 findings, 2 wrong use or a failed
    analysis, 130 interrupted.
    """


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(function: Any) -> Any:  # noqa: ANN401 - as click does
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def _names_option(name: str, text: str) -> Callable[[Any], Any]:
    return click.option(name, multiple=True, callback=_names, metavar="NAME,…", help=text)


_RULE_OPTIONS = _options(
    _names_option("--select", "Run these rules or families (or ALL) instead of the profile's."),
    _names_option("--extend-select", "Run these as well."),
    _names_option("--ignore", "Leave these out."),
    click.option("--profile", type=click.Choice(["default", "strict"]),
        help="The rules that run where nothing is selected."),
    click.option("--severity", type=click.Choice(_LEVELS), help="Report findings from this level."),
    click.option("--confidence", type=click.Choice(_CONFIDENCES),
        help="Report findings from this confidence."),
    click.option("--trust", type=click.Choice(["remote", "library"]),
        help="Whose data is believed: all but that of requests (remote, the default), or not that "
        "of the callers of public functions either (library)."),
    click.option("--fail-on", type=click.Choice(_LEVELS),
        help="Exit with 1 for findings from this level."),
    click.option("--per-path", multiple=True, callback=_path_rules, metavar="PATTERN:NAME,…",
        help="Ignore rules in the files that a pattern matches."),
    click.option("--engine", "engines", multiple=True, callback=_engine_amounts,
        metavar="NAME=AMOUNT",
        help="How much an engine runs: bandit=default, bandit=all or bandit=off."),
    click.option("--tests", type=click.Choice(["skip", "report"]),
        help="What happens to findings in test files (default: skip)."),
)  # fmt: skip

_FILE_OPTIONS = _options(
    _names_option("--exclude", "Leave out these paths instead of the default ones."),
    _names_option("--extend-exclude", "Leave these out as well."),
    click.option("--force-exclude/--no-force-exclude", default=None,
        help="Exclusions hold for files named here, too."),
    click.option("--respect-gitignore/--no-respect-gitignore", default=None,
        help="Leave out what .gitignore leaves out (default)."),
    click.option("--max-file-size", type=click.IntRange(min=0), metavar="BYTES",
        help="Leave out larger files (default: 1000000; 0: no limit)."),
    click.option("--stdin-filename", default="", metavar="PATH",
        help="The path that standard input (-) is read as."),
)  # fmt: skip

_CACHE_DIR = click.option(
    "--cache-dir", default="", metavar="DIR",
    help="Keep caches there instead of in the user's cache directory.",
)  # fmt: skip

_RUN_OPTIONS = _options(
    click.option("-j", "--jobs", type=click.IntRange(min=0), metavar="N",
        help="Processes (default: as many as there are processors)."),
    click.option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS",
        help="Give up on a file after this time (default: 10; 0: never)."),
    click.option("--no-cache", is_flag=True,
        help="Neither use nor keep what earlier runs found out."),
    _CACHE_DIR,
    click.option("--no-progress", is_flag=True,
        help="Do not show on a terminal how far the run is."),
)  # fmt: skip

_OUTPUT_OPTIONS = _options(
    click.option("--output-format", type=click.Choice(_FORMATS), default="full",
        show_default=True, help="The format of the report."),
    click.option("-o", "--output-file", type=click.Path(), default="",
        help="Write the report there; standard output has the summary."),
    click.option("--output", "outputs", multiple=True, callback=_format_files,
        metavar="FORMAT=FILE", help="Write one more report, such as sarif=report.sarif."),
    click.option("--sarif-category", default="", metavar="NAME",
        help="Tells several runs of one commit apart on GitHub."),
    click.option("--sarif-include-suppressed", is_flag=True,
        help="Suppressed findings go into SARIF, marked."),
    click.option("--statistics", is_flag=True, help="Count findings by rule instead."),
    click.option("--timing", is_flag=True, help="Tell the time each stage took."),
    click.option("--show-files", is_flag=True, help="List the files that would be read."),
    click.option("--show-settings", is_flag=True, help="Show the settings and the rules."),
    click.option("--strict", is_flag=True, help="Exit with 2 where anything was not analysed."),
    click.option("--exit-zero", is_flag=True, help="Exit with 0 although there are findings."),
    click.option("-q", "--quiet", is_flag=True, help="Nothing but findings and errors."),
    click.option("-v", "--verbose", is_flag=True, help="Tell every file that was not looked at."),
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto",
        show_default=True, help="Colour the report."),
    click.option("--config", multiple=True, metavar="FILE|KEY=VALUE",
        help="Use this configuration file, or set one of its keys."),
    click.option("--isolated", is_flag=True, help="Use no configuration file of the project."),
)  # fmt: skip


@cli.command(context_settings={"auto_envvar_prefix": "BACKEND_LINT"})
@click.argument("paths", nargs=-1, type=click.Path())
@_RULE_OPTIONS
@_FILE_OPTIONS
@_RUN_OPTIONS
@_OUTPUT_OPTIONS
@click.pass_context
def check(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401 - of any type
    """Check files and directories (default: the working directory).

    The whole project around them is read as context; findings are reported for the given paths.
    Every option is also an environment variable, as in BACKEND_LINT_OUTPUT_FORMAT.
    """
    from backend_lint.run import Request, run

    overrides = _overrides(options)
    request = Request(
        paths=paths or (".",),
        stdin_filename=options["stdin_filename"],
        config=options["config"],
        isolated=options["isolated"],
        overrides=overrides,
        format=options["output_format"],
        output_file=options["output_file"],
        outputs=options["outputs"],
        category=options["sarif_category"],
        include_suppressed=options["sarif_include_suppressed"],
        show_files=options["show_files"],
        show_settings=options["show_settings"],
        statistics=options["statistics"],
        timing=options["timing"],
        strict=options["strict"],
        exit_zero=options["exit_zero"],
        quiet=options["quiet"],
        verbose=options["verbose"],
        color=_wants_color(options["color"]),
        cached=not options["no_cache"],
        cache_dir=options["cache_dir"],
        progress=not options["no_progress"],
    )
    ctx.exit(run(request))


def _overrides(options: dict[str, Any]) -> dict[str, Any]:
    """The settings among the options that were given, by attribute of `Settings`."""
    from backend_lint.config import parse_confidence, parse_severity
    from backend_lint.rule import Profile
    from backend_lint.settings import TestPolicy, Trust

    given: dict[str, Any] = {}
    for name in ("select", "extend_select", "ignore", "exclude", "extend_exclude"):
        if options[name]:
            given[name] = options[name]
    for name in ("force_exclude", "respect_gitignore", "max_file_size", "timeout", "jobs"):
        if options[name] is not None:
            given[name] = options[name]
    parsers: dict[str, Callable[[Any], Any]] = {
        "severity": parse_severity,
        "fail_on": parse_severity,
        "confidence": parse_confidence,
        "profile": Profile,
        "tests": TestPolicy,
        "trust": Trust,
    }
    for name, parse in parsers.items():
        if options[name] is not None:
            given[name] = parse(options[name])
    if options["engines"]:
        given["engines"] = options["engines"]
    if options["per_path"]:
        given["per_path"] = options["per_path"]
    return given


def _wants_color(choice: str) -> bool:
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


@cli.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Show the page of a rule."""
    from backend_lint.output import write_stdout
    from backend_lint.registry import default_registry

    write_stdout(default_registry().page(rule).markdown)


@cli.command()
@click.option("--family", help="Only the rules of this family.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text")
def rules(family: str | None, output_format: str) -> None:
    """List the rules."""
    from backend_lint.catalogue import as_json, as_text
    from backend_lint.output import write_stdout
    from backend_lint.registry import default_registry

    registry = default_registry()
    write_stdout((as_json if output_format == "json" else as_text)(registry, family))


@cli.command("new-rule")
@click.argument("name")
@click.option("--family", required=True, help="The folder that the rule goes to.")
def new_rule(name: str, family: str) -> None:
    """Write the two files of a new rule, in a checkout of backend-lint."""
    from backend_lint.registry import default_registry
    from backend_lint.scaffold import write_rule

    for path in write_rule(name, family, default_registry()):
        click.echo(f"wrote {path}", err=True)


@cli.command(context_settings={"auto_envvar_prefix": "BACKEND_LINT"})
@_CACHE_DIR
@click.option("--all", "everything", is_flag=True, help="The caches of all projects.")
def clean(cache_dir: str, everything: bool) -> None:
    """Remove the cache of the project around the working directory."""
    from backend_lint.run import remove_caches

    for path in remove_caches(cache_dir, everything=everything):
        click.echo(f"removed {path}", err=True)


@cli.command()
def version() -> None:
    """Show the version."""
    click.echo(f"backend-lint {__version__}")
