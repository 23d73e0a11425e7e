"""arbx.toml is parsed strictly: each refusal names the file, the line, the key, and no secret."""

import pytest

import arbx
from arbx.config import Settings, read_settings
from arbx.secret import Secret
from arbx.toml import config_path

FULL = """
plugins = ["uniswap-v2"]
load_timeout_s = 2

[chain]
chain_id = 10
rpc = ["env:RPC_URL", "https://rpc.example/v3/k3y"]

[search]
base_tokens = ["0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"]
max_length = 4

[sources.main]
use = "uniswap-v2"
preset = "uniswap"

[alerts.me]
use = "console"
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "arbx.toml"
        path.write_text(text)
        return path

    return write


def test_reads_every_section(write):
    settings = read_settings(write(FULL))

    assert settings.plugins == ("uniswap-v2",)
    assert settings.chain.chain_id == 10
    assert settings.search.base_tokens == ("0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2",)
    assert settings.sources["main"].use == "uniswap-v2"
    assert settings.sources["main"].settings == {"preset": "uniswap"}
    assert settings.alerts["me"].settings == {}


def test_an_empty_file_is_the_defaults(write):
    assert read_settings(write("")).model_dump() == Settings().model_dump()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("plugin = []", "arbx.toml, line 1: plugin is not a known key"),
        ("\n[chain]\nid = 1", "arbx.toml, line 3: chain.id is not a known key"),
        ("[chain]\nchain_id = 0", "line 2: chain.chain_id is wrong: should be greater than or"),
        ("[chain]\nrpc = [3]", "line 2: chain.rpc[0] is wrong: should be a text"),
        ("[search]\nmax_length = 5", "line 2: search.max_length is wrong"),
        ("[search]\nbase_tokens = ['WETH']", "search.base_tokens[0] is wrong: should be an addr"),
        ("[search]\nbase_tokens = [7]", "search.base_tokens[0] is wrong: should be an address"),
        ("[sources.main]\nx = 1", "arbx.toml, line 1: sources.main.use is missing"),
        ("[log]\nformat = 'xml'", "line 2: log.format is wrong"),
        (
            "[execution]\nsimulators = []",
            "line 2: execution.simulators is wrong: should have 'node'",
        ),
        ("[execution]\nsimulators = ['relay:a']", "should have 'node': its simulation sets"),
        (
            "[execution]\nsimulators = ['node', 'relay:']",
            "'relay:' should be 'node', or 'relay:NAME'",
        ),
        ("[execution]\nsimulators = ['node', 'evm']", "'evm' should be 'node', or 'relay:NAME'"),
        ("[execution]\nsimulators = ['node', 'node']", "should name each simulator once"),
        ("load_timeout_s = 0", "line 1: load_timeout_s is wrong: should be greater than 0"),
        ("plugins = ", "arbx.toml: is not TOML: "),
        ("a = 1\na = 2", "arbx.toml: is not TOML: "),
    ],
)
def test_refuses_by_file_line_and_key(write, text, says):
    with pytest.raises(arbx.ConfigError) as refusal:
        read_settings(write(text))

    assert says in str(refusal.value)


def test_tells_every_mistake_at_once(write):
    with pytest.raises(arbx.ConfigError) as refusal:
        read_settings(write("a = 1\nb = 2"))

    assert len(str(refusal.value).splitlines()) == 2


def test_a_refusal_repeats_no_value(write):
    with pytest.raises(arbx.ConfigError) as refusal:
        read_settings(write("[chain]\nrpc = 's3cret'\nchain_id = 's3cret'"))

    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe", "folder"])
def test_a_file_that_cannot_be_read_is_a_clear_error(tmp_path, content):
    path = tmp_path / "arbx.toml"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)

    with pytest.raises(arbx.ConfigError, match=r"arbx\.toml: (there is no|is not|can't)"):
        read_settings(path)


def test_secrets_are_read_late_and_printed_never(write, monkeypatch):
    settings = read_settings(write(FULL))
    named, plain = settings.chain.rpc
    monkeypatch.setenv("RPC_URL", "https://late.example")

    assert named.reveal() == "https://late.example"
    assert plain.reveal() == "https://rpc.example/v3/k3y"
    assert "k3y" not in f"{settings!r} {plain} {plain!r}"


def test_a_file_reference_is_relative_to_the_configuration(write, tmp_path):
    settings = read_settings(write(FULL))
    (tmp_path / "key.txt").write_text("s3cret\n")

    assert settings.context("main").secrets("file:key.txt") == "s3cret"
    assert settings.context("main").chain_id == 10


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("env:NO_SUCH_VARIABLE", "the environment variable 'NO_SUCH_VARIABLE' is not set"),
        ("file:no-such-file", "file:no-such-file: can't be read: No such file"),
    ],
)
def test_a_reference_to_nothing_says_so(tmp_path, reference, says):
    with pytest.raises(arbx.ConfigError, match=says):
        Secret(reference, tmp_path).reveal()


def test_the_option_goes_before_the_environment_before_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARBX_CONFIG", raising=False)
    nothing = config_path(None)
    (tmp_path / "arbx.toml").write_text("")
    here = config_path(None)
    monkeypatch.setenv("ARBX_CONFIG", "other.toml")

    assert nothing is None
    assert str(here) == "arbx.toml"
    assert str(config_path(None)) == "other.toml"
    assert config_path(tmp_path) == tmp_path
