"""``arbx init``, ``doctor`` and ``run``: from a written configuration to an included bundle."""

import re

import pytest
import structlog

from arbx.cli import main
from arbx.cli.init import TEMPLATE
from arbx.config import read_settings
from arbx.testing.localchain.proxy import Proxy, Trouble
from arbx.testing.reference_keystore import REFERENCE_KEY
from arbx.testing.relay import Fault


@pytest.fixture
def cli(floor, tmp_path, monkeypatch, capsys):
    """Run a command with a configuration of the local market in the current folder."""
    pytest.importorskip("arbx_keystore_keyfile")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORD", "correct horse")
    monkeypatch.setenv("KEY", REFERENCE_KEY.hex())
    monkeypatch.setenv("AUTH", "11" * 32)
    (tmp_path / "arbx.toml").write_text(_config(floor))

    def run(*arguments):
        code = main(arguments)
        said = capsys.readouterr()
        return code, said.out + said.err

    assert run("keys", "import", "main", "--from", "env:KEY")[0] == 0
    yield run
    structlog.reset_defaults()  # the commands log to this test's standard error


def _config(floor):
    sources = "".join(
        f'[sources.{name}]\nuse = "{provider}"\n'
        + "".join(f"{key} = {value!r}\n" for key, value in settings.items())
        for name, (provider, settings) in floor.market.sources().items()
    )
    return (
        'plugins = ["uniswap-v2", "uniswap-v3", "keyfile", "flashbots"]\n'
        f'[chain]\nchain_id = {floor.chain.chain_id}\nrpc = ["{floor.chain.url}"]\n'
        "[search]\nmax_length = 2\n"
        f'[execution]\nexecutor = "{floor.executor}"\nweth = "{floor.weth}"\n'
        '[keystores.main]\nuse = "keyfile"\npath = "main.json"\npassword = "env:WORD"\n'
        f'[relays.local]\nuse = "flashbots"\nurl = "{floor.relay.url}"\nauth_key = "env:AUTH"\n'
        f"{sources}"
    )


def test_a_run_says_what_it_would_do_and_sends_only_when_told(floor, cli):
    code, said = cli("run", "--blocks", "1")
    assert code == 0, said
    assert "would send a plan for" in said
    assert floor.relay.heard == []

    code, said = cli("run", "--blocks", "1", "--live")
    assert code == 0, said
    assert "local accepted" in said
    assert len(floor.relay.build().included) == 1
    assert floor.held() > 0
    code, said = cli("ledger", "reconcile")
    assert code == 0, said
    assert "open → included" in said


def test_a_relay_that_simulates_is_asked_before_it_gets_the_bundle(floor, cli, tmp_path):
    config = tmp_path / "arbx.toml"
    plain = config.read_text()
    config.write_text(
        plain.replace("[execution]", '[execution]\nsimulators = ["node", "relay:local"]')
    )
    code, said = cli("run", "--blocks", "1", "--live")

    assert code == 0, said
    assert "local accepted" in said
    assert [heard.kind for heard in floor.relay.heard] == ["simulate", "submit"]

    floor.relay.misbehave(Fault.FORBIDDEN, method="eth_callBundle")
    floor.relay.build()
    code, said = cli("run", "--blocks", "1", "--live")
    assert code == 0, said
    assert "none taken; not_simulated relay:local: " in said
    code, said = cli("ledger", "show", "simulations")
    assert code == 0, said
    assert "relay:local" in said

    config.write_text(
        plain.replace("[execution]", '[execution]\nsimulators = ["node", "relay:x"]')
    )
    code, said = cli("run", "--blocks", "1", "--live")
    assert code == 2
    assert 'simulators has "relay:x", and there is no section [relays.x]' in said
    assert "one that there is: local" in said


def test_the_doctor_names_each_thing_that_is_wrong(floor, cli, tmp_path):
    floor.fund(0)
    code, said = cli("doctor")

    assert code == 1
    assert f"ok    executor: {floor.executor} obeys {floor.store.address}" in said
    assert f"ok    node: {floor.chain.url} serves chain {floor.chain.chain_id}, block " in said
    assert "ok    ledger:" in said
    assert "ok    relay local: answers 0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A" in said
    assert [heard.kind for heard in floor.relay.heard] == ["simulate"]
    assert f"WRONG gas money: {floor.store.address} has 0 wei; send it ether" in said

    config = tmp_path / "arbx.toml"
    config.write_text(config.read_text().replace(floor.executor, "0x" + "0a" * 20))
    code, said = cli("doctor")
    assert code == 1
    assert "WRONG executor: there is no Executor at 0x0a0a" in said


