"""Standard input: rendered manifests and plans, told apart from the files of the tree."""

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from support import REPOSITORY, write
from surplus import cli, piped
from surplus.model import ConfigError
from surplus.piped import SHOWN, open_piped, read_all
from surplus.trees import MAX_FILE_BYTES

RENDERED = """\
---
# Source: shop/templates/api.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: dev-shop}
spec:
  replicas: 5
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - {name: api, image: api, resources: {requests: {cpu: 1, memory: 1Gi}}}
---
# Source: shop/charts/scale/templates/hpa.yaml
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api, namespace: dev-shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 2
  maxReplicas: 9
"""
CLASS = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: ebs.csi.aws.com
parameters: {type: gp2}
"""
ONLY = """\
rules:
  "*": {enabled: false}
  aws-eip-unattached: {enabled: true}
  k8s-hpa-replicas-conflict: {enabled: true}
  k8s-storageclass-gp2: {enabled: true}
"""
"""What the input is made for: a new rule may find more in it."""

CONFLICT = "<stdin>:7:13: error k8s-hpa-replicas-conflict Every apply sets replicas to 5, but"


class Outcome:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


Run = Callable[..., Outcome]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "TF_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    write(tmp_path, {"surplus.yaml": ONLY})
    yield tmp_path


@pytest.fixture
def run(here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def command(given: str | bytes, *arguments: str) -> Outcome:
        data = given if isinstance(given, bytes) else given.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        code = cli.run(arguments)
        return Outcome(code, *capsys.readouterr())

    return command


def test_findings_have_the_lines_of_the_input_and_name_the_template(run: Run) -> None:
    outcome = run(RENDERED, "check", "-")
    assert outcome.code == 1 and outcome.err == ""
    assert " --> <stdin>:7:13\n" in outcome.out and "\n7 |   replicas: 5\n" in outcome.out
    assert "\n  = from: shop/templates/api.yaml\n" in outcome.out
    assert "\n  = env:  dev: namespace dev-shop matches dev-*\n" in outcome.out
    (line, _) = run(RENDERED, "check", "-", "--output-format", "concise").out.splitlines()
    assert line.startswith(CONFLICT) and line.endswith("  (dev)  (from shop/templates/api.yaml)")


def test_the_json_report(run: Run) -> None:
    report = json.loads(run(RENDERED, "check", "-", "--output-format", "json").out)
    schema = json.loads((REPOSITORY / "linter/surplus/schemas/report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(report)
    (finding,) = report["findings"]
    assert finding["location"] == {"path": SHOWN, "line": 7, "column": 13, "end_line": 7, "end_column": 14}
    assert finding["rendered_from"] == "shop/templates/api.yaml"
    assert finding["root"]["kind"] == "manifests" and report["summary"]["files"] == 1


def test_nothing_is_edited_in_what_was_rendered(run: Run) -> None:
    def edits(text: str, *more: str) -> list[Any]:
        (finding,) = json.loads(run(text, "check", "-", "--output-format", "json", *more).out)["findings"]
        found: list[Any] = finding["fix"]["edits"]
        return found

    plain = "\n".join(line for line in RENDERED.splitlines() if "# Source" not in line)
    assert edits(RENDERED) == edits(plain) == edits(RENDERED, "--stdin-filename", "a.yaml") == []
    assert [edit["path"] for edit in edits(plain, "--stdin-filename", "a.yaml")] == ["a.yaml"]


def test_what_is_committed_says_too_what_it_was_rendered_from(run: Run, here: Path) -> None:
    write(here, {"out.yaml": RENDERED})
    (finding,) = json.loads(run("", "check", "--output-format", "json").out)["findings"]
    assert finding["location"]["path"] == "out.yaml"
    assert (finding["rendered_from"], finding["fix"]["edits"]) == ("shop/templates/api.yaml", [])


def test_a_source_that_is_no_template_is_a_comment(run: Run) -> None:
    text = RENDERED.replace("# Source: shop/templates/api.yaml", "# Source: https://example.com/templates/api.yaml")
    assert "= from:" not in run(text, "check", "-").out


def test_the_other_commands(run: Run) -> None:
    inspected = json.loads(run(RENDERED, "inspect", "-", "--output-format", "json").out)["resources"]
    assert [(one["location"]["path"], one["location"]["line"], one["rendered_from"]) for one in inspected] == [
        (SHOWN, 4, "shop/templates/api.yaml"),
        (SHOWN, 17, "shop/charts/scale/templates/hpa.yaml"),
    ]
    assert run(RENDERED, "inspect", "-").out.startswith("Deployment/dev-shop/api  <stdin>:4\n")
    priced = json.loads(run(RENDERED, "cost", "-", "--output-format", "json").out)["resources"]
    assert priced[0]["monthly_usd"] > 0 and priced[0]["rendered_from"] == "shop/templates/api.yaml"
    explained = run(RENDERED, "explain", "Deployment/dev-shop/api.spec.replicas", "-").out
    assert explained.startswith(
        "Deployment/dev-shop/api.spec.replicas = 5\nin ., rendered from shop/templates/api.yaml\n --> <stdin>:7:13\n"
    )


def test_files_of_the_tree_are_not_judged_and_not_related(run: Run, here: Path) -> None:
    deployment, scaler = RENDERED.split("---\n")[1:]
    write(here, {"hpa.yaml": scaler, "class.yaml": CLASS, "main.tf": 'resource "aws_eip" "e" {}\n'})
    outcome = run(deployment, "check", "-")
    assert (outcome.code, outcome.out) == (0, "no findings · 1 resource in 1 root\n")


# Policies.


def test_the_policy_of_the_working_directory_governs(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        here,
        {
            "surplus.yaml": "extends: [default]\n",
            "apps/surplus.yaml": "extends: [default]\nrules: {k8s-hpa-replicas-conflict: {enabled: false}}\n",
            "apps/pay/x.yaml": "",
        },
    )
    assert run(RENDERED, "check", "-").code == 1
    monkeypatch.chdir(here / "apps/pay")
    assert run(RENDERED, "check", "-").code == 0
    assert run(RENDERED, "check", "-", "--isolated").code == 1
    assert run(RENDERED, "check", "-", "--config", "../../surplus.yaml").code == 1
    assert run(RENDERED, "check", "-", "--stdin-filename", "../../out.yaml").code == 1
    assert run(RENDERED, "check", "-", "--root", str(here)).code == 0
    assert run(RENDERED, "check", "-", "--root", str(write(here / "elsewhere", {"a": ""}))).code == 1


def test_a_name_says_where_it_would_be(run: Run, here: Path) -> None:
    policy = 'extends: [default]\nscopes: [{paths: ["out/**"], rules: {"k8s-*": {severity: info}}}]\n'
    write(here, {"surplus.yaml": policy})
    text = RENDERED.replace("dev-shop", "shop")
    outcome = run(text, "check", "-", "--stdin-filename", "out/prod/all.yaml", "--output-format", "concise")
    assert outcome.code == 0
    assert outcome.out.startswith("out/prod/all.yaml:7:13: info k8s-hpa-replicas-conflict ")
    assert outcome.out.splitlines()[0].endswith("  (prod)  (from shop/templates/api.yaml)")
    assert run(text, "check", "-").code == 1


def test_what_was_piped_has_no_owner_in_codeowners(run: Run, here: Path) -> None:
    write(here, {"CODEOWNERS": "* @everything\nout/ @team\n"})

    def owner(*more: str) -> str | None:
        report = json.loads(run(RENDERED, "check", "-", "--output-format", "json", *more).out)
        found: str | None = report["findings"][0]["owner"]
        return found

    assert owner() is None
    assert owner("--stdin-filename", "out/all.yaml") == "@team"


# What is not as it should be.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "-", "."), "-: standard input is judged alone; name it, or files and folders (`./-` is a file)"),
        (("cost", "-", "-"), "-: standard input is judged alone"),
        (("check", "--stdin-filename", "a.yaml"), "--stdin-filename: nothing is read from standard input; add"),
        (("check", "-", "--stdin-filename", "main.tf"), "--stdin-filename main.tf: standard input holds manifests or"),
        (("check", "-", "--stdin-filename", "../a.yaml"), "../a.yaml: lies outside the tree"),
        (("check", "-", "--config", "nowhere"), "nowhere: there is no such file"),
    ],
)
def test_wrong_use(run: Run, here: Path, arguments: tuple[str, ...], message: str) -> None:
    outcome = run(RENDERED, *arguments, "--root", str(here))
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: {message}") and len(outcome.err.splitlines()) == 1


def test_a_file_of_that_name(run: Run, here: Path) -> None:
    write(here, {"-": CLASS, "a.yaml": CLASS})
    assert run("", "inspect", "./-", "a.yaml").out == "StorageClass/fast  a.yaml:2\n"


NOTHING = {
    "nothing": ("", "the input is empty, so nothing was judged; see whether what writes it has failed"),
    "blank lines": ("\n  \n", "the input is empty"),
    "text": ("Error: chart not found\n", "there is no manifest (a mapping with apiVersion and kind), so nothing was"),
    "separators": ("---\n# Source: a/templates/b.yaml\n---\n", "there is no manifest"),
    "UTF-16": (RENDERED.encode("utf-16"), "standard input is UTF-16, not UTF-8; save it as UTF-8"),
    "binary": (b"\x7fELF\x00\x01\xff\xfe" * 50, "standard input is binary, not text"),
    "Latin-1": ((RENDERED + "# ").encode() + b"\xe9", "standard input is not UTF-8"),
}


@pytest.mark.parametrize(("given", "message"), NOTHING.values(), ids=list(NOTHING))
def test_nothing_to_judge_is_told(run: Run, given: str | bytes, message: str) -> None:
    outcome = run(given, "check", "-")
    (line,) = outcome.err.splitlines()
    assert outcome.code == 0 and line.startswith("problem: <stdin>:") and f": {message}" in line
    assert run(given, "check", "-", "--strict").code == 2


def test_a_broken_document_leaves_the_others_alone(run: Run) -> None:
    broken = "---\n# Source: shop/templates/b.yaml\napiVersion: v1\nkind: Service\nspec: {a: [}\n"
    outcome = run(broken + RENDERED, "check", "-", "--output-format", "concise")
    assert outcome.out.startswith("<stdin>:12:13: error k8s-hpa-replicas-conflict ")
    (line,) = outcome.err.splitlines()
    assert line.startswith("problem: <stdin>:5:") and line.endswith("(rendered from shop/templates/b.yaml)")
    plain = run("a: [}\n" + RENDERED, "check", "-").err
    assert plain.startswith("problem: <stdin>:1:") and "rendered from" not in plain


def test_a_template_is_said_to_be_one(run: Run) -> None:
    template = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n"
    lines = run(template, "check", "-").err.splitlines()
    assert lines[0] == "note: <stdin>:1:1: this is a template, not YAML: check what it renders to"


def test_actions_in_rendered_text_lose_nothing(run: Run) -> None:
    text = RENDERED + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: x {{ .Values.x }} y\n"
    assert "conflict" in run(text, "check", "-").out


# Plans.


def test_a_plan(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = REPOSITORY / "tests/projects/plan"
    plan = (folder / "plan.json").read_bytes()
    alone = run(plan, "check", "-", "--output-format", "concise")
    assert alone.code == 1 and "<stdin>:1:" in alone.out
    monkeypatch.chdir(folder)
    named = run("", "check", "plan.json", "--output-format", "concise").out
    for given in (plan, plan.decode().encode("utf-16")):
        assert run(given, "check", "-", "--output-format", "concise").out == named
    report = json.loads(run(plan, "check", "-", "--output-format", "json").out)
    schema = json.loads((REPOSITORY / "linter/surplus/schemas/report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(report)


# Streams.


def test_a_terminal_is_not_waited_for() -> None:
    class Terminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    with pytest.raises(ConfigError, match="standard input is a terminal; pipe manifests into it, as in `helm"):
        read_all(Terminal(io.BytesIO()))


def test_a_closed_stream() -> None:
    closed = io.TextIOWrapper(io.BytesIO())
    closed.close()
    for stream in (None, closed):
        with pytest.raises(ConfigError, match="standard input is closed"):
            open_piped(stream, None, None, True)


def test_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piped, "MAX_FILE_BYTES", 2 * 2**20)
    assert len(read_all(io.TextIOWrapper(io.BytesIO(b"x" * 2 * 2**20)))) == 2 * 2**20
    with pytest.raises(ConfigError, match=r"larger than 2 MiB \(MAX_FILE_BYTES\); pipe less at a time"):
        read_all(io.TextIOWrapper(io.BytesIO(b"x" * (2 * 2**20 + 1))))


class Endless(io.RawIOBase):
    """A stream that never ends, and counts what was taken."""

    taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.taken += len(buffer)
        return len(buffer)


def test_a_stream_that_never_ends_is_left() -> None:
    endless = Endless()
    with pytest.raises(ConfigError, match="larger than 16 MiB"):
        read_all(io.TextIOWrapper(io.BufferedReader(endless)))
    assert endless.taken <= MAX_FILE_BYTES + 2 * piped.PIECE


def piping(folder: Path, **more: Any) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "linter")}
    # A suite in the background ignores interrupts, and so would its children.
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from surplus import cli; sys.stderr.write('ready\\n'); sys.stderr.flush()\n"
        "sys.exit(cli.run(['check', '-', '--isolated']))\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program], cwd=folder, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        **more,
    )  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="signals are sent in another way there")
def test_ctrl_c_while_it_waits(here: Path) -> None:
    with piping(here, stdin=subprocess.PIPE) as waiting:
        assert waiting.stderr and waiting.stderr.readline() == b"ready\n"
        time.sleep(1)
        waiting.send_signal(2)
        assert (waiting.stderr.read(), waiting.wait(60)) == (b"interrupted\n", 130)


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes")
def test_a_pipe_that_does_not_block_is_waited_for(here: Path) -> None:
    end, start = os.pipe()
    os.set_blocking(end, False)
    with piping(here, stdin=end) as reading:
        os.close(end)
        assert reading.stderr and reading.stderr.readline() == b"ready\n"
        for part in (RENDERED[:100], RENDERED[100:]):
            time.sleep(0.3)
            os.write(start, part.encode())
        os.close(start)
        assert (reading.stderr.read(), reading.wait(60)) == (b"", 1)
