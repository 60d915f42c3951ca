"""What the workloads of a small shop cost, worked out by hand from the list prices of N. Virginia."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support import here, write
from surplus.functions.scope import World
from surplus.pricing.book import PriceBook
from surplus.pricing.costs import Costs
from surplus.roots import evaluate_files

CLUSTER = """
provider "aws" {
  region = "us-east-1"
}
resource "aws_eks_cluster" "shop" {
  name = "shop"
}
resource "aws_eks_node_group" "general" {
  cluster_name   = aws_eks_cluster.shop.name
  instance_types = ["m5.xlarge"]
  scaling_config {
    desired_size = 6
    max_size     = 12
    min_size     = 3
  }
}
"""

API = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - {name: api, image: api:1, resources: {requests: {cpu: 500m, memory: 1Gi}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  minReplicas: 4
  maxReplicas: 20
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec:
  type: LoadBalancer
  selector: {app: api}
  ports: [{port: 443}]
"""

DATA = """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: ebs.csi.aws.com
parameters: {type: gp3, iops: "4000"}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: orders, namespace: shop}
spec:
  replicas: 3
  serviceName: orders
  selector: {matchLabels: {app: orders}}
  template:
    metadata: {labels: {app: orders}}
    spec:
      containers:
        - {name: db, image: db:1, resources: {requests: {cpu: 1, memory: 4Gi}}}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec:
        storageClassName: fast
        accessModes: [ReadWriteOnce]
        resources: {requests: {storage: 100Gi}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: exports, namespace: shop}
spec:
  storageClassName: gp2
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 50Gi}}
"""

PLATFORM = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: logs, namespace: platform}
spec:
  selector: {matchLabels: {app: logs}}
  template:
    metadata: {labels: {app: logs}}
    spec:
      nodeSelector: {kubernetes.io/os: linux}
      containers:
        - {name: logs, image: logs:1, resources: {requests: {cpu: 100m, memory: 256Mi}}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: defaults, namespace: web}
spec:
  limits:
    - {type: Container, defaultRequest: {cpu: 200m, memory: 256Mi}, default: {cpu: 1, memory: 1Gi}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: pages, namespace: web}
spec:
  replicas: 5
  selector: {matchLabels: {app: pages}}
  template:
    metadata: {labels: {app: pages}}
    spec:
      containers:
        - {name: pages, image: pages:1}
        - {name: cache, image: cache:1, resources: {limits: {memory: 512Mi}}}
"""

WORKERS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: mails, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: mails}}
  template:
    metadata: {labels: {app: mails}}
    spec:
      initContainers:
        - {name: proxy, image: proxy:1, restartPolicy: Always, resources: {requests: {cpu: 200m, memory: 128Mi}}}
      containers:
        - {name: mails, image: mails:1, resources: {requests: {cpu: 300m, memory: 384Mi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: search, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: search}}
  template:
    metadata: {labels: {app: search}}
    spec:
      initContainers:
        - {name: index, image: search:1, resources: {requests: {cpu: 2, memory: 1Gi}}}
      containers:
        - {name: search, image: search:1, resources: {requests: {cpu: 500m, memory: 3Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: photos, namespace: shop}
spec:
  selector: {matchLabels: {app: photos}}
  template:
    metadata: {labels: {app: photos}}
    spec:
      containers:
        - name: photos
          image: photos:1
          resources: {requests: {cpu: 1, memory: 8Gi}, limits: {nvidia.com/gpu: 1}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - {name: report, image: report:1, resources: {requests: {cpu: 2, memory: 4Gi}}}
"""

POLICY = "prices:\n  kubernetes: {gpu_hour: 0.4}\n  usage_file: usage.yaml\n"
FILES = {
    "cluster/main.tf": CLUSTER,
    "k8s/api.yaml": API,
    "k8s/data.yaml": DATA,
    "k8s/platform.yaml": PLATFORM,
    "k8s/workers.yaml": WORKERS,
    "surplus.yaml": POLICY,
    "usage.yaml": "CronJob: {pod_hours: 30}\n",
}

# An m5.xlarge costs $0.192 an hour for 4 vCPUs and 16 GiB; a vCPU costs as much as 0.04048 / 0.004445 GiB (Fargate).
GIB = 0.192 / (4 * 0.04048 / 0.004445 + 16)
VCPU = GIB * 0.04048 / 0.004445
MONTH = 730

COSTS = {
    # the autoscaler's floor of four, not the two replicas
    "Deployment/shop/api": 4 * MONTH * (0.5 * VCPU + 1 * GIB),
    # EKS makes a Classic Load Balancer
    "Service/shop/api": MONTH * 0.025,
    # three pods, each with 100 GiB of gp3 at $0.08 and 1,000 IOPS above the included 3,000 at $0.005
    "StatefulSet/shop/orders": 3 * (MONTH * (1 * VCPU + 4 * GIB) + 100 * 0.08 + 1000 * 0.005),
    # gp2 at $0.10
    "PersistentVolumeClaim/shop/exports": 50 * 0.10,
    # one pod on each of six nodes
    "DaemonSet/platform/logs": 6 * MONTH * (0.1 * VCPU + 0.25 * GIB),
    # the defaults of the namespace for what is not written; the limit goes before the default request
    "Deployment/web/pages": 5 * MONTH * ((0.2 + 0.2) * VCPU + (0.25 + 0.5) * GIB),
    # the sidecar counts beside the container
    "Deployment/shop/mails": 2 * MONTH * ((0.2 + 0.3) * VCPU + (0.125 + 0.375) * GIB),
    # the init container needs more CPU than the container, and less memory
    "Deployment/shop/search": 2 * MONTH * (2 * VCPU + 3 * GIB),
    # one replica by default, with a GPU at the policy's $0.40
    "Deployment/shop/photos": 1 * MONTH * (1 * VCPU + 8 * GIB + 1 * 0.4),
    # thirty hours a month by the usage file
    "CronJob/shop/report": 30 * (2 * VCPU + 4 * GIB),
}


