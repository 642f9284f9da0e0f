"""What lies in deploy/: read by the checkers of its kinds, and true to the program it starts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Iterator

import pytest
import yaml
from prometheus_client import REGISTRY

from bot.console import measuring
from bot.console.live import Snapshot
from bot.desk import depths
from bot.desk.arrivals import Inbox
from bot.desk.spool import Spool
from bot.settings import ROOT, Settings
from bot.store.database import Database
from bot.store.duty import Duty
from bot.store.messages import now
from bot.store.outbox import Outbox
from tests.conftest import keys
from tests.console.conftest import TARGETS

DEPLOY, TOOLS = ROOT / "deploy", ROOT / ".tools" / "deploy" / "bin"
MANIFESTS = sorted(file for file in (DEPLOY / "kubernetes").glob("*.yaml") if file.name != "kustomization.yaml")
READ_BY_OTHERS = {
    *("PGPASSWORD", "FORWARDED_ALLOW_IPS"),
    *("PATH", "PYTHONDONTWRITEBYTECODE", "HOME", "MPLCONFIGDIR", "RASA_TELEMETRY_ENABLED", "TF_CPP_MIN_LOG_LEVEL", "UV_LINK_MODE", "UV_PYTHON_DOWNLOADS"),
}
"""Variables that libraries read: libpq, uvicorn, Python, matplotlib, uv."""
SERIES = re.compile(r"\b(reframe_[a-z_]+)")


def tool(name: str) -> str:
    """A checker of deploy/checks, or of the distribution. Skipped where it is missing, but not in CI."""
    found = shutil.which(name, path=f"{TOOLS}:{os.environ['PATH']}")
    if found is None and not os.environ.get("REFRAME_TEST_EVERYTHING"):
        pytest.skip(f"{name} is not installed; `make tools-deploy` and the packages of .ci/run install it")
    assert found, f"{name} is not installed"
    return found


def accepts(*words: str | Path) -> bool:
    """Whether a checker is content."""
    return subprocess.run([tool(str(words[0])), *words[1:]], capture_output=True, text=True, check=False).returncode == 0


CHECKERS = {
    "Dockerfile": ("Dockerfile", ("hadolint",), "USER 10001:10001", "USER root"),
    "compose": ("compose.yml", ("check-jsonschema", "--builtin-schema", "vendor.compose-spec"), "read_only: true", "read_onyl: true"),
    "bot": ("kubernetes/bot.yaml", ("kubernetes-validate", "--strict"), "runAsNonRoot: true", "runAsNotRoot: true"),
    "console": ("kubernetes/console.yaml", ("kubernetes-validate", "--strict"), "replicas: 2", "replicas: two"),
    "settings": ("kubernetes/settings.yaml", ("kubernetes-validate", "--strict"), "data:", "datum:"),
    "namespace": ("kubernetes/namespace.yaml", ("kubernetes-validate", "--strict"), "metadata:", "metdata:"),
    "scaling": ("kubernetes/scaling.yaml", ("kubernetes-validate", "--strict"), "maxReplicas: 12", "maxReplicas: many"),
    "policies": ("kubernetes/policies.yaml", ("kubernetes-validate", "--strict"), "podSelector:", "podSelektor:"),
    "ingress": ("kubernetes/ingress.yaml", ("kubernetes-validate", "--strict"), "pathType:", "pathTyp:"),
    "alerts": ("prometheus/alerts.yml", ("promtool", "check", "rules"), "sum(", "summe("),
}


@pytest.mark.parametrize("name", CHECKERS)
def test_each_file_passes_the_checker_of_its_kind_and_a_slip_in_it_does_not(name: str, tmp_path: Path) -> None:
    """So that the checker is known to look."""
    file, command, right, wrong = CHECKERS[name]
    whole = (DEPLOY / file).read_text(encoding="utf-8")
    assert right in whole
    spoilt = tmp_path / Path(file).name
    spoilt.write_text(whole.replace(right, wrong), encoding="utf-8")
    assert accepts(*command, DEPLOY / file)
    assert not accepts(*command, spoilt)


def test_every_manifest_is_in_the_table_and_in_the_kustomization() -> None:
    """None is forgotten."""
    assert {f"kubernetes/{file.name}" for file in MANIFESTS} == {file for file, *_ in CHECKERS.values() if file.startswith("kubernetes/")}
    assert {file.name for file in MANIFESTS} == set(loaded(DEPLOY / "kubernetes" / "kustomization.yaml")["resources"])


def test_each_alert_rings_when_it_has_to_and_is_still_when_all_is_well() -> None:
    """By Prometheus' own test of rules; every alert is in both halves of it."""
    assert accepts("promtool", "test", "rules", DEPLOY / "prometheus" / "alerts_test.yml")
    still, ringing = loaded(DEPLOY / "prometheus" / "alerts_test.yml")["tests"]
    assert {test["alertname"] for test in still["alert_rule_test"]} == set(alerts())
    assert set(re.findall(r'alertname="(\w+)"', str(ringing["promql_expr_test"]))) == set(alerts())


