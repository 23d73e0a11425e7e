"""Each way in which a plugin can be broken is reported by name with the cure, and stops no other."""

import sys
import time

import pytest

import arbx
from arbx.plugins.registry import load_all

HOOK = "import arbx\n@arbx.hookimpl\ndef arbx_curves():\n"
MODEL = "arbx.CurveModel('k', parse=len, curve=len, dump=len)"

# name of the case -> (the module's text, what the error says)
BROKEN = {
    "import-error": (
        "import no_such_package",
        r"bad failed in import: ModuleNotFoundError: .*no_such_package.*; is 'no_such_package' among",
    ),
    "syntax-error": ("def (", r"bad failed in import: SyntaxError"),
    "exits-on-import": (
        "raise SystemExit(3)",
        r"bad failed in import: SystemExit: 3; a plugin may not end the program",
    ),
    "pretends-ctrl-c": ("raise KeyboardInterrupt", r"bad failed in import: KeyboardInterrupt"),
    "misspelt-hook": (
        "import arbx\n@arbx.hookimpl\ndef arbx_curvs():\n    yield 1\n",
        r"bad failed in registration: there is no hook 'arbx_curvs'; did you mean 'arbx_curves'\?",
    ),
    "hook-with-arguments": (
        "import arbx\n@arbx.hookimpl\ndef arbx_curves(config):\n    yield 1\n",
        r"bad failed in registration: PluginValidationError.*config",
    ),
    "unmarked-hook": (
        "def arbx_curves():\n    yield 1\n",
        r"bad failed in registration: arbx_curves is not marked; write @arbx.hookimpl above it",
    ),
    "no-hooks": ("x = 1", r"bad failed in registration: it has no hooks"),
    "wrong-offer": (
        HOOK + "    yield {'kind': 'k'}\n",
        r"bad failed in arbx_curves: yielded a dict, not a CurveModel; yield arbx.CurveModel",
    ),
    "provider-for-a-curve": (
        HOOK + "    yield arbx.Provider('k', len)\n",
        r"bad failed in arbx_curves: yielded a Provider, not a CurveModel",
    ),
    "returns-instead-of-yielding": (
        HOOK + f"    return {MODEL}\n",
        r"bad failed in arbx_curves: returned a CurveModel, not a generator of offers; write `yield",
    ),
    "returns-nothing": (HOOK + "    pass\n", r"bad failed in arbx_curves: returned None"),
    "async-hook": (
        "import arbx\n@arbx.hookimpl\nasync def arbx_curves():\n    return ()\n",
        r"bad failed in arbx_curves: returned a coroutine",
    ),
    "raises-late": (
        HOOK + f"    yield {MODEL}\n    raise RuntimeError('late')\n",
        r"bad failed in arbx_curves: RuntimeError: late",
    ),
    "exits-in-its-hook": (
        HOOK + "    import sys\n    sys.exit('bye')\n    yield\n",
        r"bad failed in arbx_curves: SystemExit: bye",
    ),
    "yields-without-end": (
        HOOK + f"    while True:\n        yield {MODEL}\n",
        r"bad failed in arbx_curves: yields more than 1000 offers",
    ),
    "no-kind": (
        HOOK + "    yield arbx.CurveModel('', parse=len, curve=len, dump=len)\n",
        r"bad failed in arbx_curves: a CurveModel has kind=''",
    ),
    "parse-is-no-function": (
        HOOK + "    yield arbx.CurveModel('k', parse=None, curve=len, dump=len)\n",
        r"bad failed in arbx_curves: CurveModel 'k' has parse=None; parse is a function",
    ),
    "same-kind-twice": (
        HOOK + f"    yield {MODEL}\n    yield {MODEL}\n",
        r"bad failed in arbx_curves: offers 'k' twice",
    ),
    "hangs-on-import": (
        "import time\ntime.sleep(30)",
        r"bad failed in import: still running after 0.5 s, abandoned; .*load_timeout_s",
    ),
    "hangs-in-its-hook": (
        HOOK + "    import time\n    time.sleep(30)\n    yield\n",
        r"bad failed in arbx_curves: still running after 0.5 s, abandoned",
    ),
    "unreadable-exception": (
        "class E(Exception):\n    def __str__(self):\n        raise ValueError\nraise E",
        r"bad failed in import: E: \(and its message can't be read: ValueError\)",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_is_blamed_by_name_and_stops_no_other(shelf, case):
    body, says = BROKEN[case]
    shelf.put("bad", body)
    shelf.good("first")
    shelf.good("last")
    found = load_all(["first", "bad", "last"], timeout_s=0.5)

    assert [plugin.name for plugin in found.plugins] == ["first", "last"]
    assert [failure.plugin for failure in found.failures] == ["bad"]
    assert arbx.Host(found.plugins).kinds == {"first", "last"}
    with pytest.raises(arbx.PluginError, match=says):
        raise found.failures[0]


def test_a_wrong_api_version_is_found_without_importing(shelf):
    module = shelf.put("bad", "raise AssertionError('imported')", requires=["arbx>=9,<10"])
    shelf.good("other")
    host = arbx.Host.load(["bad", "other"])

    assert "needs arbx<10,>=9, and this is arbx" in str(host.failures[0])
    assert "pip install --upgrade arbx-dex-bad" in str(host.failures[0])
    assert module not in sys.modules
    assert host.kinds == {"other"}


def test_a_requirement_of_an_extra_says_nothing_about_the_version(shelf):
    shelf.good("other", requires=['arbx[testing]>=9; extra == "testing"'])

    assert arbx.Host.load(["other"]).kinds == {"other"}


def test_a_missing_module_is_found_without_importing(shelf):
    module = shelf.put("bad", None)

    with pytest.raises(arbx.PluginError, match=f"names the module '{module}', which is not there"):
        arbx.Host.load(["bad"])


def test_broken_metadata_hides_no_other_plugin(shelf):
    shelf.put("bad", "", entry="[arbx]\nthis line has no equals sign\n")
    shelf.good("other")

    assert arbx.Host.load(["other"]).kinds == {"other"}
    with pytest.raises(arbx.PluginError, match=r"bad failed in metadata: its metadata is broken"):
        arbx.Host.load(["bad"])


def test_two_strangers_with_one_name_are_both_named(shelf):
    shelf.good("twin", distribution="arbx-dex-twin")
    shelf.good("twin", distribution="arbx-dex-other-twin", module="fake_other")

    with pytest.raises(
        arbx.ConfigError, match=r"arbx-dex-other-twin and arbx-dex-twin; uninstall"
    ):
        arbx.Host.load(["twin"])


def test_a_stranger_with_the_name_of_a_first_party_plugin_is_not_imported(shelf):
    pytest.importorskip("arbx_dex_uniswap_v2")
    module = shelf.put("uniswap-v2", "raise AssertionError", distribution="arbx-dex-stranger")
    host = arbx.Host.load(["uniswap-v2"])

    assert "uniswap_v2" in host.kinds
    assert "arbx-dex-stranger" in host.warnings[0]
    assert module not in sys.modules


def test_the_same_kind_from_two_plugins_is_an_error_that_names_both(shelf):
    module = shelf.good("one")
    shelf.put("two", (shelf.folder / f"{module}.py").read_text())
    host = arbx.Host.load(["one", "two"])

    assert [plugin.name for plugin in host.plugins] == ["one"]
    assert "two failed in arbx_curves: it offers 'one', and so does one" in str(host.failures[0])
    assert "-p no:two or -p no:one" in str(host.failures[0])


def test_a_stranger_cannot_take_the_kind_of_a_first_party_plugin(shelf):
    pytest.importorskip("arbx_dex_uniswap_v2")
    shelf.put("aaa", HOOK + f"    yield {MODEL.replace(chr(39) + 'k', chr(39) + 'uniswap_v2')}\n")
    host = arbx.Host.load(["aaa", "uniswap-v2"])

    assert [failure.plugin for failure in host.failures] == ["aaa"]
    assert host.owner("uniswap_v2") == "uniswap-v2"


def test_what_a_plugin_prints_is_kept_off_standard_output(shelf, capsys):
    shelf.put("loud", f"print('hello')\n{HOOK}    print('from the hook')\n    yield {MODEL}\n")
    host = arbx.Host.load(["loud"])

    assert capsys.readouterr().out == ""
    assert "plugin 'loud' printed while it was loaded: 'hello'" in host.warnings[0]
    assert host.plugins[0].printed == "hello\nfrom the hook"


def test_a_hanging_plugin_costs_its_time_and_no_more(shelf):
    shelf.put("bad", "import time\ntime.sleep(30)")
    before = time.perf_counter()
    with pytest.raises(arbx.PluginError):
        arbx.Host.load(["bad"], load_timeout_s=0.2)

    assert time.perf_counter() - before < 5


def test_strict_raises_the_first_failure(shelf):
    shelf.put("bad", "1/0")
    shelf.good("other")

    with pytest.raises(arbx.PluginError, match="bad failed in import: ZeroDivisionError"):
        arbx.Host.load(["other", "bad"], strict=True)


def test_when_nothing_is_left_the_error_tells_of_every_failure(shelf):
    shelf.put("bad", "1/0")
    shelf.put("worse", "raise OSError('no')")
    with pytest.raises(arbx.PluginError) as refusal:
        arbx.Host.load(["bad", "worse"])

    assert "bad failed" in str(refusal.value)
    assert "worse failed in import" in refusal.value.__notes__[0]
