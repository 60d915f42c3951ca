"""Manifests nobody should have, through every command: no finding rests on a value of the wrong type."""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support import Output, write
from surplus import cli

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - {name: api, image: api, resources: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: 1Gi}}}
"""
SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 2
  maxReplicas: 9
"""
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: api, namespace: shop}
spec: {minAvailable: 1, selector: {matchLabels: {app: api}}}
"""
LIMITS = """\
apiVersion: v1
kind: LimitRange
metadata: {name: limits, namespace: shop}
spec: {limits: LIMITS}
"""
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
"""
CLASS = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: ebs.csi.aws.com
parameters: {type: gp3}
"""
CONFLICT = "k8s-hpa-replicas-conflict"


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def files(*documents: str) -> str:
    return "---\n".join(documents)


Run = Callable[..., Output]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SURPLUS_DEBUG", "1")

    def command(*arguments: str) -> Output:
        code = cli.run(arguments)
        return Output(code, *capsys.readouterr())

    yield command


def everything(run: Run, text: str | bytes, name: str = "a.yaml") -> Output:
    """What `check` says of a file, after every other command has lived through it."""
    write(Path.cwd(), {name: text})
    inspected = run("inspect", name, "--output-format", "json")
    assert inspected.code == 0
    assert run("inspect", name).code == run("cost", name).code == 0
    assert run("cost", name, "--output-format", "json").code == 0
    for one in json.loads(inspected.out)["resources"]:
        explained = run("explain", one["resource"], name)
        assert explained.code == 0 and "internal error" not in explained.out
    assert "internal error" not in run("cost", name).out
    outcome = run("check", name, "--output-format", "concise", "--show-unknowns")
    assert outcome.code in (0, 1)
    for line in outcome.err.splitlines():
        assert re.match(rf"(problem|note|undecided): {re.escape(name)}:\d+:\d+: .", line) or "prices" in line, line
    return outcome


def test_what_is_tried_here_is_found_where_it_is_well_formed(run: Run) -> None:
    outcome = everything(run, files(DEPLOYMENT, SCALER, BUDGET, CLAIM, CLASS, LIMITS.replace("LIMITS", "[]")))
    assert [line for line in outcome.findings if CONFLICT in line]
    assert outcome.problems == []


REPLICAS = {
    '"three"': "is text, not a number",
    '"3"': "is text, not a number",
    "true": "is true or false, not a number",
    "[]": "is a list, not a number",
    "{}": "is a mapping, not a number",
    "2.5": "is 2.5, not a whole number",
    "-3": "is -3, below 0",
    "99999999999999999999": "is 100000000000000000000, above 2,147,483,647",
    ".nan": "is text, not a number",
    ".inf": "is text, not a number",
    "1e400": "is text, not a number",
    "12:30:45": "is text, not a number",
    "!!str 3": "is text, not a number",
}


@pytest.mark.parametrize("field", ["replicas", "minReplicas", "maxReplicas"])
@pytest.mark.parametrize(("value", "reason"), REPLICAS.items(), ids=list(REPLICAS))
def test_numbers_that_are_none(run: Run, field: str, value: str, reason: str) -> None:
    text = re.sub(rf"(?<= ){field}: \d", f"{field}: {value}", files(DEPLOYMENT, SCALER))
    outcome = everything(run, text)
    assert not [line for line in outcome.findings if "k8s-hpa" in line]
    assert f"{field} {reason}" in outcome.err


@pytest.mark.parametrize("value", ["3.0", "0x3", "3"])
def test_numbers_in_other_forms(run: Run, value: str) -> None:
    outcome = everything(run, changed(files(DEPLOYMENT, SCALER), "replicas: 3", f"replicas: {value}"))
    assert any("sets replicas to 3," in line for line in outcome.findings)


WRONG_TYPES = [
    *(
        changed(DEPLOYMENT, "{name: api, namespace: shop}", part)
        for part in ("5", "[]", "text", "{name: [a]}", "{name: {a: b}, namespace: {}}", "{name: 5, namespace: [x]}")
    ),
    *(
        DEPLOYMENT[: DEPLOYMENT.index("      containers:")] + f"      containers: {part}\n"
        for part in ("{}", "text", "5", "[text]", "[[]]", "{a: 1}", "[]", "null")
    ),
    *(
        DEPLOYMENT[: DEPLOYMENT.index("spec:")] + f"spec: {part}\n"
        for part in ("[]", "5", "text", "{template: []}", "{template: {spec: []}}", "{template: {spec: text}}")
    ),
    *(
        DEPLOYMENT[: DEPLOYMENT.index("{requests")] + f"{part}}}\n"
        for part in ("[]", "text", "5", "{requests: [], limits: []}", "{requests: text, limits: text}")
    ),
]


@pytest.mark.parametrize("text", WRONG_TYPES)
def test_parts_of_the_wrong_type(run: Run, text: str) -> None:
    outcome = everything(run, text)
    assert outcome.findings == []
    (priced,) = json.loads(run("cost", "a.yaml", "--output-format", "json").out)["resources"]
    assert priced["monthly_usd"] is None


QUANTITIES = ["1.5.5Gi", "-1", '"-1Gi"', "[]", "{}", "true", '""', '" 1"', "1e30", "9999999Ei", ".nan", "1 Gi"]


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_quantities_that_are_none(run: Run, quantity: str) -> None:
    text = DEPLOYMENT.replace("{cpu: 1, memory: 1Gi}", f"{{cpu: {quantity}, memory: {quantity}}}")
    claim = changed(CLAIM, "10Gi", quantity)
    everything(run, files(text, claim, CLASS))
    for one in json.loads(run("cost", "a.yaml", "--output-format", "json").out)["resources"]:
        assert one["monthly_usd"] is None or one["resource_type"] == "StorageClass", one


REFERENCES = [
    "text",
    "[]",
    "{}",
    "{kind: [a], name: {}}",
    "{kind: Deployment, name: [api]}",
    "{apiVersion: 5, kind: Deployment, name: api}",
    "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, name: api}",
]


@pytest.mark.parametrize("reference", REFERENCES)
def test_autoscalers_of_nothing(run: Run, reference: str) -> None:
    target = "{apiVersion: apps/v1, kind: Deployment, name: api}"
    outcome = everything(run, files(DEPLOYMENT, changed(SCALER, target, reference)))
    assert not [line for line in outcome.findings if CONFLICT in line]


def test_several_autoscalers_of_one_workload(run: Run) -> None:
    other = changed(changed(SCALER, "{name: api, namespace", "{name: b, namespace"), "minReplicas: 2", "minReplicas: 4")
    outcome = everything(run, files(DEPLOYMENT, SCALER, other))
    assert len([line for line in outcome.findings if CONFLICT in line]) == 1


SELECTORS = [
    "text", "[]", "5", "{}", "null", "{matchLabels: [a]}", "{matchLabels: {app: [x]}}", "{matchLabels: {app: null}}",
    "{matchExpressions: text}", "{matchExpressions: [text]}", "{matchExpressions: [{key: [a], operator: In}]}",
    "{matchExpressions: [{key: app, operator: Foo}]}", "{app: api}",
]  # fmt: skip


@pytest.mark.parametrize("selector", SELECTORS)
def test_selectors(run: Run, selector: str) -> None:
    everything(run, files(DEPLOYMENT, changed(BUDGET, "{matchLabels: {app: api}}", selector)))


LIMIT_RANGES = {
    "text": "limits is text, not a list",
    "{}": "limits is a mapping, not a list",
    "[text]": "is text, not a mapping",
    "[{type: [Container]}]": "type is a list, not a single value",
    "[{type: Container, defaultRequest: text}]": "is text, not a mapping",
    "[{type: Container, defaultRequest: {cpu: [], memory: {}}}]": "cpu is a list, not a quantity",
    "[{type: Container, defaultRequest: {cpu: true, memory: true}}]": "cpu is true or false, not a quantity",
}


@pytest.mark.parametrize(("limits", "reason"), LIMIT_RANGES.items(), ids=list(LIMIT_RANGES))
def test_limit_ranges(run: Run, limits: str, reason: str) -> None:
    text = DEPLOYMENT[: DEPLOYMENT.index(", resources")] + "}\n"
    outcome = everything(run, files(text, LIMITS.replace("LIMITS", limits)))
    assert not [line for line in outcome.findings if "no-cpu-request" in line or "no-memory-request" in line]
    assert reason in outcome.err


STORAGE = [
    changed(CLASS, "ebs.csi.aws.com", "[a]"),
    changed(CLASS, "ebs.csi.aws.com", "{}"),
    changed(CLASS, "ebs.csi.aws.com", "5"),
    changed(CLASS, "{type: gp3}", "text"),
    changed(CLASS, "{type: gp3}", "[]"),
    changed(CLASS, "{type: gp3}", "{type: [gp3]}"),
    changed(CLASS, "{type: gp3}", "{type: {a: b}}"),
]


@pytest.mark.parametrize("text", STORAGE)
def test_storage(run: Run, text: str) -> None:
    assert [line for line in everything(run, files(text, CLAIM)).findings if "gp2" in line] == []
    found = json.loads(run("cost", "a.yaml", "--output-format", "json").out)["resources"]
    assert [one["monthly_usd"] for one in found if one["resource_type"] == "PersistentVolumeClaim"] == [None]


@pytest.mark.parametrize("spec", ["5", "[]", "{resources: []}", "{storageClassName: [a]}", "{volumeName: [x]}"])
def test_claims(run: Run, spec: str) -> None:
    everything(run, files(CLAIM[: CLAIM.index("spec:")] + f"spec: {spec}\n", CLASS))


# Which kinds they are.


@pytest.mark.parametrize("version", ["acme.io/v1", "v1", "example.com/v1beta1"])
def test_a_kind_of_another_group_is_another_kind(run: Run, version: str) -> None:
    outcome = everything(run, files(changed(DEPLOYMENT, "apps/v1", version), SCALER))
    assert outcome.findings == []
    addresses = run("inspect", "a.yaml").out
    assert f"Deployment.{version.rpartition('/')[0] or 'core'}/shop/api  a.yaml:2\n" in addresses


def test_a_definition_of_a_kind_is_none_of_that_kind(run: Run) -> None:
    text = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: deployments.acme.io}
spec:
  group: acme.io
  names: {kind: Deployment, plural: deployments}
  scope: Namespaced
  versions: [{name: v1, schema: {openAPIV3Schema: {properties: {kind: {type: string}, apiVersion: {type: string}}}}}]
"""
    outcome = everything(run, text)
    assert (outcome.findings, outcome.problems) == ([], [])
    assert run("inspect", "a.yaml").out == "CustomResourceDefinition/deployments.acme.io  a.yaml:2\n"


