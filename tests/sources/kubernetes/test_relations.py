"""Which manifests belong together, by namespace, name and nearness."""

import itertools

import pytest

from surplus.model import Resource, Unknown
from surplus.sources.kubernetes.manifests import read_manifests
from surplus.sources.kubernetes.nearness import all_nearest, by_address
from surplus.sources.kubernetes.references import AUTOSCALERS
from surplus.sources.kubernetes.relations import MOST, MOST_SELECTED, Relations
from surplus.sources.kubernetes.selectors import selects


def nearest(workload: Resource, found: list[Resource]) -> Resource | None:
    return next(iter(all_nearest(workload, found)), None)


def scale_target(relations: Relations, autoscaler: Resource) -> Resource | None:
    return next(iter(relations.scale_targets(autoscaler)), None)


def autoscaler(relations: Relations, workload: Resource) -> Resource | None:
    return nearest(workload, [one for kind in AUTOSCALERS for one in relations.related(workload, kind)])


def vertical_autoscaler(relations: Relations, workload: Resource) -> Resource | None:
    return nearest(workload, relations.related(workload, "VerticalPodAutoscaler"))


def budget_of(relations: Relations, workload: Resource) -> Resource | None:
    return nearest(workload, relations.related(workload, "PodDisruptionBudget"))


def resource(path: str, text: str) -> Resource:
    file = read_manifests(text, path)
    assert file.problems == ()
    return file.resources[0]


def workload(
    path: str, name: str = "api", namespace: str = "", kind: str = "Deployment", group: str = "apps/v1"
) -> Resource:
    where = f", namespace: {namespace}" if namespace else ""
    return resource(
        path,
        f"apiVersion: {group}\nkind: {kind}\nmetadata: {{name: {name}{where}}}\n"
        f"spec:\n  template:\n    metadata:\n      labels: {{app: {name}, tier: web}}\n",
    )


def scaler(
    path: str,
    target: str = "{apiVersion: apps/v1, kind: Deployment, name: api}",
    kind: str = "HPA",
    namespace: str = "",
) -> Resource:
    group, full, field = {
        "HPA": ("autoscaling/v2", "HorizontalPodAutoscaler", "scaleTargetRef"),
        "KEDA": ("keda.sh/v1alpha1", "ScaledObject", "scaleTargetRef"),
        "VPA": ("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", "targetRef"),
    }[kind]
    where = f", namespace: {namespace}" if namespace else ""
    return resource(
        path,
        f"apiVersion: {group}\nkind: {full}\nmetadata: {{name: s{where}}}\nspec: {{{field}: {target}}}\n",
    )


def budget(path: str, selector: str, version: str = "policy/v1", namespace: str = "") -> Resource:
    where = f", namespace: {namespace}" if namespace else ""
    return resource(
        path,
        f"apiVersion: {version}\nkind: PodDisruptionBudget\nmetadata: {{name: b{where}}}\n"
        f"spec: {{selector: {selector}}}\n",
    )


def limits(path: str, name: str = "l", namespace: str = "") -> Resource:
    where = f", namespace: {namespace}" if namespace else ""
    return resource(
        path, f"apiVersion: v1\nkind: LimitRange\nmetadata: {{name: {name}{where}}}\nspec: {{limits: []}}\n"
    )


def test_an_autoscaler_and_its_target() -> None:
    api, other, hpa = workload("a.yaml"), workload("a.yaml", "other"), scaler("b.yaml")
    relations = Relations([api, other, hpa])
    assert autoscaler(relations, api) is hpa
    assert scale_target(relations, hpa) is api
    assert autoscaler(relations, other) is None
    assert vertical_autoscaler(relations, api) is None
    assert relations.related(hpa) == [api]


def test_namespaces_separate() -> None:
    api, hpa = workload("a.yaml", namespace="shop"), scaler("a.yaml", namespace="other")
    unset = scaler("a.yaml")
    relations = Relations([api, hpa, unset])
    assert autoscaler(relations, api) is None
    assert scale_target(relations, hpa) is None
    same = scaler("z/y.yaml", namespace="shop")
    assert autoscaler(Relations([api, hpa, same]), api) is same


