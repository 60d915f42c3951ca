"""What Terraform's `kubernetes_*` resources call otherwise than the rule says.

The provider writes the names of the Kubernetes API in snake case, lists of blocks in the singular, and a mapping as a
block that stands once. The exceptions, and which blocks are lists, are here, after the provider's documentation
(https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs) and the Kubernetes API reference.
"""

import re
from collections.abc import Mapping
from typing import Any

from surplus.model import Route

GROUPS = {
    "": "config_map endpoints limit_range namespace persistent_volume persistent_volume_claim pod"
    " replication_controller resource_quota secret service service_account",
    "admissionregistration.k8s.io": "mutating_webhook_configuration validating_webhook_configuration",
    "apiregistration.k8s.io": "api_service",
    "apps": "daemon_set daemonset deployment stateful_set",
    "autoscaling": "horizontal_pod_autoscaler",
    "batch": "cron_job job",
    "discovery.k8s.io": "endpoint_slice",
    "networking.k8s.io": "ingress ingress_class network_policy",
    "node.k8s.io": "runtime_class",
    "policy": "pod_disruption_budget pod_security_policy",
    "rbac.authorization.k8s.io": "cluster_role cluster_role_binding role role_binding",
    "scheduling.k8s.io": "priority_class",
    "storage.k8s.io": "csi_driver storage_class",
}
"""The types that declare a whole object, without `kubernetes_` and their version, by API group."""

KINDS = {"api_service": "APIService", "csi_driver": "CSIDriver", "daemonset": "DaemonSet"}
"""Kinds that are not their type's name in camel case."""

BETA = ("cron_job", "csi_driver", "ingress", "pod_disruption_budget", "pod_security_policy")
"""The types that stand for v1beta1 where their name says no version; the others stand for v1."""

_CLUSTER_SCOPED = (
    "APIService CSIDriver ClusterRole ClusterRoleBinding IngressClass MutatingWebhookConfiguration Namespace"
    " PersistentVolume PodSecurityPolicy PriorityClass RuntimeClass StorageClass"
    " ValidatingWebhookConfiguration"
)
CLUSTER_SCOPED = frozenset(_CLUSTER_SCOPED.split())
"""The kinds without a namespace."""

PROVIDER_DEFAULTS: Mapping[str, Mapping[Route, Any]] = {"StorageClass": {("allowVolumeExpansion",): True}}
"""What the provider fills in where the API server would fill in something else, or nothing."""

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
LISTS = {
    "allowed_topologies": "allowedTopologies",
    "cluster_role_selectors": "clusterRoleSelectors",
    "dns_config.option": "options",
    "egress": "egress",
    "endpoint": "endpoints",
    "env": "env",
    "env_from": "envFrom",
    "from": "from",
    "host_aliases": "hostAliases",
    "http.path": "paths",
    "http_header": "httpHeaders",
    "image_pull_secret": "imagePullSecrets",
    "image_pull_secrets": "imagePullSecrets",
    "init_container": "initContainers",
    "items": "items",
    "match_expression": "matchExpressions",
    "match_expressions": "matchExpressions",
    "match_fields": "matchFields",
    "match_label_expressions": "matchLabelExpressions",
    "node_selector_term": "nodeSelectorTerms",
    "not_ready_address": "notReadyAddresses",
    "on_pod_condition": "onPodConditions",
    "pod_affinity.required_during_scheduling_ignored_during_execution": _REQUIRED,
    "pod_anti_affinity.required_during_scheduling_ignored_during_execution": _REQUIRED,
    "ports": "ports",
    "preferred_during_scheduling_ignored_during_execution": "preferredDuringSchedulingIgnoredDuringExecution",
    "readiness_gate": "readinessGates",
    "rule": "rules",
    "scale_down.policy": "policies",
    "scale_up.policy": "policies",
    "sources": "sources",
    "spec.container": "containers",
    "spec.limit": "limits",
    "spec.ingress": "ingress",
    "spec.metric": "metrics",
    "spec.volume": "volumes",
    "spec.volume_claim_template": "volumeClaimTemplates",
    "subject": "subjects",
    "subset": "subsets",
    "subset.address": "addresses",
    "sysctl": "sysctls",
    "taint": "taints",
    "tls": "tls",
    "to": "to",
    "toleration": "tolerations",
    "topology_spread_constraint": "topologySpreadConstraints",
    "volume_device": "volumeDevices",
    "volume_mount": "volumeMounts",
    "webhook": "webhooks",
    ".port": "ports",
    ".secret": "secrets",
    "container.port": "ports",
    "init_container.port": "ports",
    "spec.port": "ports",
    "subset.port": "ports",
}
"""Blocks that are lists in Kubernetes too, with their name there; `block.name` where the name alone does not tell."""

_MAPS = (
    "annotations binary_data capacity data default default_request hard labels limits match_labels max"
    " max_limit_request_ratio min node_selector options parameters requests selector volume_attributes"
)
MAPS = frozenset(_MAPS.split())
"""Arguments that hold a map, whose keys are no names of the provider's."""

ONCE_BLOCKS = frozenset(("limits", "requests"))
"""Those for which versions before 2.0 of the provider had blocks."""

INLINE = frozenset(("persistent_volume_source",))
"""Blocks whose arguments stand where the block stands."""

IGNORED = frozenset(
    (
        *(".id", ".status", ".timeouts", ".wait_until_bound"),
        *("metadata.generation", "metadata.resource_version", "metadata.self_link", "metadata.uid"),
        *(".binary_data_wo", ".binary_data_wo_revision", ".data_wo", ".data_wo_revision", ".default_secret_name"),
    )
)
"""What is no part of the object: settings of the provider, and what only the cluster fills in."""

_CAPITALS = ("API", "CIDR", "CIDRs", "CPU", "ID", "IP", "IPC", "IPs", "PID", "TLS", "URI")
ACRONYMS = {word.lower(): word for word in _CAPITALS}
"""Words that Kubernetes writes in capitals where they do not begin a name."""

NAMES = {
    "ceph_fs": "cephfs",
    "data_disk_uri": "diskURI",
    "run_as_username": "runAsUserName",
    "storage_provisioner": "provisioner",
    "target_ww_ns": "targetWWNs",
    "timezone": "timeZone",
}
"""Names that no rule gives."""

NUMBERS = re.compile(
    r"(?:\w+_)?(?:replicas|seconds|percentage|port|utilization)|(?:backoff|history|\w+_history)_limit|completions"
    r"|fs_group|max_surge|max_unavailable|min_available|parallelism|run_as_group|run_as_user"
)
"""Arguments that are whole numbers in Kubernetes where they look like one, and that the provider may keep as text."""
