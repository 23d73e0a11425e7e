"""``arbx plugins new`` writes a complete project: its tests pass and its check passes."""

import os
import subprocess
import sys

import pytest

KINDS = ("alert", "dex", "keystore", "relay")


def install(project):
    """Write the metadata that an installer would write, beside the package."""
    distribution = project.name
    _, _, name = distribution.split("-", 2)
    info = project / f"{distribution.replace('-', '_')}-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0.1.0\nRequires-Dist: arbx>=0.1\n"
    )
    module = distribution.replace("-", "_")
    (info / "entry_points.txt").write_text(f"[arbx]\n{name} = {module}\n")


@pytest.mark.parametrize("kind", KINDS)
def test_the_project_passes_its_own_tests_and_the_kit(arbx_cli, tmp_path, kind):
    arbx_cli("plugins", "new", kind, "my-own", check=True)
    project = tmp_path / f"arbx-{kind}-my-own"
    install(project)
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=project, env={**os.environ, "PYTHONPATH": str(project)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    checked = arbx_cli("plugins", "check", "my-own", path=[project])

    assert tests.returncode == 0, tests.stdout
    assert " passed" in tests.stdout
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 failed" in checked.stdout


def test_the_project_has_everything_that_a_distribution_needs(arbx_cli, tmp_path):
    arbx_cli("plugins", "new", "dex", "my-own", "--directory", tmp_path / "deep", check=True)
    project = tmp_path / "deep" / "arbx-dex-my-own"
    files = {str(path.relative_to(project)) for path in project.rglob("*") if path.is_file()}
    text = "".join(path.read_text() for path in project.rglob("*") if path.is_file())

    assert files == {
        ".gitignore", "README.md", "pyproject.toml", "tests/test_curve.py",
        "arbx_dex_my_own/__init__.py", "arbx_dex_my_own/curve.py", "arbx_dex_my_own/py.typed",
    }  # fmt: skip
    assert 'my-own = "arbx_dex_my_own"' in text
    assert "$" not in text


def test_overwrites_nothing(arbx_cli, tmp_path):
    (tmp_path / "arbx-dex-my-own").mkdir()
    done = arbx_cli("plugins", "new", "dex", "my-own")

    assert done.returncode == 2
    assert "arbx-dex-my-own: exists already; choose another name or --directory" in done.stderr
    assert not list((tmp_path / "arbx-dex-my-own").iterdir())


@pytest.mark.parametrize(
    "name", ["My-Own", "my_own", "1own", "-own", "own-", "my--own", "../own", "a" * 41, "", "öwn"]
)
def test_refuses_what_is_no_name(arbx_cli, tmp_path, name):
    done = arbx_cli("plugins", "new", "dex", "--", name)

    assert done.returncode == 2
    assert "is not a plugin's name; lower-case letters and digits" in done.stderr
    assert not list(tmp_path.iterdir())


def test_refuses_the_name_of_a_first_party_plugin(arbx_cli):
    done = arbx_cli("plugins", "new", "dex", "uniswap-v2")

    assert done.returncode == 2
    assert "is the name of one of arbx's own plugins" in done.stderr
