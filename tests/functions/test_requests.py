"""What the scheduler sets aside for one pod."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests import scope_of
from surplus.expressions import UnknownValueError
from surplus.functions.requests import gpus, requests, reservation
from surplus.functions.scope import RuleScope


def pod(
    *containers: dict[str, Any], init: list[dict[str, Any]] | None = None, more: str = "", **spec: Any
) -> RuleScope:
    """The scope of a pod of these containers; *more* are further manifests."""
    body = {"containers": list(containers), "initContainers": init or [], **spec}
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": body}
    return scope_of("Pod/p", json.dumps(manifest), *([more] if more else []))


def asks(name: str = "app", restart: str | None = None, limits: Any = None, **wanted: Any) -> dict[str, Any]:
    """A container with these requests."""
    container: dict[str, Any] = {"name": name, "resources": {"requests": wanted}}
    if limits:
        container["resources"]["limits"] = limits
    return {**container, "restartPolicy": restart} if restart else container


INIT = [asks("first", cpu=3), asks("proxy", "Always", cpu=1), asks("second", cpu="1500m")]


@pytest.mark.parametrize(
    ("cpu", "spec", "wanted"),
    [
        ("500m", {}, 3.0),  # the first init container needs the most: max(3, 1 + 1.5, 1 + 0.5)
        ("1", {}, 3.0),
        ("4", {}, 5.0),  # the app beside the sidecar
        ("4", {"overhead": {"cpu": "250m"}}, 5.25),
        ("4", {"resources": {"requests": {"cpu": 2}}}, 2.0),  # the pod's own request counts alone
        ("4", {"resources": {"requests": {"cpu": 2}}, "overhead": {"cpu": 1}}, 3.0),
        ("4", {"resources": {"limits": {"cpu": 8}}}, 5.0),  # of a limit only what the containers ask
    ],
)
def test_the_effective_request_of_a_pod(cpu: str, spec: dict[str, Any], wanted: float) -> None:
    assert requests(pod(asks(cpu=cpu), init=INIT, **spec), "cpu") == wanted


def test_an_init_container_runs_beside_the_sidecars_before_it() -> None:
    init = [asks("proxy", "Always", cpu=1), asks("load", cpu=2), asks("log", "Always", cpu=2)]
    assert requests(pod(asks(cpu="500m"), init=init), "cpu") == 3.5  # max(1 + 2, 1 + 2 + 0.5)
    assert requests(pod(asks(cpu="500m"), init=[init[1], init[0]]), "cpu") == 2.0


def test_a_pod_whose_containers_ask_for_nothing_takes_its_limit() -> None:
    silent = {"name": "app"}
    assert requests(pod(silent, resources={"limits": {"cpu": 8}}), "cpu") == 8.0
    assert requests(pod(silent, silent, resources={"requests": {"memory": "2Gi"}}), "memory") == 2.0


def test_the_overhead_is_that_of_the_runtime_class() -> None:
    runtime = "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: gvisor}\nhandler: runsc\n"
    runtime += "overhead: {podFixed: {cpu: 250m}}\n"
    assert requests(pod(asks(cpu=1), more=runtime, runtimeClassName="gvisor"), "cpu") == 1.25
    assert requests(pod(asks(cpu=1), more=runtime, runtimeClassName="other"), "cpu") == 1.0
    assert requests(pod(asks(cpu=1), more=runtime), "cpu") == 1.0


def limits(*items: str) -> str:
    text = "apiVersion: v1\nkind: LimitRange\nmetadata: {name: l}\nspec:\n  limits:\n"
    return text + "".join(f"    - {item}\n" for item in items)


@pytest.mark.parametrize(
    ("container", "wanted"),
    [
        (asks(cpu="200m"), 0.2),
        (asks(limits={"cpu": "400m"}), 0.4),  # the own limit goes before the default request
        (asks(), 0.1),
        (asks(limits={"memory": "1Gi"}), 0.1),
    ],
)
def test_a_limit_range_gives_what_a_container_lacks(container: dict[str, Any], wanted: float) -> None:
    given_ = limits("{type: Container, default: {cpu: 500m}, defaultRequest: {cpu: 100m}}")
    assert requests(pod(container, more=given_), "cpu") == wanted


@pytest.mark.parametrize(
    ("item", "wanted"),
    [
        ("{type: Container, default: {cpu: 500m}}", 0.5),
        ("{type: Container, max: {cpu: 2}}", 2.0),  # the most is the default limit, and that the default request
        ("{type: Container, min: {cpu: 50m}}", 0.05),
        ("{type: Container, min: {cpu: 50m}, default: {cpu: 500m}}", 0.5),
    ],
)
def test_the_default_request_follows_from_the_other_bounds(item: str, wanted: float) -> None:
    assert requests(pod(asks(), more=limits(item)), "cpu") == wanted


@pytest.mark.parametrize(
    ("container", "reason"),
    [
        (asks(), "container app has no cpu request"),
        ({"image": "shop/api:1"}, "container shop/api:1 has no cpu request"),
        ({"env": []}, "container without a name has no cpu request"),
        (asks(cpu="1.5.5"), "1.5.5"),
        (asks(cpu=[1]), "list"),
    ],
)
def test_without_a_request_nothing_is_known(container: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnknownValueError, match=reason):
        requests(pod(container), "cpu")


def test_a_sidecar_must_ask_an_init_container_need_not() -> None:
    assert requests(pod(asks(cpu=1), init=[{"name": "load"}]), "cpu") == 1.0
    with pytest.raises(UnknownValueError, match="container proxy has no cpu request"):
        requests(pod(asks(cpu=1), init=[{"name": "proxy", "restartPolicy": "Always"}]), "cpu")
    with pytest.raises(UnknownValueError, match="no containers"):
        requests(pod(), "cpu")


def test_gpus_are_counted_whole() -> None:
    one = asks(limits={"nvidia.com/gpu": 1})
    assert gpus(pod(one, asks("two", limits={"nvidia.com/gpu": "2"}))) == 3.0
    assert gpus(pod(asks("two", limits={"amd.com/gpu": 1}))) == 1.0
    assert gpus(pod(asks(cpu=1))) == 0.0
    assert requests(pod(one), "nvidia.com/gpu") == 1.0
    for unclear in (pod(asks(limits={"nvidia.com/mig-1g.5gb": 1})), pod(one, resourceClaims=[{"name": "gpu"}])):
        with pytest.raises(UnknownValueError):
            gpus(unclear)


def test_a_rollout_asks_for_what_its_deployment_says() -> None:
    rollout = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: r}\n"
    rollout += "spec: {workloadRef: {apiVersion: apps/v1, kind: Deployment, name: d}}\n"
    deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n"
    deployment += "spec: {template: {spec: {containers: [{name: a, resources: {requests: {cpu: 2}}}]}}}\n"
    assert requests(scope_of("Rollout/r", rollout, deployment), "cpu") == 2.0
    with pytest.raises(UnknownValueError, match="Deployment d, whose template it runs, is not in the scan"):
        requests(scope_of("Rollout/r", rollout), "cpu")


MILLIS = st.integers(0, 8000)
PLAIN = st.lists(MILLIS, min_size=1, max_size=4)
INITS = st.lists(st.tuples(MILLIS, st.booleans()), max_size=4)


def of(plain: list[int], init: list[tuple[int, bool]]) -> float:
    """The CPU of a pod of containers with these millicores, and of init containers that may stay."""
    first = [asks(f"i{at}", "Always" if stays else None, cpu=f"{m}m") for at, (m, stays) in enumerate(init)]
    return requests(pod(*(asks(f"c{at}", cpu=f"{m}m") for at, m in enumerate(plain)), init=first), "cpu")


@settings(max_examples=40, deadline=None)
@given(PLAIN, INITS, st.randoms())
def test_the_order_of_plain_containers_does_not_matter(plain: list[int], init: list[Any], random: Any) -> None:
    shuffled = random.sample(plain, len(plain))
    assert of(plain, init) == pytest.approx(of(shuffled, init))


@settings(max_examples=40, deadline=None)
@given(PLAIN, INITS)
def test_a_pod_takes_at_least_what_any_of_its_containers_does(plain: list[int], init: list[tuple[int, bool]]) -> None:
    stay = sum(millis for millis, stays in init if stays)
    found = of(plain, init)
    assert found >= max(*plain, *(millis for millis, _ in init), 0) / 1000 - 1e-9
    assert found >= (sum(plain) + stay) / 1000 - 1e-9
    assert found <= (sum(plain) + sum(millis for millis, _ in init)) / 1000 + 1e-9


@settings(max_examples=40, deadline=None)
@given(PLAIN, INITS, st.integers(0, 3), MILLIS)
def test_asking_for_more_never_takes_less(plain: list[int], init: list[Any], at: int, more: int) -> None:
    larger = [millis + (more if place == at else 0) for place, millis in enumerate(plain)]
    assert of(larger, init) >= of(plain, init) - 1e-9
    raised = [(millis + (more if place == at else 0), stays) for place, (millis, stays) in enumerate(init)]
    assert of(plain, raised) >= of(plain, init) - 1e-9


@pytest.mark.parametrize(
    ("wanted", "pods", "words"),
    [
        ({"cpu": "1500m", "memory": "6Gi"}, 3.0, "4.5 CPU and 18 GiB"),
        ({"cpu": "300m"}, 1.0, "0.3 CPU"),
        ({"memory": "656Mi"}, 1.0, "0.641 GiB"),
    ],
)
def test_what_pods_reserve_in_words(wanted: dict[str, str], pods: float, words: str) -> None:
    assert reservation(pod(asks(**wanted)), pods) == words


def test_no_words_where_nothing_is_requested() -> None:
    with pytest.raises(UnknownValueError):
        reservation(pod(asks()), 2.0)