@pytest.mark.parametrize(
    ("kind", "message"),
    [("[x]", "kind must be text, not a list"), ('""', "kind is empty"), ("5", "kind must be text, not a number")],
)
def test_a_kind_that_is_none(run: Run, kind: str, message: str) -> None:
    outcome = everything(run, files(f"apiVersion: v1\nkind: {kind}\n", DEPLOYMENT, SCALER))
    assert outcome.problems == [f"problem: a.yaml:2:7: {message}, so this is left out; correct it"]
    assert [line for line in outcome.findings if CONFLICT in line]


# How they are written.


def indented(text: str, by: str) -> str:
    return "".join(f"{by}{line}\n" for line in text.splitlines())


LIST = "apiVersion: v1\nkind: List\nitems:\n"
BOTH = f"{LIST}- {indented(DEPLOYMENT, '  ').lstrip()}- {indented(SCALER, '  ').lstrip()}"
SPELLINGS: dict[str, tuple[str | bytes, int]] = {
    "a List": (BOTH, 8),
    "a List in a List": (f"{LIST}- {indented(BOTH, '  ').lstrip()}", 11),
    "CRLF": (files(DEPLOYMENT, SCALER).replace("\n", "\r\n"), 5),
    "a BOM": (b"\xef\xbb\xbf" + files(DEPLOYMENT, SCALER).encode(), 5),
    "only comments": (f"# apiVersion: v1\n# kind: Pod\n---\n# x\n---\n---\n{files(DEPLOYMENT, SCALER)}", 11),
    "comments behind the marks": (f"--- # one\n{DEPLOYMENT}--- # two\n{SCALER}...\n", 6),
    "blanks behind the marks": (f"{DEPLOYMENT}---  \t\n{SCALER}", 5),
    "ends of documents": (f"{DEPLOYMENT}...\n---\n{SCALER}...\n", 5),
    "a directive": (f"%YAML 1.1\n---\n{DEPLOYMENT}---\n{SCALER}", 7),
    "block scalars with CRLF": (
        files("apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    x\n", DEPLOYMENT, SCALER).replace("\n", "\r\n"),
        11,
    ),
    "tabs behind keys": (files(DEPLOYMENT, SCALER).replace("replicas: 3", "replicas:\t3\t"), 5),
}