def test_the_nearest_copy_counts() -> None:
    dev, prod = workload("dev/api.yaml"), workload("prod/api.yaml")
    hpa = scaler("dev/hpa.yaml")
    relations = Relations([prod, dev, hpa])
    assert scale_target(relations, hpa) is dev
    assert autoscaler(relations, dev) is hpa
    assert autoscaler(relations, prod) is None
    both = Relations([dev, prod, hpa, scaler("prod/hpa.yaml")])
    found = autoscaler(both, prod)
    assert found is not None
    assert found.location.path == "prod/hpa.yaml"


def test_one_file_is_nearer_than_one_folder() -> None:
    resources = [workload("a.yaml"), scaler("a.yaml"), workload("b.yaml"), scaler("b.yaml")]
    relations = Relations(resources)
    assert autoscaler(relations, resources[0]) is resources[1]
    assert autoscaler(relations, resources[2]) is resources[3]


def test_a_shared_autoscaler_serves_copies_that_are_equally_near() -> None:
    dev, prod, hpa = workload("dev/api.yaml"), workload("prod/api.yaml"), scaler("hpa.yaml")
    relations = Relations([prod, dev, hpa])
    assert relations.scale_targets(hpa) == [dev, prod]
    assert autoscaler(relations, dev) is hpa
    assert autoscaler(relations, prod) is hpa


def test_a_shared_workload_belongs_to_all_autoscalers_that_are_equally_near() -> None:
    base, dev, prod = workload("base/api.yaml"), scaler("dev/hpa.yaml"), scaler("prod/hpa.yaml")
    relations = Relations([prod, dev, base])
    assert all_nearest(base, relations.related(base)) == [dev, prod]
    assert scale_target(relations, prod) is base
    assert relations.related(base) == [dev, prod]


def test_targets_go_by_group_and_kind() -> None:
    rollout = workload("a.yaml", kind="Rollout", group="argoproj.io/v1alpha1")
    deployment = workload("a.yaml")
    own = scaler("a.yaml", "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: api}")
    foreign = scaler("a.yaml", "{apiVersion: example.com/v1, kind: Deployment, name: api}")
    relations = Relations([rollout, deployment, own, foreign])
    assert autoscaler(relations, rollout) is own
    assert autoscaler(relations, deployment) is None
    assert scale_target(relations, foreign) is None
    bare = scaler("a.yaml", "{kind: Deployment, name: api}")
    assert autoscaler(Relations([deployment, bare]), deployment) is None  # it looks in the core group
    controller = workload("a.yaml", kind="ReplicationController", group="v1")
    core = scaler("a.yaml", "{kind: ReplicationController, name: api}")
    assert autoscaler(Relations([controller, core]), controller) is core


def test_keda_scales_a_deployment_unless_told() -> None:
    api, keda = workload("a.yaml"), scaler("a.yaml", "{name: api}", kind="KEDA")
    assert autoscaler(Relations([api, keda]), api) is keda
    stateful = workload("a.yaml", kind="StatefulSet")
    told = scaler("a.yaml", "{apiVersion: apps/v1, kind: StatefulSet, name: api}", kind="KEDA")
    assert autoscaler(Relations([stateful, told]), stateful) is told


def test_vertical_autoscalers() -> None:
    api, vpa = workload("a.yaml"), scaler("a.yaml", kind="VPA")
    relations = Relations([api, vpa])
    assert vertical_autoscaler(relations, api) is vpa
    assert autoscaler(relations, api) is None
    assert scale_target(relations, vpa) is api


@pytest.mark.parametrize("target", ["null", "x", "[]", "{}", "{kind: 5, name: api}", "{kind: Deployment}"])
def test_targets_of_wrong_shape(target: str) -> None:
    api, hpa = workload("a.yaml", "None"), scaler("a.yaml", target)
    assert scale_target(Relations([api, hpa]), hpa) is None


