"""Imports point one way, clear columns are accounted for, and files stay small."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sqlalchemy import text

from engage.runtime import Runtime

PROJECT = Path(__file__).resolve().parents[1]
ENGAGE = PROJECT / "engage"

# What each layer may import of the others; a layer may always import itself and the leaves.
LEAVES = {"ids", "log", "__init__", "__version__"}
MAY_IMPORT = {
    "domain": set(),
    "settings": set(),
    "ids": set(),
    "log": set(),
    "links": set(),
    "clinic": {
        "clinic_campaigns",
        "clinic_check_ins",
        "clinic_contact",
        "clinic_reminders",
        "clinic_retention",
        "domain",
    },
    "clinic_campaigns": {"domain"},
    "clinic_check_ins": {"domain"},
    "clinic_contact": {"domain"},
    "clinic_reminders": {"domain"},
    "clinic_retention": set(),
    "content": {"domain"},
    "delivery": {"domain", "content"},
    "storage": {"domain"},
    "keys": {"settings", "storage"},
    "runtime": {"settings", "keys", "clinic", "links", "content", "delivery", "domain", "storage"},
    "services": {"runtime", "content", "links", "delivery.provider", "domain", "storage"},
    "tasks": {"runtime", "services", "storage"},
    "web": {"runtime", "services", "content", "links", "domain"},
    "cli": {
        "runtime",
        "services",
        "content",
        "clinic",
        "domain",
        "settings",
        "keys",
        "tasks",
        "dev",
        "storage",
    },
    "dev": {"settings"},
}


# Callbacks have to be proven before anything of them is looked at.
HOOKS = {"delivery", "delivery.sendgrid_events", "delivery.twilio_callbacks"}


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("engage"):
            base = node.module.removeprefix("engage").removeprefix(".")
            found |= {base} if base else {alias.name for alias in node.names}
            if base == "delivery":
                found |= {f"delivery.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.removeprefix("engage.") for a in node.names if a.name.startswith("engage.")}
    return found


@pytest.mark.parametrize("path", sorted(ENGAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(ENGAGE)))
def test_imports_point_one_way(path: Path) -> None:
    layer = path.relative_to(ENGAGE).parts[0].removesuffix(".py")
    if layer == "__init__":
        return
    for module in _imports(path):
        first = module.split(".")[0]
        if first in (layer, *LEAVES):
            continue
        allowed = MAY_IMPORT[layer] | (HOOKS if path == ENGAGE / "web" / "hooks.py" else set())
        assert first in allowed or module in allowed, f"{layer} must not import engage.{module}"


@pytest.mark.parametrize("path", sorted((ENGAGE / "domain").rglob("*.py")), ids=lambda p: p.name)
def test_rules_fetch_nothing_send_nothing_and_read_no_clock(path: Path) -> None:
    tree = ast.parse(path.read_text())
    modules = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
    modules |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    outside = {
        "sqlalchemy",
        "psycopg",
        "requests",
        "urllib3",
        "flask",
        "celery",
        "redis",
        "os",
        "socket",
        "time",
    }
    assert not {module.split(".")[0] for module in modules} & outside
    calls = {
        n.func.attr for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
    }
    assert not calls & {"now", "utcnow", "today"}


def test_every_clear_column_is_listed_with_its_reason(rt: Runtime) -> None:
    listed = {
        tuple(cell.strip().strip("`") for cell in line.split("|")[1:4])
        for line in (PROJECT / "docs" / "data.md").read_text().splitlines()
        if line.startswith("| `") and line.count("|") == 4
    }
    documented = {(table, column) for table, column, _ in listed}
    assert all(reason for _, _, reason in listed)
    sql = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    with rt.transaction() as tx:
        actual = {(row[0], row[1]) for row in tx.execute(text(sql)) if row[0] != "alembic_version"}
    clear = {(table, column) for table, column in actual if column != "sealed"}
    assert clear - documented == set(), "clear columns that docs/data.md does not list"
    assert documented - clear == set(), "docs/data.md lists columns that are not there"


def test_messages_has_at_most_four_indexes(rt: Runtime) -> None:
    with rt.transaction() as tx:
        count = tx.execute(text("SELECT count(*) FROM pg_indexes WHERE tablename = 'messages'")).scalar_one()
    assert count <= 4
