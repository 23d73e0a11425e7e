"""``arbx executor`` deploys, shows and withdraws, and sends nothing unless it is told to."""

import re

import pytest
from eth_account import Account
from executor_stage import MNEMONIC, deploy_odd

from arbx.cli import main
from arbx.testing.localchain.trader import balance

NOWHERE = "0x" + "0a" * 20


@pytest.fixture
def cli(stage, tmp_path, monkeypatch, capsys):
    """Run a command on the local chain, with the owner's key in a key file."""
    pytest.importorskip("arbx_keystore_keyfile")
    Account.enable_unaudited_hdwallet_features()
    owner = Account.from_mnemonic(MNEMONIC, account_path="m/44'/60'/0'/0/1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORD", "correct horse")
    monkeypatch.setenv("KEY", owner.key.hex())
    (tmp_path / "arbx.toml").write_text(
        f'plugins = ["keyfile"]\n[chain]\nchain_id = {stage.chain.chain_id}\n'
        f'rpc = ["{stage.chain.url}"]\n'
        '[keystores.main]\nuse = "keyfile"\npath = "main.json"\npassword = "env:WORD"\n'
    )

    def run(*arguments):
        code = main(arguments)
        said = capsys.readouterr()
        return code, said.out + said.err

    stage.chain.rpc.ask("evm_setAutomine", True)
    yield run
    stage.chain.rpc.ask("evm_setAutomine", False)


def test_an_executor_is_deployed_shown_and_emptied(stage, cli):
    assert cli("keys", "import", "main", "--from", "env:KEY")[0] == 0
    deploy = ("executor", "deploy", "--weth", stage.weth)
    code, dry = cli(*deploy)
    assert (code, "nothing was sent" in dry) == (0, True)
    code, said = cli(*deploy, "--live")
    assert code == 0, said
    executor = re.search(r"deployed at (0x\w{40})", said)[1]
    assert executor in dry

    stage.give(stage.weth, 1000, executor)
    code, said = cli("executor", "show", executor, "--token", stage.market.tokens[1].address)
    assert code == 0, said
    assert re.search(rf"owner +{stage.owner.lower()}", said)
    assert f"token    {stage.weth} 1000" in said
    assert "own" in said

    withdraw = ("executor", "withdraw", executor, "--token", stage.weth)
    assert cli(*withdraw)[0] == 0
    assert balance(stage.chain, stage.weth, executor) == 1000
    code, said = cli(*withdraw, "--amount", "400", "--to", NOWHERE, "--live")
    assert code == 0, said
    assert balance(stage.chain, stage.weth, NOWHERE) == 400
    assert cli(*withdraw, "--live")[0] == 0
    assert balance(stage.chain, stage.weth, stage.owner) == 600


def test_a_strangers_executor_is_refused_before_anything_is_sent(stage, cli):
    assert cli("keys", "new", "main")[0] == 0
    code, said = cli("executor", "withdraw", stage.executor, "--token", "ether", "--live")

    assert code == 2
    assert f"belongs to {stage.owner.lower()}" in said


def test_a_contract_that_only_looks_like_one_is_named(stage, cli):
    puppet = deploy_odd(stage.chain, "Puppet")
    code, said = cli("executor", "show", puppet)

    assert code == 2
    assert "there is no Executor at" in said
    # its own runtime code with one byte changed still answers as an Executor does
    runtime = stage.chain.rpc.ask("eth_getCode", stage.executor, "latest")
    place = runtime.index("63656c6c") if "63656c6c" in runtime else len(runtime) - 140
    changed = runtime[:place] + f"{int(runtime[place], 16) ^ 1:x}" + runtime[place + 1 :]
    stage.chain.rpc.ask("anvil_setCode", NOWHERE, changed)
    code, said = cli("executor", "show", NOWHERE)
    assert code == 1
    assert "not this arbx's Executor" in said


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["show", "0x12"], "ADDRESS '0x12' is not an address"),
        (["show", NOWHERE], "there is no Executor at"),
        (["deploy", "--weth", "weth"], "--weth 'weth' is not an address"),
        (["deploy", "--weth", NOWHERE], "is no contract on chain"),
        (["withdraw", NOWHERE, "--token", "ether", "--amount", "-1"], "--amount '-1' is neither"),
        (["withdraw", NOWHERE, "--token", "gold"], "--token 'gold' is not an address"),
        (["withdraw", NOWHERE, "--token", "ether", "--to", "me"], "--to 'me' is not an address"),
        (["deploy", "--weth", NOWHERE, "--key", "other"], "other"),
    ],
)
@pytest.mark.usefixtures("keyed")
def test_bad_input_is_one_clear_error(cli, arguments, complaint):
    code, said = cli("executor", *arguments)

    assert code == 2
    assert complaint in said
    assert "Traceback" not in said


@pytest.fixture
def keyed(cli):
    assert cli("keys", "import", "main", "--from", "env:KEY")[0] == 0


def test_the_key_store_must_be_clear(cli, tmp_path):
    (tmp_path / "arbx.toml").write_text('plugins = ["keyfile"]\n')
    code, said = cli("executor", "deploy", "--weth", NOWHERE)

    assert code == 2
    assert "no key store is configured; add [keystores.main]" in said


def test_the_configured_executor_is_shown_when_none_is_named(stage, cli, tmp_path):
    config = tmp_path / "arbx.toml"
    without = cli("executor", "show")
    config.write_text(config.read_text() + f'[execution]\nexecutor = "{NOWHERE}"\n')
    code, said = cli("executor", "show")

    assert without[0] == 2
    assert 'executor = "0x…" in [execution]' in without[1]
    assert code == 2
    assert NOWHERE in said