@pytest.mark.parametrize(
    ("selector", "version", "matches"),
    [
        ("{matchLabels: {app: api}}", "policy/v1", True),
        ("{matchLabels: {tier: web, app: api}}", "policy/v1", True),
        ("{matchLabels: {app: api, x: y}}", "policy/v1", False),
        ("{matchExpressions: [{key: app, operator: In, values: [api, b]}]}", "policy/v1", True),
        ("{}", "policy/v1", True),
        ("{}", "policy/v1beta1", False),
        ("null", "policy/v1", False),
        ("x", "policy/v1", False),
        ("{matchLabels: []}", "policy/v1", True),
        ("{matchLabels: x}", "policy/v1", False),
    ],
)
def test_budgets(selector: str, version: str, matches: bool) -> None:
    api, pdb = workload("a.yaml"), budget("a.yaml", selector, version)
    relations = Relations([api, pdb])
    assert (budget_of(relations, api) is pdb) == matches
    assert (relations.related(pdb) == [api]) == matches


def test_a_budget_takes_the_nearest_copy_of_each_workload() -> None:
    dev, prod, worker = workload("dev/a.yaml"), workload("prod/a.yaml"), workload("x/w.yaml", "worker")
    pdb = budget("dev/pdb.yaml", "{matchLabels: {tier: web}}")
    relations = Relations([dev, prod, worker, pdb])
    assert budget_of(relations, dev) is pdb
    assert budget_of(relations, worker) is pdb
    assert budget_of(relations, prod) is None


@pytest.mark.parametrize(
    ("expression", "matches"),
    [
        ({"key": "a", "operator": "In", "values": ["1", "2"]}, True),
        ({"key": "a", "operator": "NotIn", "values": ["1"]}, False),
        ({"key": "b", "operator": "NotIn", "values": ["1"]}, True),
        ({"key": "a", "operator": "Exists"}, True),
        ({"key": "b", "operator": "Exists"}, False),
        ({"key": "b", "operator": "DoesNotExist"}, True),
        ({"key": "a", "operator": "Gt", "values": ["0"]}, False),
        ({"operator": "Exists"}, False),
        ("x", False),
    ],
)
def test_match_expressions(expression: object, matches: bool) -> None:
    assert selects({"matchExpressions": [expression]}, {"a": "1"}) == matches


def test_limit_ranges_of_a_namespace() -> None:
    api = workload("apps/api.yaml", namespace="shop")
    one, two, other = limits("ns/l.yaml", "a", "shop"), limits("ns/m.yaml", "b", "shop"), limits("ns/n.yaml")
    relations = Relations([api, two, one, other])
    assert relations.related(api, "LimitRange") == [one, two]
    near = limits("apps/l.yaml", "c", "shop")
    assert Relations([api, one, near]).related(api, "LimitRange") == [near]
    assert Relations([api, one]).related(one) == [api]


def test_without_a_namespace_the_nearest_limit_range_holds() -> None:
    api = workload("apps/api.yaml")
    own, above, beside = limits("apps/l.yaml"), limits("l.yaml"), limits("other/l.yaml")
    assert Relations([api, own, above, beside]).related(api, "LimitRange") == [own]
    assert Relations([api, above, beside]).related(api, "LimitRange") == [above]
    default = limits("other/l.yaml", namespace="default")
    assert Relations([workload("apps/api.yaml", namespace="default"), default]).related(default) != []


def test_what_holds_for_a_namespace_that_is_not_written_may_be_that_of_another_folder() -> None:
    api = workload("apps/api.yaml")
    beside, named, far = limits("other/l.yaml"), limits("apps/m.yaml", "m", "shop"), limits("other/n.yaml", "n", "shop")
    relations = Relations([api, beside, named, far])
    assert relations.related(api) == []
    assert set(relations.perhaps(api)) == {beside, named}
    assert set(relations.perhaps(beside)) == {api}
    assert relations.perhaps(far) == {}
    below = limits("apps/more/l.yaml")
    assert set(Relations([api, below]).perhaps(api)) == {below}


