import json
from pathlib import Path

import pytest

from surplus.sources.terraform import grammar
from surplus.sources.terraform.builders import BUILDERS


@pytest.fixture(scope="module")
def built() -> grammar.Table:
    return grammar.build_table()


def test_the_shipped_table_is_the_one_of_the_installed_grammar(built: grammar.Table) -> None:
    assert json.loads(grammar.SHIPPED.read_bytes()) == built, "run tools/build_grammar.py"
    assert grammar.SHIPPED.read_text(encoding="utf-8") == grammar.table_text(built)


def test_without_python_hcl2_the_shipped_table_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "_installed_grammar", lambda: None)
    assert grammar.load_table(BUILDERS)["digest"] == json.loads(grammar.SHIPPED.read_bytes())["digest"]


def another_grammar(monkeypatch: pytest.MonkeyPatch, built: grammar.Table) -> list[int]:
    calls: list[int] = []
    digest = grammar.grammar_digest(b"another")

    def build() -> grammar.Table:
        calls.append(1)
        return {**built, "digest": digest}

    monkeypatch.setattr(grammar, "_installed_grammar", lambda: b"another")
    monkeypatch.setattr(grammar, "build_table", build)
    return calls


def test_another_grammar_is_compiled_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, built: grammar.Table
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    calls = another_grammar(monkeypatch, built)
    first = grammar.load_table(BUILDERS)
    assert first["digest"] == grammar.grammar_digest(b"another")
    assert grammar.load_table(BUILDERS) == first
    assert len(calls) == 1
    (kept,) = (tmp_path / "surplus").iterdir()
    kept.write_text("{")
    assert grammar.load_table(BUILDERS) == first
    assert len(calls) == 2


def test_a_cache_that_cannot_be_written_does_no_harm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, built: grammar.Table
) -> None:
    (tmp_path / "surplus").write_text("a file, no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    another_grammar(monkeypatch, built)
    assert grammar.load_table(BUILDERS)["digest"] == grammar.grammar_digest(b"another")


def test_a_grammar_with_unknown_rules_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, built: grammar.Table
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    another_grammar(monkeypatch, {**built, "rules": [*built["rules"], ["new", "new", 2, [], False]]})
    assert grammar.load_table(BUILDERS)["digest"] == built["digest"]