@pytest.mark.parametrize(("text", "line"), SPELLINGS.values(), ids=list(SPELLINGS))
def test_spellings(run: Run, text: str | bytes, line: int) -> None:
    outcome = everything(run, text)
    assert outcome.problems == []
    (found,) = [one for one in outcome.findings if CONFLICT in one]
    assert found.startswith(f"a.yaml:{line}:")


PROBLEMS = {
    "a key twice": (DEPLOYMENT.replace("replicas: 3", "replicas: 3\n  replicas: 5"), "6:3: duplicate key `replicas`, "),
    "a tab for indentation": (DEPLOYMENT.replace("  replicas", "\treplicas"), "5:1: not valid YAML: a tab or a"),
    "a mark inside": (f"{DEPLOYMENT}---\n\ufeff{SCALER}", "13:1: not valid YAML: a byte order mark (U+FEFF) inside"),
    "no mark": (f"{DEPLOYMENT}...\n{SCALER}", "13:1: not valid YAML: a document begins without a line `---`"),
    "a mark that is indented": (f"{DEPLOYMENT} ---\n{SCALER}", "12:2: not valid YAML: the indentation does not fit"),
    "a list for a key": (f"{DEPLOYMENT}? [a, b]\n: 1\n", "12:3: a key must be text; quote it"),
    "200 levels": (f"{DEPLOYMENT}status: {'{a: ' * 200}{'}' * 200}\n", "12:405: nested deeper than 100 levels"),
    "items that are text": (f"{LIST[:-1]} text\n", "3:8: items of a List must be a list, not text, so this is left"),
}