@pytest.mark.parametrize(("own", "other"), [("shop", ""), ("", "shop")])
@pytest.mark.parametrize(
    ("folder", "doubted"), [("apps", True), ("apps/more", True), ("", True), ("other", False), ("apple", False)]
)
def test_where_only_one_namespace_is_written_it_may_be_that_of_both(
    own: str, other: str, folder: str, doubted: bool
) -> None:
    api = workload(f"{folder}/api.yaml".lstrip("/"), namespace=own)
    pdb = budget("apps/b.yaml", "{matchLabels: {app: api}}", namespace=other)
    relations = Relations([api, pdb])
    assert relations.related(pdb) == []
    assert (api in relations.perhaps(pdb)) is doubted
    assert (pdb in relations.perhaps(api)) is doubted
    sure = workload("far/api.yaml", namespace=other)
    assert relations.perhaps(sure) == {}
    assert Relations([api, pdb, sure]).perhaps(pdb) == {}


@pytest.mark.parametrize(("own", "other"), [("default", ""), ("", "default"), ("", ""), ("default", "default")])
@pytest.mark.parametrize("folder", ["apps", "elsewhere"])
def test_a_namespace_that_is_not_written_is_the_default(own: str, other: str, folder: str) -> None:
    api = workload(f"{folder}/api.yaml", namespace=own)
    hpa = scaler("apps/hpa.yaml", namespace=other)
    pdb = budget("apps/b.yaml", "{matchLabels: {app: api}}", namespace=other)
    text = "apiVersion: v1\nkind: Service\nmetadata: {{name: s, namespace: '{}'}}\nspec: {{selector: {{app: api}}}}\n"
    service = resource("apps/s.yaml", text.format(other))
    relations = Relations([api, hpa, pdb, service])
    assert relations.scale_targets(hpa) == [api]
    assert set(relations.related(api)) == {hpa, pdb, service}
    assert relations.perhaps(api) == {}


@pytest.mark.parametrize("own", ["default", ""])
def test_the_nearest_counts_however_the_default_namespace_is_written(own: str) -> None:
    hpa = scaler("apps/hpa.yaml", namespace=own)
    near, far = workload("apps/api.yaml"), workload("other/api.yaml", namespace="default")
    assert Relations([far, near, hpa]).scale_targets(hpa) == [near]
    unset, written = workload("apps/all.yaml"), workload("apps/all.yaml", namespace="default")
    assert Relations([unset, written, hpa]).scale_targets(hpa) == [written if own else unset]


@pytest.mark.parametrize(("own", "other"), [("shop", ""), ("", "shop")])
@pytest.mark.parametrize(("folder", "doubted"), [("apps", True), ("apps/more", True), ("other", False)])
def test_an_autoscaler_and_what_holds_for_a_namespace_that_only_one_writes(
    own: str, other: str, folder: str, doubted: bool
) -> None:
    api = workload(f"{folder}/api.yaml", namespace=own)
    hpa, held = scaler("apps/hpa.yaml", namespace=other), limits("apps/l.yaml", namespace=other)
    relations = Relations([api, hpa, held])
    assert relations.related(api) == []
    assert set(relations.perhaps(api)) == ({hpa, held} if doubted else set())


def test_a_volume_that_is_kept_for_a_claim_names_its_namespace() -> None:
    kept = resource(
        "pv.yaml",
        "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\nspec: {claimRef: {namespace: shop, name: a}}\n",
    )
    own, foreign = claim("a"), resource("c.yaml", CLAIM.format(name="a", spec="{}").replace("shop", "default"))
    assert Relations([kept, own, foreign]).related(kept) == [own]


def test_two_written_namespaces_that_differ_leave_no_doubt() -> None:
    api = workload("api.yaml", namespace="shop")
    pdb = budget("b.yaml", "{matchLabels: {app: api}}", namespace="other")
    assert Relations([api, pdb]).perhaps(pdb) == {}


