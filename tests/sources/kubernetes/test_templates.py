"""What YAML makes of a text decides whether it is a template."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surplus.documents import read_documents
from surplus.sources.kubernetes.templates import is_template, without_templates


def judged(text: str) -> bool:
    return is_template(text, read_documents(text, "f.yaml")[1])


@pytest.mark.parametrize(
    "text",
    [
        "replicas: {{ .Values.replicas }}\n",
        "replicas:   {{replicas}}\n",
        "---\na: 1\n---\nb:\n  c: {{ x }}\n",
        "{{ .key }}: 5\n",
        "{{- if .Values.enabled }}\na: 1\n{{- end }}\n",
        'metadata:\n  labels:\n    {{- include "x.labels" . | nindent 4 }}\n',
        "- {{ $x }}\n",
        "- - {{ x }}\n",
        "a: [{{ .x }}]\n",
        "cpu: {{ .Values.cpu }}m\n",
        "{{/* a comment */}}\na: 1\n",
        "a: |\n  text\nb: {{ .x }}\n",
        "data:\n  x: |\n    text\n{{ end }}\n",
        "a: b{{ if .Values.x }}\n  c: d\n",
        "spec:\n{% if replicas %}\n  replicas: 2\n{% endif %}\n",
        "{% for name in names %}\n---\na: 1\n{% endfor %}\n",
        "spec:\n  %{ if x }\n  replicas: 2\n  %{ endif }\n",
        "%{ for name in names ~}\na: 1\n%{ endfor ~}\n",
    ],
)
def test_templates(text: str) -> None:
    assert judged(text)


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n",
        'summary: "{{ $labels.instance }} is down"\n',
        "name: '{{ .path.basename }}'\n",
        "# {{ .Values.x }}\na: 1 # {{ if }}\n",
        "expr: |\n  {{ $value }}\n  {{ if .x }}\n\n  {{ end }}\nb: 1\n",
        "- >-\n  {{ range .Alerts }}\n",
        "args: job-{{workflow.name}}\n",
        "a: {b: {c: d}}\n",
        # Quoted over several lines, the next of which begins with an action.
        'data: "first\n  {{ if .Values.x }} second\n\n  {{ end }}\\n"\n',
        "data: 'first\n  {{ .Release.Name }}'\n",
        # One text: what follows the `-` is on its line.
        "message: The queue - {{ $labels.queue }} - is long\n",
        "message: The queue of {{ $labels.name }} and\n  {{ $labels.other }} is long\n",
        "values:\n  host: app.{{ .Release.Namespace }}.svc\n",
        "format: 100%{x}\npath: a{%b%}\n",
    ],
)
def test_texts_that_carry_actions_as_data(text: str) -> None:
    assert not judged(text)


@pytest.mark.parametrize(
    "text",
    [
        'a: [\nsummary: "{{ $value }}"\n',
        "a: |\n  {{ range .Alerts }}\nb: [\n",
        "# {{ .Values.x }}\n{a: 1}: 2\n",
        "{a: 1}: 2\nb: x-{{ .Values.x }}\n",
        "a: 1\na: x-{{ .Values.x }}\n",
    ],
)
def test_faults_that_no_action_makes(text: str) -> None:
    """What is wrong there is for the author to mend, so it is told."""
    assert read_documents(text, "f.yaml")[1]
    assert not judged(text)


@given(st.text("{}%[]:-#'\"|> \nax.", max_size=40))
def test_what_reads_as_yaml_is_no_template(text: str) -> None:
    _, problems = read_documents(text, "f.yaml")
    assert problems or not is_template(text, problems)


def test_recognition_takes_linear_time() -> None:
    for text in ('"' + '\\"' * 100_000, "'" * 100_000, "- " + " " * 100_000, "- " + "&a " * 50_000):
        judged(text + "{{\n: [")
    for text in ("{{ if " * 50_000, "{{}} {% " * 50_000, "%{ if " * 50_000, "---\n{{}}\n" * 20_000):
        without_templates(text)


PLAIN = "apiVersion: v1\nkind: Pod\n"


@pytest.mark.parametrize(
    "part",
    [
        "replicas: {{ .Values.replicas }}\n",
        "{{- if .x }}\na: 1\n{{- else if .y }}\na: 2\n{{- end }}\n",
        "{{ range .names }}\n- {{ . }}\n{{ end }}\nb: {{ with .x }}{{ .y }}{{ end }}\n",
        "{{/* if the names\n  end */}}\na: {{ endpoint }}\n",
        "{% if x %}\na: 1\n{% elif y %}\na: 2\n{%- endif %}\n{% set z = 1 %}\n",
        "{% for a in b %}\n- {{ a }}\n{% endfor %}\n",
        "a: {# a word #} 1\n",
        "%{ for a in b ~}\n- ${a}\n%{ endfor ~}\nc: 1\n",
        "# {{ .x }}\na: 1\n",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_documents_that_are_filled_in_are_told_from_the_others(part: str, end: str) -> None:
    text = f"{PLAIN}---\n{part}--- # {PLAIN}---\n\n{part}\n".replace("\n", end)
    found = without_templates(text)
    assert found is not None
    rest, places = found
    assert len(rest) == len(text) and rest.count("\n") == text.count("\n")
    assert rest.startswith(PLAIN.replace("\n", end)) and "{" not in rest
    assert [place.line for place in places] == [4, 4 + part.count("\n") + 4]


@pytest.mark.parametrize(
    "text",
    [
        f"{{{{ if .x }}}}\n{PLAIN}---\n{PLAIN}{{{{ end }}}}\n",
        f"{{{{ range .x }}}}\n---\n{PLAIN}{{{{ end }}}}\n",
        f"{PLAIN}---\n{{{{ end }}}}\na: {{{{ if .x }}}}\n",
        f"{{% for a in b %}}\n---\n{PLAIN}{{% endfor %}}\n",
        f"{{% set a %}}\n---\n{PLAIN}---\n{{% endset %}}\n",
        f"%{{ if a }}\n---\n{PLAIN}---\n%{{ endif }}\n",
        f"{{{{/*\n---\n{PLAIN}---\n*/}}}}\n",
        f"a: {{{{ .x -}}}}\n\n---\n{PLAIN}",
        f"%{{ if a }}\nb: 1\n%{{ endif ~}}\n---\n{PLAIN}",
    ],
)
def test_what_reaches_over_documents_makes_all_of_them_templates(text: str) -> None:
    assert without_templates(text) is None


def test_in_a_template_of_terraform_a_document_may_hold_no_more_than_references() -> None:
    references = "metadata: {name: ${name}}\n"
    for part, line in (("%{ if a }\nb: 1\n%{ endif }\n", 1), ("a: {{ .x }}\n", 3)):
        found = without_templates(f"{references}---\n{part}---\n{PLAIN}")
        assert found is not None and found[1][0].line == line
