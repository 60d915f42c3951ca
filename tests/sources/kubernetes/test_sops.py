"""What SOPS leaves of a manifest: https://getsops.io/docs/"""

from surplus.model import Unknown, walk
from surplus.sources.kubernetes.manifests import read_manifests

SECRET = "ENC[AES256_GCM,data:oC/s=,iv:57/oA=,tag:gg/eP=,type:int]"
SOPS = "sops:\n  mac: ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]\n  version: 3.9.0\n"
DEPLOYMENT = f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: api}}
spec:
  replicas: {SECRET}
  template:
    spec:
      containers:
        - name: api
          args: ["{SECRET}", plain]
"""


def test_encrypted_values_are_unknown() -> None:
    (resource,) = read_manifests(DEPLOYMENT + SOPS, "f.yaml").resources
    values = resource.values
    assert resource.address == "Deployment/api"
    assert walk(values, ("spec", "replicas")) == Unknown("the value is encrypted by SOPS")
    secret, plain = walk(values, ("spec", "template", "spec", "containers", 0, "args"))
    assert isinstance(secret, Unknown) and plain == "plain"


def test_a_shape_that_is_encrypted_is_unknown() -> None:
    text = f"apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {SECRET}\n{SOPS}"
    (resource,) = read_manifests(text, "f.yaml").resources
    assert resource.values["spec"] == Unknown("the value is encrypted by SOPS")


def test_what_cannot_be_told_to_be_anything_is_left_out_with_a_note() -> None:
    text = f"apiVersion: {SECRET}\nkind: {SECRET}\nmetadata:\n  name: {SECRET}\n{SOPS}"
    file = read_manifests(f"{text}---\n{DEPLOYMENT}{SOPS}", "f.yaml")
    (note,) = file.problems
    assert note.note and note.message == "apiVersion or kind is encrypted by SOPS, so this is left out"
    assert note.span is not None and note.span.line == 2
    assert [one.address for one in file.resources] == ["Deployment/api"]


def test_without_its_mapping_nothing_is_encrypted() -> None:
    (resource,) = read_manifests(DEPLOYMENT.replace(SECRET, "3").replace("plain", "'ENC[x]'"), "f.yaml").resources
    assert walk(resource.values, ("spec", "template", "spec", "containers", 0, "args"))[1] == "ENC[x]"
