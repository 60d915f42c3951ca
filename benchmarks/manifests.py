"""Relations and rules over a folder of manifests against reading them: CPU seconds, one run.

`python benchmarks/manifests.py [FOLDER]`. Without a folder, 10,000 manifests are written to a temporary one: the
services of many teams, each with a Deployment or StatefulSet, Service, autoscaler, budget, claim, account and
configuration. The budget is that relations and rules cost less than reading.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "linter"))

from surplus.config import Configuration
from surplus.discovery import discover
from surplus.engine import Judge
from surplus.findings import findings_of
from surplus.market import Market
from surplus.roots import manifest_roots
from surplus.rules import bundled_rules
from surplus.savings import savings_of
from surplus.scan import Options, Scan, open_tree
from surplus.sources.kubernetes.relations import Relations
from surplus.sources.terraform.modules import Folders

KINDS = 8
"""Manifests of one service."""

SERVICE = """\
apiVersion: apps/v1
kind: {kind}
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {namespace}
spec:
{pinned}  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
        app.kubernetes.io/part-of: {namespace}
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "9090"
    spec:
      serviceAccountName: {name}
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
      containers:
        - name: app
          image: registry.example.com/{namespace}/{name}:1.4.{replicas}
          imagePullPolicy: IfNotPresent
          ports:
            - name: http
              containerPort: 8080
            - name: metrics
              containerPort: 9090
          env:
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef:
                  name: {name}-database
                  key: url
            - name: LOG_LEVEL
              value: info
            - name: QUEUE
              value: {name}.events
          envFrom:
            - configMapRef:
                name: {name}
          resources:
            requests:
              cpu: {cpu}m
              memory: {memory}Mi
            limits:
              memory: {memory}Mi
          readinessProbe:
            httpGet:
              path: /ready
              port: http
            periodSeconds: 10
          livenessProbe:
            httpGet:
              path: /live
              port: http
            periodSeconds: 20
          volumeMounts:
            - name: data
              mountPath: /var/lib/{name}
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: data
          persistentVolumeClaim:
            claimName: {name}
        - name: tmp
          emptyDir: {{}}
"""

OTHERS = {
    "service": """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
  namespace: {namespace}
spec:
  selector:
    app.kubernetes.io/name: {name}
  ports:
    - name: http
      port: 80
      targetPort: http
""",
    "hpa": """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {name}
  namespace: {namespace}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: {kind}
    name: {name}
  minReplicas: 2
  maxReplicas: 12
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 70
""",
    "pdb": """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {name}
  namespace: {namespace}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
""",
    "pvc": """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {name}
  namespace: {namespace}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: standard-rwo
  resources:
    requests:
      storage: 20Gi
""",
    "sa": """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {name}
  namespace: {namespace}
""",
    "config": """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
  namespace: {namespace}
data:
  FEATURE_RETRIES: "3"
  FEATURE_LEDGER: "true"
  TIMEOUT: 5s
""",
    "cronjob": """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {name}-reconcile
  namespace: {namespace}
spec:
  schedule: "{replicas} 3 * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      activeDeadlineSeconds: 3600
      template:
        spec:
          restartPolicy: OnFailure
          containers:
            - name: reconcile
              image: registry.example.com/{namespace}/{name}:1.4.{replicas}
              args: [reconcile, --since, yesterday]
              resources:
                requests:
                  cpu: 100m
                  memory: 128Mi
""",
}


def write(folder: Path, manifests: int) -> None:
    """Write that many manifests, one a file, all in one folder."""
    for number in range(manifests // KINDS):
        values = {
            "name": f"svc-{number:04}",
            "namespace": f"team-{number % 40:02}",
            "kind": "StatefulSet" if number % 10 == 0 else "Deployment",
            "replicas": number % 5 + 1,
            "pinned": "  replicas: 3\n" if number % 10 == 0 else "",
            "cpu": 100 + number % 7 * 50,
            "memory": 128 * (1 + number % 5),
        }
        for name, text in {"workload": SERVICE, **OTHERS}.items():
            (folder / f"{values['name']}-{name}.yaml").write_text(text.format(**values))


def main(folder: str) -> int:
    """Print the seconds of each part; the exit code is 1 above the budget."""
    options = Options(paths=(folder,), root=folder, isolated=True, config="strict")
    judge = Judge(list(bundled_rules().values()))
    for rule in bundled_rules().values():
        judge.compiled(rule)
    tree, selection = open_tree(options)
    configuration = Configuration(tree, options.config, options.isolated)
    start = time.process_time()
    discovered = discover(tree, Folders(tree), selection)
    roots = manifest_roots(tree, discovered, configuration, selection, ())
    reading = time.process_time() - start
    start = time.process_time()
    for one in roots:
        Relations(one.resources)
    relating = time.process_time() - start
    of_run = configuration.of_run()
    scan = Scan(tree, selection, configuration, roots, (), of_run)
    market = Market(options, scan)
    start = time.process_time()
    hits, undecided, found = 0, 0, 0
    for one in roots:
        governing = configuration.governing(one.root.path)
        costs = market.costs(one, governing.policy)
        outcome = judge.judge(costs.world, governing.active(one.root.path))
        hits += len(outcome.hits)
        undecided += len(outcome.undecided)
        found += len(findings_of(one, savings_of(outcome.hits, costs, judge), lambda _: (None, None)))
    judging = time.process_time() - start
    resources = sum(len(one.resources) for one in roots)
    size = sum(tree.read(path).data.__len__() for one in roots for path in one.files) / 1e6
    print(f"{size:.2f} MB, {resources} resources, {found} findings, {undecided} undecided")
    print(f"read {reading:.2f} s, relations {relating:.2f} s, relations and rules {judging:.2f} s")
    return 1 if judging > reading else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(sys.argv[1]))
    with tempfile.TemporaryDirectory() as temporary:
        write(Path(temporary), 10_000)
        sys.exit(main(temporary))
