"""Commands, options, exit codes, streams. No logic: every command hands over to the module that does it."""

import gc
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from surplus.cli_options import (
    Config,
    GroupBy,
    Isolated,
    Level,
    NoGitignore,
    OutputFile,
    OutputFormat,
    Paths,
    ReportFormat,
    Root,
    StdinFilename,
    UsageFile,
    UsageProfile,
    Var,
    VarFile,
    Workspace,
    scan_options,
    user_price_folder,
)
from surplus.model import SurplusError
from surplus.reporters.style import printable
from surplus.streams import Colour, coloured, lines, price_remarks, remarks, width, write
from surplus.version import __version__

USAGE_ERROR: type[Exception] = next(one for one in typer.BadParameter.__mro__ if one.__name__ == "ClickException")
"""What typer raises for a wrong command line; newer versions carry click inside, older ones import it."""

CLEAN, FINDINGS, WRONG, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="surplus",
    help="Find what an infrastructure pays for and does not need, before it is merged.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def run(arguments: Sequence[str]) -> int:
    """Run a command line; the exit code is the result, no exception leaves."""
    gc.set_threshold(200_000, 20, 100)  # parsing makes no cycles; counting them costs a quarter of it
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    try:
        code = app(list(arguments), prog_name="surplus", standalone_mode=False)
    except typer.Exit as error:
        code = error.exit_code
    except USAGE_ERROR as error:
        error.show()  # type: ignore[attr-defined]
        return WRONG
    except SurplusError as error:
        for line in str(error).splitlines():
            sys.stderr.write(f"error: {printable(line)}\n")
        return WRONG
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except Exception as error:
        if os.environ.get("SURPLUS_DEBUG"):
            raise
        detail = printable(f"{type(error).__name__}: {error}".removesuffix(": ").replace("\n", " "))
        sys.stderr.write(
            f"error: internal error: {detail}; please report it, with what SURPLUS_DEBUG=1 prints in addition\n"
        )
        return WRONG
    if code == INTERRUPTED:
        sys.stderr.write("interrupted\n")
    return code if isinstance(code, int) else CLEAN


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    if version:
        sys.stdout.write(f"surplus {__version__}\n")
        raise typer.Exit(CLEAN)
    if context.invoked_subcommand is None:
        sys.stdout.write(context.get_help() + "\n")
        raise typer.Exit(CLEAN)


@app.command()
def check(
    paths: Paths = None,
    output_format: Annotated[
        OutputFormat, typer.Option("--output-format", help="How to write it.")
    ] = OutputFormat.TEXT,
    output_file: OutputFile = None,
    fail_on: Annotated[Level | None, typer.Option("--fail-on", help="The least severity that fails the run.")] = None,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit with 0 although there are findings.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 2 where something could not be read.")] = False,
    show_unknowns: Annotated[
        bool, typer.Option("--show-unknowns", help="Name each thing that was undecided or left out.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print findings only.")] = False,
    min_saving: Annotated[
        float | None, typer.Option("--min-saving", min=0, help="Leave out what saves less USD a month.")
    ] = None,
    usage_file: UsageFile = None,
    usage_profile: UsageProfile = None,
    colour: Annotated[Colour, typer.Option("--color", help="When to colour text.")] = Colour.AUTO,
    config: Config = None,
    isolated: Isolated = False,
    root: Root = None,
    workspace: Workspace = None,
    var_file: VarFile = None,
    var: Var = None,
    no_respect_gitignore: NoGitignore = False,
    stdin_filename: StdinFilename = None,
) -> int:
    """Run the rules."""
    from surplus.reporters import text
    from surplus.reporters.style import Style
    from surplus.run import check as run_check
    from surplus.run import failed

    options = scan_options(
        paths, config, isolated, root, no_respect_gitignore, fail_on, workspace, var_file, var, stdin_filename
    )
    if min_saving is not None and not math.isfinite(min_saving):
        raise typer.BadParameter("--min-saving: give a number of USD")
    result = run_check(replace(options, min_saving=min_saving, usage_file=usage_file, usage_profile=usage_profile))
    style = Style(coloured(colour, sys.stdout) and output_file is None, width(output_file))
    if output_format is OutputFormat.JSON:
        from surplus.reporters import json

        report = json.report(result)
    else:
        render = text.full if output_format is OutputFormat.TEXT else text.concise
        report = render(result, style, with_summary=not quiet)
    write(report, output_file)
    if not quiet:
        remarks(result.problems, result.undecided, Style(coloured(colour, sys.stderr)), show_unknowns)
        price_remarks(result.prices)
    if strict and result.problems:
        return WRONG
    return FINDINGS if failed(result) and not exit_zero else CLEAN