def costs(folder: Path) -> dict[str, dict[str, Any]]:
    run = here("cost", ".", "--output-format", "json", cwd=folder, SURPLUS_PRICES="/nowhere")
    assert run.returncode == 0, run.stderr
    return {one["resource"]: one for one in json.loads(run.stdout)["resources"]}


def test_what_each_workload_costs_by_hand(tmp_path: Path) -> None:
    found = costs(write(tmp_path, FILES))
    for address, wanted in COSTS.items():
        assert found[address]["monthly_usd"] == pytest.approx(wanted, abs=0.01), address
    part = found["Deployment/shop/api"]["components"][0]
    assert part["basis"] == "nodes of m5.xlarge in us-east-1"


def test_without_nodes_the_default_is_taken_and_daemon_sets_are_not_known(tmp_path: Path) -> None:
    files = {name: text for name, text in FILES.items() if not name.startswith("cluster/")}
    found = costs(write(tmp_path, files))
    assert found["Deployment/shop/api"]["monthly_usd"] == pytest.approx(4 * 730 * (0.5 * 0.031611 + 0.004237), abs=0.01)
    assert found["Deployment/shop/api"]["components"][0]["basis"] == "default, as the scan has no nodes with a price"
    assert found["DaemonSet/platform/logs"]["monthly_usd"] is None
    assert "prices.kubernetes.nodes" in found["DaemonSet/platform/logs"]["reason"]
    assert "which cloud" in found["Service/shop/api"]["reason"]


def test_nodes_that_differ_leave_the_default(tmp_path: Path) -> None:
    other = CLUSTER.split("resource", 2)[2].replace('"general"', '"memory"').replace("m5.xlarge", "r5.xlarge")
    found = costs(write(tmp_path, {**FILES, "cluster/memory.tf": f"resource{other}"}))
    part = found["Deployment/shop/api"]["components"][0]
    assert part["unit_price_usd"] == 0.031611
    assert part["basis"] == "default, as it may run on nodes of several prices: m5.xlarge, r5.xlarge"
    assert found["DaemonSet/platform/logs"]["components"][0]["quantity"] == pytest.approx(12 * 730 * 0.1)


def test_pods_cost_what_the_nodes_do_that_they_may_run_on(tmp_path: Path) -> None:
    other = CLUSTER.split("resource", 2)[2].replace('"general"', '"memory"').replace("m5.xlarge", "r5.xlarge")
    taint = (
        '  capacity_type = "SPOT"\n  taint {\n    key    = "pool"\n    effect = "NO_SCHEDULE"\n  }\n  scaling_config'
    )
    apart = other.replace("  scaling_config", taint)
    selected = (
        "      nodeSelector: {eks.amazonaws.com/capacityType: SPOT}\n      tolerations: [{key: pool}]\n      containers"
    )
    mails = WORKERS.split("---")[0].replace("      containers", selected)
    files = {**FILES, "cluster/memory.tf": f"resource{apart}", "k8s/workers.yaml": mails}
    found = costs(write(tmp_path, files))
    for address in ("Deployment/shop/api", "StatefulSet/shop/orders", "DaemonSet/platform/logs"):
        assert found[address]["monthly_usd"] == pytest.approx(COSTS[address], abs=0.01), address
    assert found["Deployment/shop/api"]["components"][0]["basis"] == "nodes of m5.xlarge in us-east-1"
    assert found["Deployment/shop/mails"]["monthly_usd"] is None
    assert "its nodes are Spot nodes, whose price varies" in found["Deployment/shop/mails"]["reason"]


@pytest.mark.parametrize(
    ("of", "payers"),
    [
        ("StorageClass/fast", ["StatefulSet/shop/orders"]),
        ("HorizontalPodAutoscaler/shop/api", ["Deployment/shop/api"]),
        ("LimitRange/web/defaults", ["Deployment/web/pages"]),
        ("Deployment/shop/api", []),
    ],
)
def test_who_pays_for_a_change(of: str, payers: list[str]) -> None:
    manifests = {name: text for name, text in FILES.items() if name.startswith("k8s/")}
    (root,) = evaluate_files(manifests, None)
    costs = Costs(World(root), PriceBook())
    assert [one.address for one in costs.payers(root.by_address[of])] == [of, *payers]


def routes(value: Any, route: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything below a manifest's top."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield (*route, key)
        yield from routes(value[key], (*route, key))


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("k8s/")])
@pytest.mark.parametrize("wrong", [[1], {"a": [1]}, -1], ids=str)
def test_what_is_not_well_formed_is_not_priced_and_stops_nothing(name: str, wrong: Any) -> None:
    manifests = list(yaml.safe_load_all(FILES[name]))
    for at, manifest in enumerate(manifests):
        for *above, last in routes(manifest):
            if (above, last) in (([], "kind"), ([], "apiVersion")):
                continue
            damaged = copy.deepcopy(manifests)
            inner = damaged[at]
            for key in above:
                inner = inner[key]
            inner[last] = wrong
            for root in evaluate_files({"a.yaml": yaml.safe_dump_all(damaged)}, None):
                parts = [part for one in Costs(World(root), PriceBook()).all() for part in one.components]
                assert not [part for part in parts if "internal error" in (part.reason or "")], (above, last)