@pytest.mark.parametrize(("own", "other"), [("shop", ""), ("", "shop")])
def test_a_claim_of_a_workload_of_which_one_has_a_namespace(own: str, other: str) -> None:
    claim = resource(
        "a.yaml", f"apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: c, namespace: '{own}'}}\n"
    )
    pod = resource(
        "b.yaml",
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: '{other}'}}\n"
        "spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]}\n",
    )
    relations = Relations([claim, pod])
    assert relations.related(claim) == []
    assert set(relations.perhaps(claim)) == {pod}


def test_a_claim_has_limit_ranges_too() -> None:
    claim = resource("a.yaml", "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c}\n")
    own = limits("b.yaml")
    relations = Relations([claim, own])
    assert relations.related(claim, "LimitRange") == [own]
    assert relations.related(claim) == [own]


def test_related_goes_both_ways_and_is_sorted() -> None:
    api, hpa, vpa = workload("a.yaml"), scaler("a.yaml"), scaler("a.yaml", kind="VPA")
    pdb, own = budget("a.yaml", "{}"), limits("a.yaml")
    relations = Relations([vpa, own, pdb, api, hpa])
    assert relations.related(api) == [hpa, own, pdb, vpa]
    assert all(relations.related(item) == [api] for item in (hpa, own, pdb, vpa))
    assert Relations([]).related(api) == []


def test_a_service_and_the_workloads_it_selects() -> None:
    api, other = workload("api.yaml"), workload("other.yaml", "other")
    chosen = resource("svc.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: api}}\n")
    nothing = resource("none.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: n}\nspec: {selector: {}}\n")
    relations = Relations([api, other, chosen, nothing])
    assert relations.related(chosen, "Workload") == [api]
    assert relations.related(api, "Service") == [chosen]
    assert relations.related(nothing, "Workload") == []


def test_of_copies_a_service_selects_the_nearest() -> None:
    dev, prod = workload("dev/api.yaml"), workload("prod/api.yaml")
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: api, tier: web}}\n"
    near = resource("prod/svc.yaml", text)
    assert Relations([dev, prod, near]).related(near, "Workload") == [prod]


def test_a_service_of_one_pod_of_a_stateful_set() -> None:
    broker, other = (workload("all.yaml", name, kind="StatefulSet") for name in ("kafka", "kafka-0"))
    text = "apiVersion: v1\nkind: Service\nmetadata: {{name: s}}\nspec: {{selector: {}}}\n"
    label = "statefulset.kubernetes.io/pod-name: kafka-0"
    one = resource("all.yaml", text.format(f"{{{label}}}"))
    both = resource("all.yaml", text.format(f"{{{label}, app: kafka}}"))
    none = resource("all.yaml", text.format(f"{{{label}, app: zookeeper}}"))
    relations = Relations([broker, other, one, both, none])
    assert relations.related(one, "Workload") == relations.related(both, "Workload") == [broker]
    assert relations.related(none, "Workload") == []


CLAIM = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}, namespace: shop}}\nspec: {spec}\n"
CLASS = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: {name}{more}}}\nprovisioner: p\n"
DEFAULT = ', annotations: {storageclass.kubernetes.io/is-default-class: "true"}'


def claim(name: str, spec: str = "{}", path: str = "claim.yaml") -> Resource:
    return resource(path, CLAIM.format(name=name, spec=spec))


def storage_class(name: str, more: str = "", path: str = "class.yaml") -> Resource:
    return resource(path, CLASS.format(name=name, more=more))


def mounting(*names: str, namespace: str = "shop") -> Resource:
    volumes = ", ".join(f"{{name: v{at}, persistentVolumeClaim: {{claimName: {one}}}}}" for at, one in enumerate(names))
    text = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: {namespace}}}\nspec: {{volumes: [{volumes}]}}\n"
    return resource("pod.yaml", text)


def test_claims_and_the_pods_that_mount_them() -> None:
    used, unused, pod = claim("used"), claim("unused"), mounting("used", "missing")
    relations = Relations([used, unused, pod, mounting("unused", namespace="other")])
    assert relations.related(used, "Workload") == [pod]
    assert relations.related(unused, "Workload") == []
    assert relations.related(pod, "PersistentVolumeClaim") == [used]


