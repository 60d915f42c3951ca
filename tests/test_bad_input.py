"""Input nobody should have: one clear line with its place, the right exit code, the rest of the scan unharmed."""

import errno
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support import Output, rule_text, write
from surplus import cli

GOOD = 'resource "aws_ebs_volume" "good" {\n  tags = {attached-by = "a"}\n  size = 8\n  type = "gp2"\n}\n'
GOOD_YAML = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: good}
provisioner: ebs.csi.aws.com
parameters: {type: gp2}
"""
FOUND = ("good/good.yaml:5:20: error k8s-storageclass-gp2", "good/main.tf:4:10: error aws-ebs-gp2-volume")
EXAMPLES = "".join(
    f"\n  - {{{kind}: the {name} one, config: ''{', findings: [{line: 1}]' if kind == 'fail' else ''}}}"
    for kind, name in (("fail", "first"), ("fail", "second"), ("pass", "third"), ("pass", "fourth"), ("pass", "fifth"))
)
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: REPLICAS
  template:
    spec:
      containers: CONTAINERS
"""
CONTAINER = '[{name: a, image: b, resources: {requests: {cpu: "1", memory: 1Gi}}}]'
SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}, minReplicas: MIN, maxReplicas: 9}
"""


Run = Callable[..., Output]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository with something good in it, so that harm to the rest shows."""
    top = write(tmp_path / "tree", {"good/main.tf": GOOD, "good/good.yaml": GOOD_YAML})
    (top / ".git").mkdir()
    monkeypatch.chdir(top)
    monkeypatch.setenv("SURPLUS_DEBUG", "1")
    yield top


