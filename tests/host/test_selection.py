"""Only what somebody named is imported, and a name that is not installed is answered with a cure."""

import sys

import pytest

import arbx
from arbx.plugins.selection import select


@pytest.mark.parametrize(
    ("options", "environment", "configured", "default", "names"),
    [
        ([], "", None, ["a", "b"], ("a", "b")),
        ([], "", ["c"], ["a", "b"], ("c",)),
        ([], "d, e", ["c"], ["a"], ("d", "e")),
        (["f"], "d,e", ["c"], ["a"], ("f",)),
        (["no:d"], "d,e", ["c"], ["a"], ("e",)),
        (["no:a"], "", None, ["a", "b"], ("b",)),
        ([], "no:a", None, ["a", "b"], ("b",)),
        (["f", "no:f", "g"], "", None, [], ("g",)),
        ([], "", [], ["a"], ("a",)),
        (["b", "b", "a"], "", None, [], ("b", "a")),
    ],
)
def test_options_go_before_environment_before_configuration_before_default(
    options, environment, configured, default, names
):
    chosen = select(
        options=options, environment=environment, configured=configured, default=default
    )

    assert chosen.names == names


def test_a_default_is_not_explicit_and_a_named_one_is():
    assert select(default=["a"]).explicit == frozenset()
    assert select(environment="a", default=["a", "b"]).explicit == {"a"}


def test_imports_nothing_that_is_not_named(shelf):
    named, other = shelf.good("named"), shelf.good("other")
    arbx.Host.load(["named"])

    assert named in sys.modules
    assert other not in sys.modules


def test_a_third_party_plugin_is_never_a_default(shelf):
    shelf.good("stranger")
    host = arbx.Host.load()

    assert "stranger" not in {plugin.name for plugin in host.plugins}


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("xyz", "plugin 'xyz' is not installed; try: pip install arbx-dex-xyz"),
        ("good-on", "did you mean 'good-one'?"),
        ("arbx-dex-good-one", "did you mean 'good-one'?"),
    ],
)
def test_a_name_that_is_not_installed_is_answered_with_a_cure(shelf, name, cure):
    shelf.good("good-one")
    with pytest.raises(arbx.ConfigError) as refusal:
        arbx.Host.load([name])

    assert cure in str(refusal.value)


def test_a_text_instead_of_a_list_is_refused():
    with pytest.raises(arbx.ConfigError, match=r"pass a list: \['uniswap-v2'\]"):
        arbx.Host.load("uniswap-v2")
