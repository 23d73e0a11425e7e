"""Write a complete plugin project from a template."""

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from arbx.errors import ConfigError
from arbx.plugins.first_party import FIRST_PARTY

__all__ = ["KINDS", "write_project"]

# Each kind of plugin with what its template imports besides arbx.
KINDS = {
    "alert": ("pydantic>=2.9",),
    "dex": (),
    "keystore": ("eth-account>=0.13", "pydantic>=2.9"),
    "relay": ("attrs>=24", "pydantic>=2.9"),
}

# What the files and folders of a template are called in the project.
_RENAMED = {"package": "$module", "gitignore": ".gitignore"}


def write_project(kind: str, name: str, directory: Path) -> Path:
    """Write ``arbx-<kind>-<name>`` in *directory* and return its path; overwrite nothing."""
    _check(kind, name)
    words = _words(kind, name)
    project = directory / words["distribution"]
    if project.exists():
        raise ConfigError(f"{project}: exists already; choose another name or --directory")
    templates = files("arbx.plugins") / "templates"
    try:
        for folder in ("common", kind):
            _copy(templates / folder, project, words)
    except OSError as error:
        raise ConfigError(f"{project}: can't be written: {error.strerror}") from None
    return project


def _check(kind: str, name: str) -> None:
    if kind not in KINDS:
        raise ConfigError(f"{kind!r} is not a kind of plugin; one of {', '.join(KINDS)}")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or len(name) > 40:
        raise ConfigError(
            f"{name!r} is not a plugin's name; lower-case letters and digits, joined by hyphens, "
            "starting with a letter, 40 at most: my-dex"
        )
    if name in FIRST_PARTY:
        raise ConfigError(f"{name!r} is the name of one of arbx's own plugins; choose another")


def _words(kind: str, name: str) -> dict[str, str]:
    from arbx import __version__

    major, minor, *_ = __version__.split(".")
    api = f"arbx>={major}.{minor},<{major}.{int(minor) + 1}"
    underscored = name.replace("-", "_")
    return {
        "kind": kind,
        "name": name,
        "underscored": underscored,
        "distribution": f"arbx-{kind}-{name}",
        "module": f"arbx_{kind}_{underscored}",
        "Class": "".join(part.capitalize() for part in name.split("-")),
        "dependencies": ", ".join(f'"{package}"' for package in (api, *KINDS[kind])),
    }


def _copy(source: Traversable, target: Path, words: dict[str, str]) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for entry in source.iterdir():
        told = entry.name.removesuffix(".tmpl")
        path = target / Template(_RENAMED.get(told, told)).substitute(words)
        if entry.is_dir():
            _copy(entry, path, words)
        else:
            text = Template(entry.read_text(encoding="utf-8")).substitute(words)
            path.write_text(text, encoding="utf-8", newline="\n")
