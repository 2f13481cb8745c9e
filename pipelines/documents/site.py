"""The documents as a site with search: `make docs-site` builds it, and names dead links."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from pipelines.documents import ROOT

FOLDER: Final = ROOT / "build"
"""Where the pages and the site are made."""
CONFIGURATION: Final = "mkdocs.yml"
BESIDE: Final = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
"""Documents outside of docs/, and what their pages are called."""
LINK: Final = re.compile(r"(?<!\\)\[([^\]]*)\]\(([^()\s]+)\)")
OF_THE_WEB: Final = ("https://", "http://", "mailto:", "#")


def pages(root: Path = ROOT) -> dict[str, str]:
    """Return the text of every page, after checking its links to files of the repository.

    Raises ValueError that names each dead link.
    """
    sources = {f"docs/{path.name}": path.name for path in (root / "docs").glob("*.md")} | BESIDE
    dead = [
        f"{source}: {target}"
        for source in sources
        for target in _targets((root / source).read_text(encoding="utf-8"))
        if not _place(source, target, root)
    ]
    if dead:
        raise ValueError(f"dead links: {'; '.join(sorted(dead))}")
    return {page: _page(source, sources, root) for source, page in sources.items()}


def _targets(text: str) -> Iterator[str]:
    for _, target in LINK.findall(_without_code(text)):
        if not target.startswith(OF_THE_WEB):
            yield target


def _without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def _place(source: str, target: str, root: Path) -> str | None:
    """Return the path in the repository that a link leads to; None if there is none."""
    path = (root / source).parent / target.partition("#")[0]
    if not path.exists() or root.resolve() not in (path.resolve(), *path.resolve().parents):
        return None
    return path.resolve().relative_to(root.resolve()).as_posix()


def _page(source: str, sources: dict[str, str], root: Path) -> str:
    """Return a document with its links changed to pages, or to plain names of files without one."""

    def relinked(link: re.Match[str]) -> str:
        text, target = link[1], link[2]
        if target.startswith(OF_THE_WEB):
            return link[0]
        place, anchor = _place(source, target, root), target.partition("#")[2]
        if place is None:
            return link[0]  # an example in code
        if place in sources:
            return f"[{text}]({sources[place]}{f'#{anchor}' if anchor else ''})"
        if place.startswith("docs/") and not (root / place).is_dir():
            return f"[{text}]({PurePosixPath(place).relative_to('docs')})"
        return f"{text} (`{place}`)" if text.strip("`") != place else f"`{place}`"

    return LINK.sub(relinked, (root / source).read_text(encoding="utf-8"))


def build(folder: Path = FOLDER) -> int:
    """Make the pages and the site of them; returns the exit code of mkdocs, which is strict."""
    documents = folder / "docs"
    shutil.rmtree(folder, ignore_errors=True)
    documents.mkdir(parents=True)
    for name, text in pages().items():
        (documents / name).write_text(text, encoding="utf-8")
    for path in (ROOT / "docs").iterdir():
        if path.is_dir():
            shutil.copytree(path, documents / path.name)
        elif path.suffix != ".md":
            shutil.copy(path, documents / path.name)
    shutil.copy(ROOT / CONFIGURATION, folder / CONFIGURATION)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    return subprocess.run(command, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(build())