@pytest.fixture
def check(tree: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> Output:
        code = cli.run(["check", "--output-format", "concise", *arguments])
        return Output(code, *capsys.readouterr())

    return run


def unharmed(outcome: Output) -> None:
    assert outcome.code == 1
    assert [line for line in outcome.findings if line.startswith(FOUND)] == outcome.findings
    assert len(outcome.findings) == 2
    assert "Traceback" not in outcome.err and "internal error" not in outcome.err


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

PROBLEMS: dict[str, tuple[str, str | bytes, str]] = {
    "a .tf that does not parse": ("bad/a.tf", 'resource "a" "b" {\n  x = = 1\n}\n', r"bad/a\.tf:2:\d+: "),
    "an unclosed block": ("bad/a.tf", 'resource "a" "b" {\n', r"bad/a\.tf:\d+:\d+: "),
    "YAML that does not parse": ("bad/a.yaml", MANIFEST + "data: [\n", r"bad/a\.yaml:\d+:\d+: "),
    "a key twice": ("bad/a.yaml", MANIFEST + "kind: Pod\n", r"bad/a\.yaml:4:1: "),
    "a strange tag": ("bad/a.yaml", MANIFEST + "data: !!python/object:os.system x\n", r"bad/a\.yaml:4:\d+: "),
    "a binary .tf": ("bad/a.tf", b"\x7fELF\x00\x01\xff\xfe" * 100, r"bad/a\.tf:1:\d+: .*binary"),
    "a binary YAML": ("bad/a.yaml", b"\x7fELF\x00\x01\xff\xfe" * 100, r"bad/a\.yaml:1:\d+: .*binary"),
    "Latin-1 in .tf": ("bad/a.tf", b'locals {\n  x = "caf\xe9"\n}\n', r"bad/a\.tf:2:11: the file is not UTF-8"),
    "Latin-1 in YAML": ("bad/a.yaml", MANIFEST.encode() + b"# \xe9\n", r"bad/a\.yaml:4:3: the file is not UTF-8"),
    "a lone surrogate": ("bad/a.tf", b'locals {\n  x = "\xed\xa0\x80"\n}\n', r"bad/a\.tf:2:8: the file is not UTF-8"),
    "a NUL in .tf": ("bad/a.tf", "locals {\n  x = \0\n}\n", r"bad/a\.tf:2:\d+: "),
    "a NUL in YAML": ("bad/a.yaml", MANIFEST + "data: {a: \0}\n", r"bad/a\.yaml:4:\d+: "),
    "10,000 brackets in .tf": ("bad/a.tf", "locals {\n  x = " + "[" * 10_000 + "]" * 10_000 + "\n}\n", r"bad/a\.tf:2:"),
    "10,000 braces in .tf": ("bad/a.tf", "a {\n" * 10_000 + "}\n" * 10_000, r"bad/a\.tf:\d+:\d+: "),
    "10,000 brackets in YAML": (
        "bad/a.yaml",
        MANIFEST + "data: " + "[" * 10_000 + "]" * 10_000 + "\n",
        r"bad/a\.yaml:4:",
    ),
    "an alias bomb": ("bad/a.yaml", MANIFEST + BOMB, r"bad/a\.yaml:\d+:\d+: "),
    "an alias of itself": ("bad/a.yaml", MANIFEST + "data: &a [*a]\n", r"bad/a\.yaml:4:\d+: "),
    "a module that calls itself": ("bad/a.tf", 'module "m" {\n  source = "./"\n}\n', r"bad/a\.tf:\d+:\d+: "),
    "a module that is not there": ("bad/a.tf", 'module "m" {\n  source = "./no"\n}\n', r"bad/a\.tf:\d+:\d+: "),
}


@pytest.mark.parametrize(("path", "content", "place"), PROBLEMS.values(), ids=list(PROBLEMS))
def test_one_line_with_its_place(tree: Path, check: Run, path: str, content: str | bytes, place: str) -> None:
    write(tree, {path: content})
    outcome = check()
    unharmed(outcome)
    assert len(outcome.remarks) == 1, outcome.err
    assert re.match(rf"(problem|note): {place}", outcome.remarks[0]), outcome.err
    assert len(outcome.remarks[0]) < 400
    assert check("--strict").code == 2


@pytest.mark.parametrize("path", ["bad/a.tf", "bad/a.yaml", "bad/kustomization.yaml", "good/terraform.tfvars"])
def test_an_encrypted_file_is_a_note(tree: Path, check: Run, path: str) -> None:
    write(tree, {path: b"\0GITCRYPT\0\x8f\xff\xfe\0\n\x80"})
    outcome = check()
    unharmed(outcome)
    (note,) = outcome.remarks
    assert note.startswith(f"note: {path}:1:1: the file is encrypted by git-crypt, so it is left out; ")
    assert check("--strict").code == 2


NO_PROBLEM: dict[str, dict[str, str | bytes]] = {
    "empty files": {"bad/a.tf": "", "bad/a.yaml": "", "bad/a.tf.json": "{}", "bad/terraform.tfvars": ""},
    "a BOM": {"bad/a.tf": b"\xef\xbb\xbflocals {}\n", "bad/a.yaml": b"\xef\xbb\xbf" + MANIFEST.encode()},
    "CRLF": {"bad/a.tf": "locals {\r\n  x = 1\r\n}\r\n", "bad/a.yaml": MANIFEST.replace("\n", "\r\n")},
    "no final newline": {"bad/a.tf": "locals {}", "bad/a.yaml": MANIFEST.rstrip()},
    "integers above 2^63": {
        "bad/a.tf": GOOD.replace('"good"', '"v"').replace("8", "9" * 20),
        "bad/a.yaml": DEPLOYMENT.replace("REPLICAS", "99999999999999999999").replace("CONTAINERS", CONTAINER),
    },
    "YAML that is no manifest": {"bad/a.yaml": "a: 1\n", "bad/b.yaml": "- x\n", "bad/c.yaml": "{{ x }}: [\n"},
}


@pytest.mark.parametrize("files", NO_PROBLEM.values(), ids=list(NO_PROBLEM))
def test_nothing_to_say(tree: Path, check: Run, files: dict[str, str | bytes]) -> None:
    write(tree, files)
    outcome = check()
    unharmed(outcome)
    assert outcome.err == ""


def test_what_a_pod_without_containers_asks_for_is_not_decided(tree: Path, check: Run) -> None:
    write(tree, {"bad/a.yaml": DEPLOYMENT.replace("REPLICAS", "3").replace("CONTAINERS", "null")})
    outcome = check()
    unharmed(outcome)
    assert "its pod spec has no containers" in outcome.err


@pytest.mark.parametrize("path", ["bad/a.tf", "bad/a.yaml"])
def test_places_in_files_with_a_bom_and_crlf(tree: Path, check: Run, path: str) -> None:
    text = (GOOD if path.endswith(".tf") else GOOD_YAML).replace("\n", "\r\n")
    write(tree, {path: b"\xef\xbb\xbf" + text.encode()})
    found = [line for line in check().findings if line.startswith("bad/")]
    assert found and found[0].startswith((f"{path}:4:10: ", f"{path}:5:20: "))
    text = check("--output-format", "text").out
    assert "\r" not in text and "\ufeff" not in text


@pytest.mark.parametrize("path", ["bad/a.tf", "bad/a.yaml", "bad/terraform.tfvars"])
def test_fifty_megabytes(tree: Path, check: Run, path: str) -> None:
    write(tree, {path: "", "bad/b.tf": GOOD.replace("gp2", "gp3")})
    os.truncate(tree / path, 50 * 2**20)
    outcome = check()
    unharmed(outcome)
    assert re.fullmatch(rf"problem: {path}:1:1: the file is too large to be read: 50.0 MiB .*", outcome.remarks[0])
    assert len(outcome.remarks) == 1


@pytest.mark.parametrize("path", ["bad/a.tf", "bad/a.yaml"])
def test_an_unreadable_file(tree: Path, check: Run, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tree, {path: "x"})
    (tree / path).chmod(0)
    if os.access(tree / path, os.R_OK):  # root reads everything
        opened = os.open

        def refuse(name: str, *arguments: int, **more: int) -> int:
            if str(name).endswith(path):
                raise PermissionError(errno.EACCES, "Permission denied")
            return opened(name, *arguments, **more)

        monkeypatch.setattr(os, "open", refuse)
    outcome = check()
    unharmed(outcome)
    assert outcome.remarks == [f"problem: {path}:1:1: the file cannot be read: Permission denied"]


LINKS = {
    "nowhere": ("gone", "leads nowhere"),
    "itself": ("LINK", "leads nowhere|leaves the scanned tree|cannot be read"),
    "out of the tree": ("../../outside/secret", "leaves the scanned tree"),
}


@pytest.mark.parametrize("name", ["a.tf", "a.yaml"])
@pytest.mark.parametrize(("target", "message"), LINKS.values(), ids=list(LINKS))
def test_links(tree: Path, check: Run, name: str, target: str, message: str) -> None:
    write(tree.parent, {"outside/secret": GOOD if name.endswith(".tf") else GOOD_YAML})
    (tree / "bad").mkdir()
    (tree / "bad" / name).symlink_to(target.replace("LINK", name))
    outcome = check()
    unharmed(outcome)
    assert len(outcome.remarks) == 1, outcome.err
    assert re.search(rf"^problem: bad/{re.escape(name)}:1:1: .*({message})", outcome.remarks[0])


def test_a_loop_of_folders(tree: Path, check: Run) -> None:
    (tree / "bad").mkdir()
    (tree / "bad" / "loop").symlink_to("..", target_is_directory=True)
    unharmed(check())


def test_a_pipe_is_not_read(tree: Path, check: Run) -> None:
    (tree / "bad").mkdir()
    os.mkfifo(tree / "bad" / "a.tf")
    outcome = check()
    unharmed(outcome)
    assert outcome.remarks == ["problem: bad/a.tf:1:1: this is not a regular file, so it is not read"]


def test_replicas_as_text(tree: Path, check: Run) -> None:
    deployment = DEPLOYMENT.replace("REPLICAS", "three").replace("CONTAINERS", CONTAINER)
    write(tree, {"bad/a.yaml": deployment, "bad/b.yaml": SCALER.replace("MIN", "two")})
    outcome = check("--show-unknowns")
    assert outcome.code == 1 and outcome.remarks == []
    assert "is text, not a number" in outcome.err, outcome.err


@pytest.mark.parametrize("containers", ["{}", "text", "5", "[text]", "[null]", "[[]]", "{a: 1}"])
def test_containers_that_are_no_list(tree: Path, check: Run, containers: str) -> None:
    write(tree, {"bad/a.yaml": DEPLOYMENT.replace("REPLICAS", "3").replace("CONTAINERS", containers)})
    outcome = check("--show-unknowns")
    unharmed(outcome)
    assert outcome.remarks == []


@pytest.mark.parametrize("part", ["metadata: 5", "metadata: {name: [a]}", "metadata: {name: a, labels: 5}", "spec: 5"])
def test_parts_of_the_wrong_type(tree: Path, check: Run, part: str) -> None:
    write(tree, {"bad/a.yaml": f"apiVersion: apps/v1\nkind: Deployment\n{part}\n"})
    unharmed(check())


def test_a_module_circle(tree: Path, check: Run) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        write(
            tree, {f"bad/{one}/main.tf": f'module "m" {{\n  source = "../{other}"\n}}\n' + GOOD.replace("gp2", "gp3")}
        )
    outcome = check()
    unharmed(outcome)
    assert outcome.remarks and all(re.match(r"problem: bad/[ab]/main\.tf:\d+:\d+: ", one) for one in outcome.remarks)


# Policies and rules: these end the run.


POLICIES = {
    "not YAML": ("a: [\n", r"surplus\.yaml:\d+:\d+: "),
    "not a mapping": ("- a\n", r"surplus\.yaml:1:1: "),
    "binary": (b"\xff\xfe\x00", r"surplus\.yaml:1:1: .*(binary|UTF-8)"),
    "an unknown key": ("fail_onn: error\n", r"surplus\.yaml:1:1: unknown key `fail_onn`; did you mean `fail_on`\?"),
    "a wrong value": ("fail_on: always\n", r"surplus\.yaml:1:\d+: .*error"),
    "an unknown rule": (
        "rules:\n  aws-ebs-gp2: {}\n",
        r"surplus\.yaml:2:3: there is no rule `aws-ebs-gp2`; did you mean `aws-ebs-gp2-volume`\?",
    ),
    "an unknown parameter": (
        "rules:\n  aws-ebs-gp2-volume: {parameters: {max_size: 5}}\n",
        r"surplus\.yaml:2:\d+: .*`max_size`; did you mean `max_size_gib`\?",
    ),
    "a parameter of the wrong type": (
        "rules:\n  aws-ebs-gp2-volume: {parameters: {max_size_gib: many}}\n",
        r"surplus\.yaml:2:\d+: .*max_size_gib.*integer",
    ),
    "a parameter out of range": (
        "rules:\n  aws-ebs-gp2-volume: {parameters: {max_size_gib: 0}}\n",
        r"surplus\.yaml:2:\d+: .*at least 1",
    ),
    "an unknown policy": ("extends: [defualt]\n", r"surplus\.yaml:1:\d+: "),
    "itself": ("extends: [./surplus.yaml]\n", r"surplus\.yaml:"),
    "what lies outside": ("extends: [../../outside.yaml]\n", r"(surplus|outside)\.yaml.*outside"),
    "no rules": ("rule_paths: [nowhere]\n", r"surplus\.yaml:\d+:\d+: .*nowhere"),
}


@pytest.mark.parametrize(("content", "message"), POLICIES.values(), ids=list(POLICIES))
def test_policies(tree: Path, check: Run, content: str | bytes, message: str) -> None:
    write(tree, {"surplus.yaml": content})
    outcome = check()
    assert (outcome.code, outcome.out) == (2, "")
    lines = outcome.err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: "), outcome.err
    assert re.search(message, lines[0]), outcome.err


RULES = {
    "not YAML": ("a: [\n", r"my-rule\.yaml:\d+:\d+: "),
    "an unknown key": (rule_text(examples=EXAMPLES, rest="wehn: x"), r"my-rule\.yaml:9:1: unknown key `wehn`"),
    "another id": (rule_text("other-rule", examples=EXAMPLES), r"my-rule\.yaml:1:5: the id is `other-rule`"),
    "bad CEL": (rule_text(examples=EXAMPLES, when="resource.size >"), r"my-rule\.yaml:10:7: Syntax error"),
    "a function nobody knows": (rule_text(examples=EXAMPLES, when="mony() > 1.0"), r"my-rule\.yaml:10:7: .*mony"),
    "an unknown type": (
        rule_text(examples=EXAMPLES, resources="[aws_ebs_volum]"),
        r"my-rule\.yaml:\d+:\d+: .*aws_ebs_volum",
    ),
    "an unknown attribute": (rule_text(examples=EXAMPLES, when="resource.siz == 1.0"), r"my-rule\.yaml:10:\d+: .*siz"),
    "an invalid regular expression": (
        rule_text(examples=EXAMPLES, when='resource.type.matches("(")'),
        r"my-rule\.yaml:10:7: invalid regular expression",
    ),
    "a when that is no boolean": (
        rule_text(examples=EXAMPLES, when="1.0 + 2.0"),
        r"my-rule\.yaml:10:7: `when` must be",
    ),
    "nested too deep": (
        rule_text(examples=EXAMPLES, when="(" * 50 + "true" + ")" * 50 + " || " + "[" * 40 + "]" * 40 + " == [1.0]"),
        r"my-rule\.yaml:10:7: .*",
    ),
    "a parameter of the wrong type": (
        rule_text(examples=EXAMPLES, parameters="parameters: {a: {type: integer, default: x, description: something}}"),
        r"my-rule\.yaml:7:\d+: the default of `a` must be of type integer",
    ),
}


@pytest.mark.parametrize(("content", "message"), RULES.values(), ids=list(RULES))
def test_rules(tree: Path, check: Run, content: str, message: str) -> None:
    write(
        tree,
        {"surplus.yaml": "extends: []\nrule_paths: [policy]\nrules: {my-rule: {}}\n", "policy/my-rule.yaml": content},
    )
    outcome = check()
    assert (outcome.code, outcome.out) == (2, "")
    lines = outcome.err.splitlines()
    assert len(lines) == 1 and re.match(rf"error: policy/{message}", lines[0]), outcome.err
    assert cli.run(["test", "policy"]) == 2


def with_rule(tree: Path, **parts: str) -> None:
    policy = "extends: [default]\nrule_paths: [policy]\nrules: {my-rule: {}}\n"
    write(tree, {"surplus.yaml": policy, "policy/my-rule.yaml": rule_text(examples=EXAMPLES, **parts)})


def test_a_rule_that_loops_too_long(tree: Path, check: Run) -> None:
    linked = 'linked("aws_eip", "instance", "i-1")'
    with_rule(tree, when=f'{linked}.all(a, {linked}.all(b, a.address != "" && b.address != ""))')
    eips = "".join(f'resource "aws_eip" "e{number}" {{\n  instance = "i-1"\n}}\n' for number in range(200))
    write(tree, {"good/eips.tf": eips})
    outcome = check()
    unharmed(outcome)
    assert outcome.remarks == [
        "problem: good/main.tf:1:1: rule my-rule failed on aws_ebs_volume.good: "
        "the expression loops more often than CEL allows (10,000 iterations)"
    ]
    assert check("--strict").code == 2


def test_ten_thousand_resources(tree: Path, check: Run) -> None:
    text = "".join(GOOD.replace("good", f"v{number}").replace("gp2", "gp3") for number in range(10_000))
    write(tree, {"bad/a.tf": text})
    outcome = check()
    unharmed(outcome)
    assert "10,002 resources" in outcome.out and outcome.err == ""


def test_ten_thousand_instances(tree: Path, check: Run) -> None:
    write(tree, {"bad/a.tf": GOOD.replace("{\n", "{\n  count = 10000\n", 1).replace("gp2", "gp3")})
    unharmed(check())


def test_a_path_that_does_not_exist(tree: Path, check: Run) -> None:
    outcome = check("good", "nowhere")
    assert (outcome.code, outcome.out, outcome.err) == (2, "", "error: nowhere: there is no such file or folder\n")


def test_nothing_a_file_holds_reaches_the_terminal(tree: Path, check: Run) -> None:
    hostile = "\x1b]0;x\x07\u202e"
    write(
        tree,
        {
            f"bad/{hostile}.tf": GOOD.replace('"a"', f'"{hostile}"') + "resource {",
            f"bad/{hostile}.yaml": MANIFEST + "a: [\n",
        },
    )
    for form in ("concise", "text", "json"):
        outcome = check("--output-format", form)
        assert outcome.code == 1
        assert not set(outcome.out + outcome.err) & set("\x1b\x07\u202e")


def test_all_at_once(tree: Path, check: Run) -> None:
    for number, (path, content, _) in enumerate(PROBLEMS.values()):
        write(tree, {path.replace("bad/", f"bad{number}/"): content})
    outcome = check()
    unharmed(outcome)
    assert len(outcome.remarks) == len(PROBLEMS)
