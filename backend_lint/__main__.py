"""The process: exit codes, interrupts and broken pipes."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

INTERRUPTED = 130


def main() -> None:
    """Run the command line; exits with 0, 1, 2 or 130."""
    code = run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    # Python would take the linked project apart object by object, which is a good part of a run.
    os._exit(code)


def run(arguments: list[str]) -> int:
    """Run the command line; the exit code."""
    if arguments in (["--version"], ["-V"]):  # without click, for scripts that ask often
        from backend_lint import __version__

        sys.stdout.write(f"backend-lint {__version__}\n")
        return 0
    import click

    from backend_lint.cli import cli
    from backend_lint.errors import UserError

    try:
        result = cli.main(args=arguments, prog_name="backend-lint", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        sys.stderr.write("interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        from backend_lint.output import drop_stdout

        drop_stdout()
        return 0
    except UserError as error:
        hint = f"\nhint: {error.hint}" if error.hint else ""
        sys.stderr.write(f"error: {error}{hint}\n")
        return error.exit_code
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    # `python -m` searches the working directory first: the reviewed project must not be able to
    # offer us its own `click.py`.
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]
    main()
