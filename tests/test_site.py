"""The site of the documents: every link leads somewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from pipelines.documents.site import _targets, build, pages

ROOT = Path(__file__).parent.parent


def nav() -> list[str]:
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    sections = [next(iter(entry.values())) for entry in config["nav"]]
    inner = (section if isinstance(section, list) else [{"": section}] for section in sections)
    return [page for entries in inner for entry in entries for page in entry.values()]


def test_every_document_is_a_page_that_can_be_found() -> None:
    assert sorted(nav()) == sorted(pages())


def test_links_of_every_page_lead_to_pages_and_files_of_the_site() -> None:
    made = pages()
    assert [
        f"{name}: {target}"
        for name, text in made.items()
        for target in _targets(text)
        if (path := target.partition("#")[0]) not in made and not (ROOT / "docs" / path).is_file()
    ] == []


def test_dead_link_is_named(tmp_path: Path) -> None:
    for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"):
        (tmp_path / name).write_text("# Title\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "usage.md").write_text(
        "[lost](nowhere.md), `[code](is.md)`, [up](../README.md)"
    )
    with pytest.raises(ValueError, match=r"^dead links: docs/usage.md: nowhere.md$"):
        pages(tmp_path)


@pytest.mark.slow
def test_site_is_built_without_a_warning_and_asks_nothing_of_others(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert build(tmp_path / "build") == 0
    assert capfd.readouterr().err == ""
    site = tmp_path / "build" / "site"
    found = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    assert {entry["location"].partition("#")[0] for entry in found["docs"]} >= {
        name.replace(".md", ".html") for name in pages() if name != "index.md"
    }
    loaded = [
        address
        for page in site.glob("*.html")
        for address in re.findall(
            r"<(?:script|link|img)[^>]+(?:src|href)=\"(https?:[^\"]+)", page.read_text("utf-8")
        )
    ]
    assert loaded == []
