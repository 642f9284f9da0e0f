"""The table of who may import whom, and that what exists is documented."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from bot.settings import ROOT

OURS = {"bot", "actions"}
# Package → top-level names of other people's that it may import, and packages of ours.
TABLE = {
    "bot/reframing": ({"pydantic", "yaml", "textstat", "sklearn"}, {"bot.reframing", "bot.errors"}),
    "bot/safety": (
        {"spacy", "numpy", "yaml", "pydantic", "regex", "lingua", "confusable_homoglyphs", "symspellpy"},
        {"bot.safety", "bot.errors", "bot.reframing.catalogue"},
    ),
    "bot/privacy": (
        {"presidio_analyzer", "spacy", "tldextract", "regex", "yaml", "numpy"},
        {"bot.privacy", "bot.errors", "bot.safety.directory", "bot.safety.spelling"},
    ),
    "bot/nlu": (
        {"rasa", "numpy", "joblib", "sklearn", "onnx", "onnxruntime", "safetensors", "threadpoolctl", "tokenizers"},
        {"bot.nlu", "bot.reframing", "bot.safety"},
    ),
    "actions": ({"rasa_sdk", "pydantic"}, {"actions", "bot.reframing", "bot.safety", "bot.wiring"}),
    "bot/desk": (
        {"yaml", "persistqueue", "filelock", "async_timeout", "limits"},
        {"bot.desk", "bot.safety", "bot.store", "bot.counting", "bot.errors", "bot.metrics"},
    ),
    "bot/metrics": ({"prometheus_client"}, {"bot.metrics", "bot.errors"}),
    "bot/channels": (
        {"rasa", "sanic", "pydantic", "rich", "markdown", "limits", "httpx", "regex", "spacy", "slack_sdk", "twilio"},
        {"bot.channels", "bot.desk", "bot.store", "bot.counting", "bot.errors", "bot.safety.protocol", "bot.metrics"},
    ),
    "bot/agent": (
        {
            "jsonschema",
            "rasa",
            "rasa_sdk",
            "sqlalchemy",
            "numpy",
            "tensorflow",
            "transformers",
            "yaml",
            "scipy",
            "matplotlib",
            "sklearn",
            "pydantic",
            "redis",
            "async_timeout",
        },
        {"bot.agent", "bot.errors", "bot.store", "bot.reframing", "bot.nlu", "bot.safety", "bot.privacy"},
    ),
    "bot/bench": (
        {"httpx", "matplotlib", "numpy", "psutil", "rasa_sdk", "sqlalchemy", "yaml"},
        # It measures everything, so it may know everything; nothing but the command line knows it.
        {"bot"},
    ),
    "bot/pilot": ({"sklearn", "dateutil", "httpx", "yaml"}, {"bot.pilot", "bot.store", "bot.desk", "bot.errors", "bot.reframing.voice", "bot.safety.checking"}),
    "bot/console": (
        {"starlette", "sse_starlette", "jinja2", "markupsafe", "argon2", "pyotp", "segno", "authlib", "joserfc", "httpx", "uvicorn", "limits", "async_timeout"},
        {"bot.console", "bot.store", "bot.errors", "bot.desk.standing", "bot.desk.offering", "bot.desk.own_page", "bot.safety"}
        | {"bot.pilot", "bot.desk.oversight", "bot.desk.feed", "bot.reframing.loading", "bot.counting", "bot.metrics"},
    ),
    "bot/store": ({"sqlalchemy", "alembic", "cryptography", "async_timeout"}, {"bot.store", "bot.errors"}),
}
STDLIB = set(__import__("sys").stdlib_module_names)


def imports(path: Path) -> set[str]:
    """Every module a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("package", TABLE)
def test_a_package_imports_only_what_the_table_allows(package: str) -> None:
    """Dependencies point inwards."""
    others, ours = TABLE[package]
    for path in (ROOT / package).rglob("*.py"):
        for name in imports(path):
            top = name.split(".")[0]
            if top in OURS:
                assert any(name == o or name.startswith(f"{o}.") for o in ours), f"{path}: {name}"
            else:
                assert top in others | STDLIB, f"{path}: {name}"


def test_only_the_settings_read_the_environment() -> None:
    """And only they know python-dotenv."""
    readers = {p.relative_to(ROOT).as_posix() for p in (ROOT / "bot").rglob("*.py") if "dotenv" in imports(p)}
    assert readers == {"bot/settings.py"}
    reading = {
        p.relative_to(ROOT).as_posix()
        for p in (*(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").rglob("*.py"))
        if "os.environ[" in p.read_text() or "getenv" in p.read_text()
    }
    assert reading <= {"bot/settings.py"}


def test_what_decides_risk_comes_last_in_the_pipeline() -> None:
    """Components before it may overwrite the intent."""
    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    assert config["pipeline"][-1]["name"] == "bot.nlu.risk_gate.RiskGate"


def test_every_intent_has_a_rule_and_every_action_a_file() -> None:
    """Nothing is recognised without an answer."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    rules = [r for f in (ROOT / "data" / "rules").glob("*.yml") for r in yaml.safe_load(f.read_text(encoding="utf-8"))["rules"]]
    assert {step["intent"] for r in rules for step in r["steps"] if "intent" in step} == set(domain["intents"])
    named = {
        node.value
        for f in (ROOT / "actions").glob("*.py")
        for node in ast.walk(ast.parse(f.read_text()))
        if isinstance(node, ast.Constant) and str(node.value).startswith("action_")
    }
    assert named == set(domain["actions"])


@pytest.mark.parametrize("kind", ["actions", "intents"])
def test_every_action_and_intent_is_documented(kind: str) -> None:
    """In docs/conversation.md."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "conversation.md").read_text(encoding="utf-8")
    assert [name for name in domain[kind] if f"`{name}`" not in page] == []