def test_claims_and_their_class() -> None:
    fast, default = storage_class("fast"), storage_class("slow", DEFAULT)
    named, unnamed, static = claim("a", "{storageClassName: fast}"), claim("b"), claim("c", '{storageClassName: ""}')
    relations = Relations([fast, default, named, unnamed, static])
    assert relations.related(named, "StorageClass") == [fast]
    assert relations.related(unnamed, "StorageClass") == [default]
    assert relations.related(static, "StorageClass") == []
    assert relations.related(fast, "PersistentVolumeClaim") == [named]


def test_the_class_of_another_cluster_is_further_away() -> None:
    one, two = storage_class("fast", path="clusters/a/class.yaml"), storage_class("fast", path="clusters/b/class.yaml")
    own = claim("a", "{storageClassName: fast}", "clusters/b/apps/claim.yaml")
    assert Relations([one, two, own]).related(own, "StorageClass") == [two]


def test_a_stateful_set_has_the_claims_of_its_templates() -> None:
    text = (
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: shop}\nspec:\n"
        "  volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: fast}}]\n"
        "  template: {spec: {containers: []}}\n"
    )
    db, fast = resource("db.yaml", text), storage_class("fast")
    first, other = claim("data-db-0"), claim("data-web-0")
    relations = Relations([db, fast, first, other])
    assert relations.related(db, "PersistentVolumeClaim") == [first]
    assert relations.related(db, "StorageClass") == [fast]


def test_what_holds_for_a_namespace() -> None:
    api = workload("apps/api.yaml", namespace="shop")
    text = "apiVersion: v1\nkind: {}\nmetadata: {{name: {}{}}}\nspec: {{}}\n"
    space = resource("ns.yaml", text.format("Namespace", "shop", ""))
    quota = resource("quota.yaml", text.format("ResourceQuota", "q", ", namespace: shop"))
    foreign = resource("other.yaml", text.format("ResourceQuota", "q", ", namespace: other"))
    relations = Relations([api, space, quota, foreign])
    assert relations.related(api, "Namespace") == [space]
    assert relations.related(api, "ResourceQuota") == [quota]
    assert relations.related(space, "ResourceQuota") == [quota]
    assert relations.related(space, "Workload") == [api]


def test_pools_that_pods_may_run_on() -> None:
    text = "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {{name: {}}}\nspec: {{template: {{spec: {}}}}}\n"
    open_, tainted = (
        resource("pools.yaml", text.format("web", "{}")),
        resource("pools.yaml", text.format("gpu", "{taints: [{key: gpu, effect: NoSchedule}]}")),
    )
    api = workload("api.yaml")
    assert Relations([open_, tainted, api]).related(api, "NodePool") == [open_]


def test_classes_by_name() -> None:
    text = "apiVersion: networking.k8s.io/v1\nkind: {}\nmetadata: {{name: {}}}\nspec: {}\n"
    own = resource("i.yaml", text.format("Ingress", "web", "{ingressClassName: alb}"))
    cls = resource("c.yaml", text.format("IngressClass", "alb", "{parameters: {name: shared}}"))
    parameters = resource(
        "p.yaml", "apiVersion: elbv2.k8s.aws/v1beta1\nkind: IngressClassParams\nmetadata: {name: shared}\nspec: {}\n"
    )
    relations = Relations([own, cls, parameters])
    assert relations.related(own, "IngressClass") == [cls]
    assert relations.related(cls, "IngressClassParams") == [parameters]


def test_a_name_that_is_not_known_is_told() -> None:
    hpa = scaler("hpa.yaml")
    hpa.values["spec"]["scaleTargetRef"]["name"] = Unknown("var.name has no value")
    relations = Relations([workload("api.yaml"), hpa])
    assert relations.unsure == {hpa: "var.name has no value"}
    assert relations.related(hpa) == []


