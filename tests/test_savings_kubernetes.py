"""Several findings on one workload: each step is on what those before it have left."""

from pathlib import Path

import pytest

from surplus.run import Options, check

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: shop-dev}
spec:
  replicas: 4
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
        - {name: c, image: "registry.example.com/shop/c:1", resources: {requests: {cpu: 1, memory: 1Gi}}}
"""
COST = 4 * 730 * (0.031611 + 0.004237)


@pytest.mark.parametrize("names", [["a"], ["a", "b"]])
def test_fewer_pods_save_in_the_hours_that_are_left(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / f"{name}.yaml").write_text(DEPLOYMENT.replace("NAME", name))
    result = check(Options(paths=(str(tmp_path),), root=str(tmp_path), isolated=True))
    steps = {(one.rule.id, one.resource): one.monthly_saving_usd for one in result.findings}
    # Sixty hours of 168 are left of each week, and of these one pod of four.
    assert steps == {
        ("k8s-nonprod-no-downscale", "Deployment/shop-dev/a"): pytest.approx(
            len(names) * COST * (1 - 60 / 168), abs=0.01
        ),
        **{
            ("k8s-nonprod-replicas-high", f"Deployment/shop-dev/{name}"): pytest.approx(
                COST * 60 / 168 * 3 / 4, abs=0.01
            )
            for name in names
        },
    }


@pytest.mark.parametrize("cores", [(2, 2), (3, 2), (2, 3)])
def test_init_containers_save_together_what_they_are_above_the_rest(tmp_path: Path, cores: tuple[int, int]) -> None:
    before = "".join(
        f"        - {{name: i{at}, resources: {{requests: {{cpu: {of}}}}}}}\n" for at, of in enumerate(cores)
    )
    text = DEPLOYMENT.replace("NAME", "a").replace("shop-dev", "shop")
    text = text.replace("      containers:", f"      initContainers:\n{before}      containers:")
    (tmp_path / "a.yaml").write_text(text)
    result = check(Options(paths=(str(tmp_path),), root=str(tmp_path), isolated=True))
    steps = [one.monthly_saving_usd or 0.0 for one in result.findings if "init-container" in one.rule.id]
    assert len(steps) == 2
    assert sum(steps) == pytest.approx(4 * 730 * (max(cores) - 1) * 0.031611, abs=0.01)