@pytest.mark.parametrize(
    "name", [rule["alert"] for group in yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"] for rule in group["rules"]]
)
def test_every_alert_says_what_to_do(name: str) -> None:
    """In docs/deploying.md."""
    assert f"`{name}`" in (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")


def test_what_is_asked_of_prometheus_is_measured(tmp_path: Path) -> None:
    """By alerts and by the dashboard: each series exists, and each expression of the dashboard can be read."""
    expressions = [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    asked = {name for text in (*expressions, (DEPLOY / "prometheus" / "alerts.yml").read_text()) for name in SERIES.findall(text)}
    assert len(asked) > 15
    assert asked <= measured(tmp_path)
    rules = [{"record": f"dashboard:{number}", "expr": expression} for number, expression in enumerate(expressions)]
    file = tmp_path / "dashboard.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
    assert accepts("promtool", "check", "rules", file)


def measured(folder: Path) -> set[str]:
    """The names of all series that server and console can show."""
    database = Database(f"sqlite:///{folder}/reframe.db", keys())
    database.migrate()
    inbox = Inbox(folder / "inbox", database.sealer)
    levels = [*depths.stored(Outbox(database)), *depths.kept(Spool(folder / "spool", database.sealer), inbox)]
    levels += [*measuring.queued(Snapshot((), (), now()), TARGETS, now()), *measuring.attended(Duty(database), False, now())]
    counted = {f"{family.name}{end}" for family in REGISTRY.collect() for end in ("", "_total", "_bucket", "_count", "_sum")}
    read = {f"reframe_{what}_up" for what in ("database", "files", "queue", "duty")}
    return counted | read | {level.name for level in levels}


def test_panels_of_the_dashboard_stand_beside_each_other() -> None:
    """None over another, each with a title and a source that can be chosen."""
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken
        assert place["x"] + place["w"] <= 24
        taken |= cells
        assert panel["title"]
        assert panel["datasource"]["uid"] == "${source}"
    assert [variable["name"] for variable in dashboard()["templating"]["list"]] == ["source"]


def test_every_variable_that_is_set_is_one_that_somebody_reads() -> None:
    """A slip in a name would be a setting that does not hold."""
    known = {name.upper() for name in Settings.__fields__} | READ_BY_OTHERS
    compose = loaded(DEPLOY / "compose.yml")["services"]
    programs = [compose[name] for name in ("bot-1", "bot-2", "console")]
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    in_image = {name for block in re.findall(r"^ENV ((?:.*\\\n)*.*)", dockerfile, re.MULTILINE) for name in re.findall(r"([A-Z][A-Z_]+)=", block)}
    given = [set(program["environment"]) for program in programs] + [set(loaded(DEPLOY / "kubernetes" / "settings.yaml")["data"]), in_image]
    assert len(in_image) > 10
    for names in given:
        assert names <= known, names - known


def test_containers_have_nobodys_rights_and_only_their_own_places_to_write_to() -> None:
    """In compose and in Kubernetes."""
    compose = loaded(DEPLOY / "compose.yml")["services"]
    for name in ("bot-1", "bot-2", "console", "redis", "nginx"):
        assert compose[name]["read_only"] is True
        assert compose[name]["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in compose[name]["security_opt"]
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in (*pod["initContainers"], *pod["containers"]):
            bare = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
            assert container["securityContext"] == bare
            assert "memory" in container["resources"]["limits"]
        for container in pod["containers"]:
            assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container)


def test_only_the_proxy_is_reached_from_outside_and_metrics_are_published_to_nobody() -> None:
    """What watches is on the loopback."""
    for name, service in loaded(DEPLOY / "compose.yml")["services"].items():
        ports = [str(port) for port in service.get("ports", [])]
        assert name == "nginx" or all(port.startswith("127.0.0.1:") for port in ports)
        assert not any("910" in port for port in ports)
    services = [document for document in manifests() if document["kind"] == "Service"]
    assert {port["targetPort"] for service in services for port in service["spec"]["ports"]} == {"http"}


def test_no_secret_stands_in_the_files() -> None:
    """They are only named."""
    assert not [document for document in manifests() if document["kind"] == "Secret"]
    for name, service in loaded(DEPLOY / "compose.yml")["services"].items():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|TOKEN", variable):
                assert str(value).startswith("${"), f"{name}: {variable}"


def test_workers_and_console_share_keys_and_each_has_its_own_place_for_what_waits() -> None:
    """A spool that two write to would be read by both."""
    compose = loaded(DEPLOY / "compose.yml")["services"]
    mounted = {name: dict(volume.split(":") for volume in compose[name]["volumes"]) for name in ("bot-1", "bot-2", "console")}
    assert all(volumes["keys"] == "/keys" for volumes in mounted.values())
    own = [next(volume for volume, place in volumes.items() if place == "/data") for volumes in mounted.values()]
    assert len(set(own)) == len(own)
    for document in manifests():
        if document["kind"] == "StatefulSet":
            assert [claim["metadata"]["name"] for claim in document["spec"]["volumeClaimTemplates"]] == ["data"]


def test_the_lock_of_the_image_is_that_of_the_tests_without_what_only_they_need() -> None:
    """The same versions, fewer packages."""
    small, whole = (pins(file) for file in (DEPLOY / "requirements.lock", ROOT / "requirements.lock"))
    assert small < whole
    assert {"rasa", "prometheus-client"} <= {name for name, _ in small}
    assert not {"pytest", "mypy", "ruff", "playwright"} & {name for name, _ in small}


def pins(file: Path) -> set[tuple[str, str]]:
    """Name and version of every package of a lock."""
    return set(re.findall(r"^([a-z0-9._-]+)==([^ ;]+)", file.read_text(encoding="utf-8"), re.MULTILINE))


def loaded(file: Path) -> Any:
    """The one document of a file."""
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def manifests() -> Iterator[dict[str, Any]]:
    """Every document for Kubernetes."""
    for file in MANIFESTS:
        yield from yaml.safe_load_all(file.read_text(encoding="utf-8"))


def pods() -> list[dict[str, Any]]:
    """What each workload starts."""
    found = [document["spec"]["template"]["spec"] for document in manifests() if "template" in document.get("spec", {})]
    assert len(found) == 2
    return found


def alerts() -> list[str]:
    """The names of all alerts."""
    return [rule["alert"] for group in loaded(DEPLOY / "prometheus" / "alerts.yml")["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    """As Grafana reads it."""
    return dict(json.loads((DEPLOY / "grafana" / "reframe.json").read_text(encoding="utf-8")))
