"""Prometheus' own checker reads its files; every figure that is asked for is one that GDial exposes."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gdial.monitoring import metrics
from tests.deploy.files import DEPLOY, program, read_yaml

PROMETHEUS = DEPLOY / "prometheus"
DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text("utf-8"))
THE_PLANS_METRICS = {"gdial_queue_depth", "gdial_jobs_processed_total", "gdial_processing_time", "gdial_worker_count"}
NAME = re.compile(r"\b(?:gdial|process)_[a-z_]+\b")


def promtool(*arguments: str, folder: Path = PROMETHEUS) -> subprocess.CompletedProcess[str]:
    command = [program("promtool", "prometheus"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def exposed() -> set[str]:
    """Names of samples, and of histograms without their endings."""
    metrics.queue_depth.labels("gdial.dead").set(0)
    families = list(metrics.REGISTRY.collect())
    samples = {sample.name for family in families for sample in family.samples}
    # A histogram's buckets, of which there are none before the first labels.
    return samples | {family.name for family in families} | {f"{family.name}_bucket" for family in families}


def expressions_of_rules() -> list[str]:
    groups = read_yaml(PROMETHEUS / "alerts.yml")["groups"]
    return [rule["expr"] for group in groups for rule in group["rules"]]


def expressions_of_dashboard() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    yield from (told["expr"] for told in DASHBOARD["annotations"]["list"])


def without_labels(expression: str) -> str:
    return re.sub(r'\{[^}]*\}|by \([^)]*\)|"[^"]*"', "", expression)


def named_in(expressions: Iterator[str] | list[str]) -> set[str]:
    return {name for expression in expressions for name in NAME.findall(without_labels(expression))}


def test_promtool_accepts_the_rules() -> None:
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", "alerts.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_alerts_come_when_they_should_and_only_then() -> None:
    done = promtool("test", "rules", "alerts_test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_test_of_the_alerts_can_fail(tmp_path: Path) -> None:
    alerts = (PROMETHEUS / "alerts.yml").read_text("utf-8")
    (tmp_path / "alerts.yml").write_text(alerts.replace("> 30", "> 3000").replace("== 0", "== -1"))
    (tmp_path / "alerts_test.yml").write_text((PROMETHEUS / "alerts_test.yml").read_text("utf-8"))
    done = promtool("test", "rules", "alerts_test.yml", folder=tmp_path)
    assert done.returncode != 0
    assert "GDialSchedulerSilent" in done.stderr + done.stdout


@pytest.mark.parametrize("folder", ["prometheus", "compose"])
def test_promtool_accepts_the_configuration_with_its_files_in_place(folder: str, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a-token")
    (tmp_path / "alerts.yml").write_text((PROMETHEUS / "alerts.yml").read_text("utf-8"))
    text = (DEPLOY / folder / "prometheus.yml").read_text("utf-8")
    (tmp_path / "prometheus.yml").write_text(re.sub(r"/(?:etc|run)/\S+token", str(tmp_path / "token"), text))
    done = promtool("check", "config", "prometheus.yml", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "16 rules found" in done.stdout


def test_both_configurations_ask_the_same() -> None:
    def plain(folder: str) -> Any:
        text = (DEPLOY / folder / "prometheus.yml").read_text("utf-8")
        return re.sub(r"^#.*\n", "", re.sub(r"/\S+token\b|web:3003|127\.0\.0\.1:3003", "", text), flags=re.MULTILINE)

    assert plain("prometheus") == plain("compose")


def test_every_figure_of_the_rules_and_the_dashboard_exists() -> None:
    used = named_in(expressions_of_rules()) | named_in(expressions_of_dashboard())
    assert used - exposed() == set()
    assert named_in(["max(gdial_no_such)"]) - exposed() == {"gdial_no_such"}, "the check finds what is not there"


def test_the_dashboard_shows_the_plans_metrics_and_every_one_of_ours() -> None:
    shown = {name.removesuffix("_bucket") for name in named_in(expressions_of_dashboard())}
    ours = {family.name for family in metrics.REGISTRY.collect() if family.name.startswith("gdial_")}
    assert shown >= THE_PLANS_METRICS
    assert ours - {name.removesuffix("_total") for name in shown} == set()


def test_the_expressions_of_the_dashboard_are_ones_that_prometheus_reads(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{place}", "expr": text} for place, text in enumerate(expressions_of_dashboard())]
    (tmp_path / "panels.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    done = promtool("check", "rules", "panels.yml", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_panels_have_titles_of_their_own_and_do_not_lie_over_each_other() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["title"] for panel in panels}) == len({panel["id"] for panel in panels}) == len(panels)
    covered = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(covered) == len(set(covered))
    assert max(x for x, _ in covered) < 24


def test_the_dashboard_asks_the_data_source_that_is_provisioned() -> None:
    (source,) = read_yaml(DEPLOY / "grafana" / "datasource.yml")["datasources"]
    asked = {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]}
    assert asked == {source["uid"]}
    (provider,) = read_yaml(DEPLOY / "grafana" / "dashboards.yml")["providers"]
    mounted = read_yaml(DEPLOY / "compose" / "compose.yaml")["services"]["grafana"]["volumes"]
    assert any(volume.split(":")[1].startswith(provider["options"]["path"] + "/") for volume in mounted)