def test_the_doctor_says_which_node_lags_and_which_is_away(floor, cli, tmp_path):
    config = tmp_path / "arbx.toml"
    with Proxy(floor.chain.url) as late, Proxy(floor.chain.url) as away:
        urls = f'rpc = ["{floor.chain.url}", "{late.url}/key", "{away.url}/key"]'
        config.write_text(config.read_text().replace(f'rpc = ["{floor.chain.url}"]', urls))
        late.misbehave(Trouble.LAGS, blocks=3)
        away.misbehave(Trouble.REFUSES)
        code, said = cli("doctor")

    newest = floor.chain.block_number
    chain = f"serves chain {floor.chain.chain_id}"
    assert code == 1
    assert re.search(rf"ok    node: {floor.chain.url} {chain}, block {newest}, in \d+ ms\n", said)
    assert re.search(
        rf"WRONG node: {late.url} {chain}, block {newest - 3}, in \d+ ms; it lags 3 blocks", said
    )
    assert f"WRONG node: {away.url}: eth_chainId failed" in said
    assert "key\n" not in said


def test_a_command_uses_the_second_node_when_the_first_is_away(floor, cli, tmp_path):
    config = tmp_path / "arbx.toml"
    with Proxy(floor.chain.url) as away:
        urls = f'rpc = ["{away.url}", "{floor.chain.url}"]'
        config.write_text(config.read_text().replace(f'rpc = ["{floor.chain.url}"]', urls))
        away.misbehave(Trouble.REFUSES)
        code, said = cli("run", "--blocks", "1")

    assert code == 0, said
    assert "would send a plan for" in said
    assert f"rpc_endpoint_failed            endpoint={away.url}" in said


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, "WRONG relay local: local: probe: HTTP status 403: 403 Forbidden; check the url"),
        ({"env:AUTH": "env:NONE"}, "WRONG relay local: env:NONE: the environment variable"),
        ({'auth_key = "env:AUTH"': 'auth_keystore = "x"'}, "there is no section [keystores.x]"),
        (
            {"[execution]": '[execution]\nsimulators = ["node", "relay:x"]'},
            "WRONG relays: [execution] simulators has",
        ),
        ({"[relays.local]": "[sources.unused]"}, "WRONG relays: no relay is configured; add"),
    ],
)
def test_the_doctor_says_what_is_wrong_with_a_relay(floor, cli, tmp_path, change, wrong):
    config = tmp_path / "arbx.toml"
    for old, new in change.items():
        config.write_text(config.read_text().replace(old, new))
    if not change:
        floor.relay.misbehave(Fault.FORBIDDEN)
    code, said = cli("doctor")

    assert code == 1
    assert wrong in said
    assert "Traceback" not in said


def test_the_doctor_tries_the_key_when_it_is_told_to(floor, cli, monkeypatch):
    said = cli("doctor", "--sign")[1]
    monkeypatch.setenv("WORD", "wrong")
    why = cli("doctor", "--sign")[1]

    assert f"ok    signature: signs for chain {floor.chain.chain_id} in" in said
    assert "WRONG signature: " in why
    assert "the password (env:WORD) is wrong" in why


def test_a_run_without_an_executor_names_the_key_that_is_missing(floor, cli, tmp_path):
    config = tmp_path / "arbx.toml"
    config.write_text(config.read_text().replace("executor = ", "# executor = "))
    code, said = cli("run")

    assert code == 2
    assert "[execution] has no executor; add executor" in said
    assert "Traceback" not in said


def test_init_writes_a_configuration_that_is_read_and_never_overwrites(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert main(("init",)) == 0
    settings = read_settings(tmp_path / "arbx.toml")
    code = main(("init",))

    assert (tmp_path / "arbx.toml").read_text() == TEMPLATE
    assert set(settings.relays) == {"flashbots"}
    assert code == 2
    assert "exists; name another file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ('lender = "aave"', "the lender 'aave' is not known on chain 31337"),
        ('lender = "balancer"\nlender_address = "WETH"', "no Balancer V2 vault answers at 0x"),
        ('lender_address = "WETH"', "[execution] has lender_address without lender; add lender"),
    ],
)
def test_a_lender_is_looked_at_before_anything_is_planned(
    floor, cli, tmp_path, settings, complaint
):
    assert "ok    lender: none is configured" in cli("doctor")[1]
    chosen = settings.replace("WETH", floor.weth)
    text = _config(floor).replace("[execution]\n", f"[execution]\n{chosen}\n")
    (tmp_path / "arbx.toml").write_text(text)
    code, said = cli("run", "--blocks", "1")

    assert (code, complaint in said) == (2, True), said
    assert f"WRONG lender: {complaint}" in cli("doctor")[1]
