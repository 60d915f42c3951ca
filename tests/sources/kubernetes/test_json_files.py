"""Which JSON of a repository is a manifest."""

import json
import time
from codecs import BOM_UTF8

import pytest

from surplus.sources.kubernetes.json_files import HEAD_BYTES, holds_manifest

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "labels": {'say "{"': "}\\"}}}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(POD),
        json.dumps(POD, indent="\t"),
        json.dumps(POD, separators=(",", ":")),
        json.dumps({"metadata": {}, "kind": "Pod", "apiVersion": "v1"}),
        ' \r\n{\n"kind" : "Pod",\n\t"apiVersion"\t: "apps\\/v1"}\n',
        json.dumps(POD)[:-1],
        json.dumps(POD) * 2,
        '{"apiVersion": "v1", "kind": {{ .kind }}}',
    ],
)
def test_an_object_with_both_keys_is_a_manifest(text: str) -> None:
    assert holds_manifest(text.encode())
    assert holds_manifest(BOM_UTF8 + text.encode())
    assert holds_manifest(text.encode("utf-16"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        json.dumps([POD]),
        json.dumps("apiVersion kind"),
        json.dumps({"name": "web", "scripts": {"apiVersion": "kind"}}),
        json.dumps({"compilerOptions": {}, "apiVersion": "v1"}),
        json.dumps({"$schema": "", "properties": {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}}),
        json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Chart": {"Properties": POD}}}),
        json.dumps({"$schema": "", "contentVersion": "1.0.0.0", "resources": [{"apiVersion": "1", "kind": "app"}]}),
        json.dumps({"title": "Pods", "panels": [POD], "tags": ["apiVersion", "kind"]}),
        json.dumps({"text": '"apiVersion": "v1", "kind": "Pod"'}),
        json.dumps({"format_version": "1.2", "planned_values": {"root_module": {"resources": [POD]}}}),
    ],
)
def test_other_json_is_none(text: str) -> None:
    assert not holds_manifest(text.encode())


def test_the_kind_of_a_long_list_may_lie_behind_what_is_looked_at() -> None:
    long = json.dumps({"apiVersion": "v1", "items": [POD] * 2000, "kind": "List"}).encode()
    assert len(long) > HEAD_BYTES and holds_manifest(long[:HEAD_BYTES])
    assert not holds_manifest(json.dumps({"x": [POD] * 2000}).encode()[:HEAD_BYTES])


def test_a_text_that_is_cut_off_takes_no_longer() -> None:
    head = (json.dumps({"kind": "apiVersion", "apiVersion": 1})[:-1] + ', "x": "' + '\\"' * HEAD_BYTES).encode()
    start = time.process_time()
    assert holds_manifest(head[:HEAD_BYTES]) and holds_manifest(head[: HEAD_BYTES + 1])
    assert time.process_time() - start < 1
