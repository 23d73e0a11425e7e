"""Pools of a registry are recognised, or named with the reason."""

import pytest

import arbx
from arbx.testing.localchain.stableswap import GENERATION, deploy_registry
from arbx.testing.localchain.watching import values

PLUGIN = PROVIDER = "curve"
KNOWN_CODE, OTHER_CODE = ("0x" + pair * 20 for pair in ("c0", "c1"))


@pytest.fixture
def pools(mixed):
    return [pool.address for pool in mixed.stableswaps]


@pytest.fixture
def registry(mixed, pools):
    """List a pool of a known implementation, one of another, and a contract that is no pool."""
    rows = {pools[0]: KNOWN_CODE, pools[1]: OTHER_CODE, mixed.market.weth.address: OTHER_CODE}
    return deploy_registry(mixed.chain, rows)


@pytest.fixture
def settings(registry):
    return {
        "metaregistry": registry,
        "implementations": {KNOWN_CODE: GENERATION},
        "pools": [],
    }


async def test_a_known_implementation_is_priced_as_the_pool_itself(watch, pools, settings):
    expected = await watch.read_again()

    found = await watch.read_again(**settings)

    assert found == {pools[0]: expected[pools[0]]}


async def test_what_is_not_recognised_is_named_with_its_code(
    mixed, watch, pools, settings, registry
):
    source = watch.source(**settings)

    seen = await watch.observe(source)

    assert [pool.address for pool in seen.pools[PROVIDER]] == [pools[0]]
    assert source.skipped.keys() == {pools[1], mixed.market.weth.address}
    assert seen.skipped == {PROVIDER: source.skipped}
    assert source.skipped[pools[1]] == (
        f"pool without version() of registry {registry} (implementation {OTHER_CODE}): not a known generation; "
        "if you know its generation, name it under pools, or its implementation under implementations"
    )


async def test_a_given_pool_of_the_registry_is_read_once_as_given(watch, pools, settings):
    given = [{"address": address, "generation": GENERATION} for address in (pools[1], pools[2])]

    seen = await watch.observe(**{**settings, "pools": given})

    assert [pool.address for pool in seen.pools[PROVIDER]] == [pools[1], pools[2], pools[0]]
    assert values(seen.states) == await watch.read_again()


async def test_a_contract_that_is_no_registry_is_a_configuration_error(mixed, watch):
    with pytest.raises(
        arbx.ConfigError, match=r"has no pool_count\(\).*is it a Curve factory or reg"
    ):
        await watch.observe(metaregistry=mixed.market.weth.address, pools=[])


async def test_where_nobody_knows_a_registry_the_cure_is_named(watch):
    with pytest.raises(
        arbx.ConfigError, match="names no MetaRegistry on chain 31337; set metaregistry"
    ):
        await watch.observe(metaregistry=True, pools=[])