@app.command()
def cost(
    paths: Paths = None,
    group_by: Annotated[GroupBy | None, typer.Option("--group-by", help="Sum by this.")] = None,
    output_format: Annotated[
        ReportFormat, typer.Option("--output-format", help="How to write it.")
    ] = ReportFormat.TEXT,
    output_file: OutputFile = None,
    usage_file: UsageFile = None,
    usage_profile: UsageProfile = None,
    config: Config = None,
    isolated: Isolated = False,
    root: Root = None,
    workspace: Workspace = None,
    var_file: VarFile = None,
    var: Var = None,
    colour: Annotated[Colour, typer.Option("--color", help="When to colour text.")] = Colour.AUTO,
    no_respect_gitignore: NoGitignore = False,
    stdin_filename: StdinFilename = None,
) -> int:
    """Show what everything costs a month."""
    from surplus.reporters import cost as reporter
    from surplus.reporters.style import Style
    from surplus.run import cost as run_cost

    options = scan_options(
        paths, config, isolated, root, no_respect_gitignore, None, workspace, var_file, var, stdin_filename
    )
    inventory = run_cost(replace(options, usage_file=usage_file, usage_profile=usage_profile))
    group = group_by.value if group_by else None
    if output_format is ReportFormat.JSON:
        report = reporter.as_json(inventory, group)
    else:
        style = Style(coloured(colour, sys.stdout) and output_file is None, width(output_file))
        report = reporter.as_text(inventory, style, group)
    write(report, output_file)
    remarks(inventory.problems, (), Style(coloured(colour, sys.stderr)), False)
    price_remarks(inventory.prices)
    return CLEAN


prices_app = typer.Typer(help="The price book: what is in it, and prices of your own in it.", no_args_is_help=False)
app.add_typer(prices_app, name="prices")


@prices_app.callback(invoke_without_command=True)
def prices(context: typer.Context) -> int:
    """Show the dates and the coverage of the price book."""
    if context.invoked_subcommand is None:
        from surplus.reporters import prices as reporter

        write(reporter.as_text(Path(user_price_folder())), None)
    return CLEAN


@prices_app.command()
def update(
    source: Annotated[
        list[Path], typer.Option("--from", help="A file or folder with the price lists you have downloaded.")
    ],
) -> int:
    """Take over prices from AWS offer files (EC2, RDS; JSON or CSV) and Azure Retail Prices pages; no network."""
    from surplus.pricing.imports import import_prices

    done = import_prices(source, Path(user_price_folder()))
    for problem in done.problems:
        sys.stderr.write(f"problem: {printable(problem)}\n")
    write(lines(done.summary()), None)
    return WRONG if done.problems and not done.prices else CLEAN


@app.command()
def inspect(
    paths: Paths = None,
    output_format: Annotated[
        ReportFormat, typer.Option("--output-format", help="How to write it.")
    ] = ReportFormat.TEXT,
    output_file: OutputFile = None,
    config: Config = None,
    isolated: Isolated = False,
    root: Root = None,
    workspace: Workspace = None,
    var_file: VarFile = None,
    var: Var = None,
    no_respect_gitignore: NoGitignore = False,
    stdin_filename: StdinFilename = None,
) -> int:
    """Show the evaluated resources, as the rules see them."""
    from surplus.reporters import inspect as reporter
    from surplus.reporters.style import Style
    from surplus.run import inspect as run_inspect

    options = scan_options(
        paths, config, isolated, root, no_respect_gitignore, None, workspace, var_file, var, stdin_filename
    )
    result = run_inspect(options)
    write(
        reporter.as_json(result) if output_format is ReportFormat.JSON else reporter.as_text(result),
        output_file,
    )
    remarks(result.problems, result.undecided, Style(coloured(Colour.AUTO, sys.stderr)), False)
    return CLEAN


@app.command()
def explain(
    address: Annotated[str, typer.Argument(help="A resource's address, or ADDRESS.attribute.")],
    paths: Paths = None,
    config: Config = None,
    isolated: Isolated = False,
    root: Root = None,
    workspace: Workspace = None,
    var_file: VarFile = None,
    var: Var = None,
    colour: Annotated[Colour, typer.Option("--color", help="When to colour text.")] = Colour.AUTO,
    usage_file: UsageFile = None,
    usage_profile: UsageProfile = None,
    no_respect_gitignore: NoGitignore = False,
    stdin_filename: StdinFilename = None,
) -> int:
    """Show where a value comes from, or why it is not known; of a resource, how its price was made."""
    from surplus.explain import explain as run_explain
    from surplus.reporters import explain as reporter
    from surplus.reporters.style import Style

    options = scan_options(
        paths, config, isolated, root, no_respect_gitignore, None, workspace, var_file, var, stdin_filename
    )
    style = Style(coloured(colour, sys.stdout), width(None))
    write(
        reporter.as_text(
            run_explain(replace(options, usage_file=usage_file, usage_profile=usage_profile), address), style
        ),
        None,
    )
    return CLEAN


@app.command()
def rule(
    rule_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="A rule's id; without one, the catalogue.")
    ] = None,
    config: Config = None,
    root: Root = None,
) -> int:
    """Show the catalogue, or the page of one rule."""
    from surplus import docs
    from surplus.run import known_rules

    rules = known_rules(scan_options(None, config, False, root))
    page = docs.terminal_page(docs.find(rules, rule_id)) if rule_id else docs.terminal_catalogue(rules, width(None))
    write(lines(page), None)
    return CLEAN


@app.command()
def test(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Rule files and folders; the default is the shipped rules.")
    ] = None,
) -> int:
    """Run the examples of rules."""
    from surplus import examples

    results = examples.run_all(examples.load(paths))
    write(lines(examples.report(results)), None)
    return CLEAN if all(result.passed for result in results) else FINDINGS
