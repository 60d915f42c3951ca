import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import REPOSITORY, surplus, write
from surplus import cli

GP2 = 'resource "aws_ebs_volume" "v" {\n  tags = {attached-by = "a"}\n  size = 8\n  type = "gp2"\n}\n'
CLEAN = GP2.replace("gp2", "gp3")
UNKNOWN = 'variable "t" {}\n' + GP2.replace('"gp2"', "var.t")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "SURPLUS_DEBUG", "TF_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    yield tmp_path


class Outcome:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> object:
    def run(*arguments: str) -> Outcome:
        code = cli.run(arguments)
        return Outcome(code, *capsys.readouterr())

    return run


# Exit codes.


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        (CLEAN, (), 0),
        (GP2, (), 1),
        (GP2, ("--exit-zero",), 0),
        (GP2, ("--fail-on", "never"), 0),
        (UNKNOWN, (), 0),
        (UNKNOWN, ("--strict",), 0),
        ("resource {", (), 0),
        ("resource {", ("--strict",), 2),
        ("resource {", ("--strict", "--exit-zero"), 2),
        (GP2 + "resource {", (), 1),
        (GP2 + "resource {", ("--strict",), 2),
    ],
)
def test_exit_codes(here: Path, command, text: str, arguments: tuple[str, ...], code: int) -> None:  # type: ignore[no-untyped-def]
    write(here, {"main.tf": text})
    assert command("check", *arguments).code == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "--nope"), "No such option: --nope"),
        (("check", "--exit-zer"), "--exit-zero"),
        (("chekc",), "No such command 'chekc'"),
        (("check", "--output-format", "xml"), "'text', 'concise', 'json'"),
        (("check", "--fail-on", "always"), "'error', 'warning', 'info', 'never'"),
        (("check", "nowhere"), "error: nowhere: there is no such file or folder"),
        (("check", "--root", "nowhere"), "--root is not a folder"),
        (("check", "--config", "nowhere"), "nowhere"),
        (("rule", "aws-ebs-gp2"), "there is no rule `aws-ebs-gp2`; did you mean `aws-ebs-gp2-volume`?"),
        (("test", "nowhere.yaml"), "error: nowhere.yaml: cannot be read: No such file or directory"),
    ],
)
def test_wrong_use(here: Path, command, arguments: tuple[str, ...], message: str) -> None:  # type: ignore[no-untyped-def]
    outcome = command(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err and "Traceback" not in outcome.err


def test_alone_it_explains_itself(here: Path, command) -> None:  # type: ignore[no-untyped-def]
    outcome = command()
    assert outcome.code == 0
    assert outcome.out.startswith("Usage: surplus ") and all(f"  {name} " in outcome.out for name in ("check", "rule"))
    assert command("--help").out.strip() == outcome.out.strip()


def test_the_version(here: Path, command) -> None:  # type: ignore[no-untyped-def]
    from surplus.version import __version__

    outcome = command("--version")
    assert (outcome.code, outcome.out) == (0, f"surplus {__version__}\n")


@pytest.mark.parametrize("name", ["check", "inspect", "rule", "test"])
def test_every_command_has_help(here: Path, command, name: str) -> None:  # type: ignore[no-untyped-def]
    outcome = command(name, "--help")
    assert outcome.code == 0 and f"surplus {name}" in outcome.out


def test_an_unexpected_error_is_one_line(here: Path, command, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    def fails(_: object) -> None:
        raise ZeroDivisionError("by\nnothing\x1b[31m")

    monkeypatch.setattr("surplus.run.check", fails)
    outcome = command("check")
    assert outcome.code == 2
    assert outcome.err == (
        "error: internal error: ZeroDivisionError: by nothing\ufffd[31m; please report it, "
        "with what SURPLUS_DEBUG=1 prints in addition\n"
    )
    monkeypatch.setenv("SURPLUS_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        command("check")


def test_an_interrupt(here: Path, command, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("surplus.run.check", interrupted)
    assert command("check").code == 130


def test_an_interrupt_while_a_rules_function_runs(here: Path, command, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    write(here, {"main.tf": 'resource "aws_instance" "i" {\n  instance_type = "m3.large"\n  ami = "a"\n}\n'})
    monkeypatch.setattr("surplus.catalog.machines.newer", interrupted)
    outcome = command("check")
    assert (outcome.code, outcome.out, outcome.err) == (130, "", "interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="signals are sent in another way there")
def test_ctrl_c(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    program = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a suite in the background ignores it
        "from surplus import cli, run\n"
        "def check(options):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    import time; time.sleep(60)\n"
        "run.check = check\n"
        "sys.exit(cli.run(['check']))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "linter")}
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert (run.returncode, run.stderr) == (130, "interrupted\n")


# Streams and files.


def test_findings_on_stdout_everything_else_on_stderr(here: Path, command) -> None:  # type: ignore[no-untyped-def]
    write(here, {"main.tf": GP2 + 'variable "x" {}\nresource "aws_ebs_volume" "w" {\n  type = var.x\n  size = 1\n}\n'})
    write(here, {"bad.tf": "resource {"})
    outcome = command("check")
    assert outcome.out.startswith("error[aws-ebs-gp2-volume]: ") and "problem" not in outcome.out.split("\n\n")[0]
    assert outcome.err.startswith("problem: bad.tf:1:") and "undecided: 1 × " in outcome.err
    quiet = command("check", "--quiet")
    assert quiet.err == "" and "resource in" not in quiet.out and quiet.out.startswith("error[")
    every = command("check", "--show-unknowns").err
    assert "undecided: main.tf:7:1: aws-ebs-gp2-volume on aws_ebs_volume.w: " in every


def test_nothing_to_scan(here: Path, command) -> None:  # type: ignore[no-untyped-def]
    outcome = command("check")
    assert (outcome.code, outcome.out, outcome.err) == (0, "no findings · 0 resources in 0 roots\n", "")


def test_the_output_file(here: Path, command) -> None:  # type: ignore[no-untyped-def]
    write(here, {"main.tf": GP2, "out.json": "before"})
    outcome = command("check", "--output-format", "json", "-o", "out.json", "--quiet")
    assert (outcome.code, outcome.out, outcome.err) == (1, "", "")
    assert (here / "out.json").read_text("utf-8") == command("check", "--output-format", "json").out
    assert sorted(path.name for path in here.iterdir()) == [".git", "main.tf", "out.json"]


@pytest.mark.parametrize("target", ["no/such/folder/out.json", "folder"])
def test_an_output_file_that_cannot_be_written(here: Path, command, target: str) -> None:  # type: ignore[no-untyped-def]
    write(here, {"main.tf": CLEAN})
    (here / "folder").mkdir()
    outcome = command("check", "-o", target)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: {target}: cannot be written: ")
    assert [path.name for path in here.rglob("*.part")] == []


def test_an_output_file_behind_a_link(here: Path, command) -> None:  # type: ignore[no-untyped-def]
    write(here, {"main.tf": CLEAN, "real.txt": "before"})
    (here / "link.txt").symlink_to("real.txt")
    command("check", "-o", "link.txt")
    assert (here / "link.txt").is_symlink()
    assert (here / "real.txt").read_text("utf-8").startswith("no findings")


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="there is no such device")
def test_a_device_is_written_not_replaced(here: Path, command) -> None:  # type: ignore[no-untyped-def]
    write(here, {"main.tf": CLEAN})
    os.mkfifo(here / "pipe")
    reader = os.open(here / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert command("check", "-o", "pipe").code == 0
    assert os.read(reader, 1000).startswith(b"no findings")
    os.close(reader)
    assert (here / "pipe").is_fifo()


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    write(tmp_path, {f"r{number}/main.tf": GP2 for number in range(300)})
    (tmp_path / ".git").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "linter")}
    command = [sys.executable, "-m", "surplus", "check"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout and run.stderr
        run.stdout.readline()
        run.stdout.close()
        assert (run.stderr.read(), run.wait()) == ("", 1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
def test_a_full_disk(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "linter")}
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "surplus", "check", "."],
            cwd=tmp_path, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (run.returncode, run.stderr) == (2, "error: standard output cannot be written: No space left on device\n")


# Colour.


@pytest.mark.parametrize(
    ("environment", "arguments", "coloured"),
    [
        ({}, (), False),
        ({}, ("--color", "always"), True),
        ({"FORCE_COLOR": "1"}, (), True),
        ({"CLICOLOR_FORCE": "1"}, (), True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, (), False),
        ({"FORCE_COLOR": "1"}, ("--color", "never"), False),
        ({"FORCE_COLOR": "1"}, ("--output-format", "json"), False),
    ],
)
def test_colour(  # type: ignore[no-untyped-def]
    here: Path,
    command,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    arguments: tuple[str, ...],
    coloured: bool,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    write(here, {"main.tf": GP2})
    assert ("\033[" in command("check", *arguments).out) is coloured


# The other commands.


def test_rule(here: Path, command) -> None:  # type: ignore[no-untyped-def]
    assert command("rule").out.startswith("Terraform, compute\n")
    assert command("rule", "aws-ebs-gp2-volume").out.startswith("aws-ebs-gp2-volume\n====")


def test_inspect(here: Path, command) -> None:  # type: ignore[no-untyped-def]
    write(here, {"main.tf": UNKNOWN})
    assert command("inspect").out == "aws_ebs_volume.v  main.tf:2  unknown: type\n"
    assert '"unknown": [\n' in command("inspect", "--output-format", "json").out


def test_test(here: Path, command) -> None:  # type: ignore[no-untyped-def]
    source = REPOSITORY / "rules/terraform/aws/aws-ebs-gp2-volume.yaml"
    text = source.read_text("utf-8")
    write(here, {"aws-ebs-gp2-volume.yaml": text})
    outcome = command("test", "aws-ebs-gp2-volume.yaml")
    assert outcome.code == 0 and outcome.out.endswith(" passed, 0 failed (1 rules)\n")
    wrong = re.sub(r"findings: \[\{line: 1, saving: 60.0\}\]", "findings: [{line: 3}]", text, count=1)
    assert wrong != text
    write(here, {"aws-ebs-gp2-volume.yaml": wrong})
    outcome = command("test", "aws-ebs-gp2-volume.yaml")
    assert outcome.code == 1
    first = outcome.out.splitlines()[0]
    assert first.startswith("aws-ebs-gp2-volume.yaml:") and first.endswith(": expected a finding at main.tf:3")
    assert ", 1 failed (1 rules)" in outcome.out


def test_the_module_and_the_clone_are_the_command(tmp_path: Path) -> None:
    run = surplus("--version", cwd=tmp_path)
    clone = subprocess.run(
        [sys.executable, REPOSITORY / "linter", "--version"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert run.stdout == clone.stdout and run.returncode == 0