def test_every_order_of_files_gives_the_same() -> None:
    files = [workload("a/api.yaml"), workload("b/api.yaml"), scaler("hpa.yaml"), budget("pdb.yaml", "{}")]
    expected = [[one.location.path for one in Relations(files).related(each)] for each in files]
    for order in itertools.permutations(files):
        assert [[one.location.path for one in Relations(order).related(each)] for each in files] == expected


@pytest.mark.parametrize("above", ["clusters", "envs", "overlays", "apps/api/environments"])
def test_nothing_belongs_together_across_folders_of_copies(above: str) -> None:
    prod, hpa = workload(f"{above}/prod/api.yaml"), scaler(f"{above}/dev/hpa.yaml")
    assert Relations([prod, hpa]).related(prod) == []
    same, beside = scaler(f"{above}/prod/scaling/hpa.yaml"), workload(f"{above}/api.yaml")
    assert Relations([prod, same]).related(prod) == [same]
    assert Relations([beside, hpa]).related(beside) == [hpa]


def test_more_that_are_equally_near_than_anyone_has_are_not_told() -> None:
    api, hpa = workload("api.yaml"), scaler("api.yaml")
    ranges = [limits("limits.yaml", f"l{number}") for number in range(MOST + 1)]
    relations = Relations([api, hpa, *ranges])
    assert relations.related(api) == [hpa]
    assert "more than 200 of kind LimitRange" in (relations.crowded(api, ["LimitRange"]) or "")
    assert relations.crowded(api, AUTOSCALERS) is None
    assert relations.crowded(ranges[0], ["Workload"]) == relations.crowded(ranges[0], ())
    assert "more than 200" in (relations.crowded(ranges[-1], ["Deployment"]) or "")
    few = Relations([api, *ranges[1:]])
    assert few.related(api) == by_address(ranges[1:]) and few.crowded(api, ["LimitRange"]) is None


def test_more_copies_of_a_target_than_anyone_has_are_not_told() -> None:
    hpa, copies = scaler("hpa.yaml"), [workload(f"team-{number}/api.yaml") for number in range(MOST + 1)]
    relations = Relations([hpa, *copies])
    assert scale_target(relations, hpa) is None
    assert relations.crowded(hpa, ()) and relations.crowded(copies[0], AUTOSCALERS)


def test_a_workload_that_too_many_select() -> None:
    api, budgets = workload("a.yaml"), [budget("b.yaml", "{matchLabels: {app: api}}") for _ in range(MOST + 2)]
    other = workload("a.yaml", "other")
    relations = Relations([api, other, *budgets, budget("b.yaml", "{matchLabels: {app: other}}")])
    assert len(relations.related(api)) == MOST
    for one in (api, *budgets[MOST:]):
        assert "more than 200 of one kind select" in (relations.crowded(one, ("Workload", "PodDisruptionBudget")) or "")
    assert relations.crowded(budgets[0], ["Workload"]) is None
    assert budget_of(relations, other) is not None and relations.crowded(other, ()) is None


def test_a_selector_of_too_many() -> None:
    workloads = [workload("a.yaml", f"w{number}") for number in range(MOST_SELECTED + 1)]
    wide, narrow = budget("b.yaml", "{matchLabels: {tier: web}}"), budget("b.yaml", "{matchLabels: {app: w7}}")
    relations = Relations([*workloads, wide, narrow])
    assert relations.related(wide) == []
    assert "more than 1,000" in (relations.crowded(wide, ["Workload"]) or "")
    assert relations.related(narrow) == [workloads[7]]
    assert "more than 1,000" in (relations.crowded(workloads[7], ["PodDisruptionBudget"]) or "")


def test_a_workload_that_too_many_pools_may_take() -> None:
    pools = [
        resource(
            "pools.yaml", f"apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {{name: p{number}}}\nspec: {{}}\n"
        )
        for number in range(MOST + 1)
    ]
    api = workload("api.yaml")
    relations = Relations([api, *pools])
    assert "more than 200 of kind NodePool" in (relations.crowded(api, ["NodePool"]) or "")
    assert relations.related(pools[0], "Workload") == [] and relations.crowded(pools[0], ["Workload"])
