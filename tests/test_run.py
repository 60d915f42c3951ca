from pathlib import Path

import pytest

from support import rule_text, write
from surplus.model import ConfigError, RuleError, SurplusError
from surplus.results import RunResult
from surplus.run import Options, check, failed, inspect, known_rules

GP2 = 'resource "aws_ebs_volume" "v" {\n  tags = {attached-by = "a"}\n  size = 8\n  type = "gp2"\n}\n'
DEPLOYED = 'terraform {\n  backend "s3" {}\n}\n'
EXAMPLES = "".join(
    f"\n  - {{{kind}: the {name} one, config: ''{', findings: [{line: 1}]' if kind == 'fail' else ''}}}"
    for kind, name in (("fail", "first"), ("fail", "second"), ("pass", "third"), ("pass", "fourth"), ("pass", "fifth"))
)


def options(folder: Path, **more: object) -> Options:
    return Options(**{"paths": (str(folder),), "root": str(folder), **more})  # type: ignore[arg-type]


def places(result: RunResult) -> list[str]:
    return [f"{one.location.path}:{one.location.span.line} {one.rule.id}" for one in result.findings]


def test_a_root_and_its_findings(tmp_path: Path) -> None:
    write(tmp_path, {"db/main.tf": GP2, "web/main.tf": GP2.replace("gp2", "gp3")})
    result = check(options(tmp_path))
    assert places(result) == ["db/main.tf:4 aws-ebs-gp2-volume"]
    assert [root.path for root in result.roots] == ["db", "web"]
    assert (result.files, len(result.resources), result.fail_on) == (2, 2, "error")
    assert list(result.lines) == ["db/main.tf"]
    assert failed(result)


def test_paths_select(tmp_path: Path) -> None:
    write(tmp_path, {"db/main.tf": GP2, "web/main.tf": GP2})
    result = check(options(tmp_path, paths=(str(tmp_path / "web"),)))
    assert places(result) == ["web/main.tf:4 aws-ebs-gp2-volume"]


def test_the_policy_decides(tmp_path: Path) -> None:
    policy = "extends: [default]\nfail_on: never\nrules: {aws-ebs-gp2-volume: {severity: info}}\n"
    write(tmp_path, {"main.tf": GP2, "surplus.yaml": policy})
    result = check(options(tmp_path))
    assert [one.severity.value for one in result.findings] == ["info"]
    assert result.fail_on == "never" and not failed(result)
    assert failed(check(options(tmp_path, fail_on="info")))
    assert check(options(tmp_path, isolated=True)).findings[0].severity.value == "error"


@pytest.mark.parametrize(("level", "fails"), [("error", False), ("warning", True), ("info", True), ("never", False)])
def test_fail_on(tmp_path: Path, level: str, fails: bool) -> None:
    policy = "extends: [default]\nrules: {aws-ebs-gp2-volume: {severity: warning}}\n"
    write(tmp_path, {"main.tf": GP2, "surplus.yaml": policy})
    assert failed(check(options(tmp_path, fail_on=level))) is fails


def test_a_default_in_a_library_module_never_fails_a_run(tmp_path: Path) -> None:
    text = 'variable "t" {\n  default = "gp2"\n}\n' + GP2.replace('"gp2"', "var.t")
    write(tmp_path, {"main.tf": text})
    result = check(options(tmp_path, fail_on="info"))
    assert [(one.severity.value, one.may_fail) for one in result.findings] == [("info", False)]
    assert result.findings[0].message.endswith("(a caller may override var.t)")
    assert not failed(result)
    write(tmp_path, {"backend.tf": DEPLOYED})
    assert failed(check(options(tmp_path)))


def test_a_users_rule(tmp_path: Path) -> None:
    text = rule_text("my-rule", examples=EXAMPLES, when="resource.size > 5.0", message="{{ resource.size }} GiB")
    policy = "extends: []\nrule_paths: [policy]\nrules: {my-rule: {}}\n"
    write(tmp_path, {"main.tf": GP2, "surplus.yaml": policy, "policy/my-rule.yaml": text})
    assert places(check(options(tmp_path))) == ["main.tf:1 my-rule"]
    assert "my-rule" in known_rules(options(tmp_path))


def test_a_users_rule_that_does_not_compile_is_told_without_any_resource(tmp_path: Path) -> None:
    text = rule_text("my-rule", examples=EXAMPLES, when="resource.size >")
    policy = "extends: []\nrule_paths: [policy]\nrules: {my-rule: {}}\n"
    write(tmp_path, {"surplus.yaml": policy, "policy/my-rule.yaml": text})
    with pytest.raises(RuleError, match=r"policy/my-rule\.yaml:\d+:7: Syntax error"):
        check(options(tmp_path))


def test_one_problem_for_a_rule_that_fails_in_many_roots(tmp_path: Path) -> None:
    text = rule_text("my-rule", examples=EXAMPLES, when="[1.0][3] == resource.size")
    policy = "extends: []\nrule_paths: [policy]\nrules: {my-rule: {}}\n"
    roots = {f"{name}/main.tf": GP2 for name in "abc"}
    write(tmp_path, {**roots, "surplus.yaml": policy, "policy/my-rule.yaml": text})
    problems = check(options(tmp_path)).problems
    assert [(one.path, one.rule) for one in problems] == [("a/main.tf", "my-rule")]


def test_what_is_sensitive_is_in_no_frame(tmp_path: Path) -> None:
    text = 'variable "pw" {\n  sensitive = true\n  default = "correct horse"\n}\n'
    volume = GP2.replace("size = 8", 'size = 8\n  tags = { note = "correct horse", x = var.pw }')
    write(tmp_path, {"main.tf": text + volume})
    result = check(options(tmp_path))
    assert result.findings and "correct horse" not in str(result.lines)


def test_inspect(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": GP2, "api.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: api}\n"})
    result = inspect(options(tmp_path))
    assert [one.address for _, one in result.resources] == ["aws_ebs_volume.v", "Service/api"]
    assert not result.findings and not failed(result)


def test_a_manifest_selects_what_is_related_to_it(tmp_path: Path) -> None:
    deployment = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {template: {spec: {containers: []}}}\n"
    )
    scaler = (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: api}\n"
        "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}, maxReplicas: 3}\n"
    )
    other = deployment.replace("name: api", "name: other")
    write(tmp_path, {"api.yaml": deployment, "hpa.yaml": scaler, "other.yaml": other})
    result = check(options(tmp_path, paths=(str(tmp_path / "hpa.yaml"),)))
    assert [one.address for _, one in result.resources] == ["Deployment/api", "HorizontalPodAutoscaler/api"]


@pytest.mark.parametrize("path", ["nowhere", "-"])
def test_a_path_that_cannot_be_scanned(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=f"^{path}: "):
        check(Options(paths=(path,)))


def test_everything_wrong_is_one_family_of_errors() -> None:
    assert issubclass(ConfigError, SurplusError) and issubclass(RuleError, SurplusError)