@pytest.mark.parametrize(("text", "problem"), PROBLEMS.values(), ids=list(PROBLEMS))
def test_problems(run: Run, text: str, problem: str) -> None:
    outcome = everything(run, text)
    assert len(outcome.problems) == 1, outcome.err
    assert outcome.problems[0].startswith(f"problem: a.yaml:{problem}")


# JSON.

OBJECTS = [
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "api", "annotations": {"note": "\U0001f600 /"}},
        "spec": {"replicas": 3},
    },
    {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "api"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"},
            "minReplicas": 2,
            "maxReplicas": 9,
        },
    },
]


@pytest.mark.parametrize("indent", [None, 1, "\t"])
@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
def test_json(run: Run, name: str, indent: int | str | None) -> None:
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": OBJECTS}, indent=indent).replace(" /", " \\/")
    outcome = everything(run, text, name)
    assert outcome.problems == []
    assert len([line for line in outcome.findings if CONFLICT in line]) == 1


def test_json_manifests_are_related_to_the_others(run: Run) -> None:
    write(Path.cwd(), {"a.json": json.dumps(OBJECTS[0]), "b.yaml": json.dumps(OBJECTS[1]), "c.json": "[1]"})
    for named in (["a.json"], ["b.yaml"], []):
        outcome = run("check", *named, "--output-format", "concise")
        assert CONFLICT in outcome.out and not outcome.problems
    assert run("check", "c.json", "--quiet").code == 0


def test_json_objects_may_follow_each_other(run: Run) -> None:
    outcome = everything(run, "\n".join(json.dumps(one, indent=2) for one in OBJECTS), "a.json")
    assert outcome.problems == []
    assert len([line for line in outcome.findings if CONFLICT in line]) == 1


def test_what_is_wrong_with_json_is_told_with_its_place(run: Run) -> None:
    text = '{\n\t"apiVersion": "v1", "kind": "Pod",\n\t"spec": {"hostname": "a", "hostname": "b"}}'
    assert everything(run, text, "a.json").problems == [
        "problem: a.json:3:28: duplicate key `hostname`, first at line 3; keep one"
    ]
    (problem,) = everything(run, '{\n\t"apiVersion": "v1", "kind": "Pod"', "a.json").problems
    assert problem.startswith("problem: a.json:1:1: not valid JSON: ")


# Size.


def test_a_hundred_megabytes(run: Run) -> None:
    write(Path.cwd(), {"a.yaml": ""})
    os.truncate("a.yaml", 100 * 2**20)
    start = time.process_time()
    outcome = run("check", "a.yaml", "--output-format", "concise")
    assert time.process_time() - start < 5
    (problem,) = outcome.problems
    assert problem.startswith("problem: a.yaml:1:1: the file is too large to be read: 100.0 MiB is above 16 MiB")


def many(number: int) -> str:
    texts = (DEPLOYMENT, SCALER, BUDGET)
    return files(*(re.sub(r"\bapi\b", f"api-{one}", text) for text in texts for one in range(number)))


def test_many_documents_take_linear_time(run: Run) -> None:
    def seconds(number: int) -> float:
        write(Path.cwd(), {"a.yaml": many(number)})
        start = time.process_time()
        outcome = run("check", "--output-format", "concise")
        assert sum(CONFLICT in line for line in outcome.findings) == number
        return time.process_time() - start

    seconds(10)
    small, large = seconds(150), seconds(1200)
    assert large < 8 * small * 2.5
