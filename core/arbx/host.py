"""Hold the loaded plugins: what prices which kind of pool, and what can be built by name."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from arbx.errors import ArbxError, ConfigError, InvalidState, PluginError, UnknownKind
from arbx.fields import Fields
from arbx.kernel.types import Curve
from arbx.model import PoolState
from arbx.plugins.boundary import blamed
from arbx.plugins.building import build
from arbx.plugins.first_party import FIRST_PARTY, bringing
from arbx.plugins.loading import Plugin
from arbx.plugins.registry import LOAD_TIMEOUT_S, Registry, load_all
from arbx.protocols import AlertSink, KeyStore, PoolSource, Relay
from arbx.provider import Context, CurveModel, Provider
from arbx.public import public
from arbx.records import check_tokens, kind_of, pool_of, token_count, within

__all__ = ["Host"]

T = TypeVar("T")


@public
class Host:
    """
    Price pools and build sources, relays, key stores and alert sinks with the selected plugins.

    >>> Host([]).curve({"kind": "uniswap_v2", "state": {}})
    Traceback (most recent call last):
    arbx.api.UnknownKind: uniswap_v2: no selected plugin prices it; select 'uniswap-v2' \
(pip install arbx-dex-uniswap-v2)
    """

    def __init__(
        self,
        plugins: Iterable[Plugin],
        *,
        failures: Iterable[PluginError] = (),
        warnings: Iterable[str] = (),
    ) -> None:
        registry = Registry()
        for plugin in plugins:
            registry.add(plugin)
        self.plugins: tuple[Plugin, ...] = tuple(registry.plugins)
        self.failures = tuple(failures)
        self.warnings = tuple(warnings)
        self._offers = registry.offers
        self._models: dict[str, CurveModel] = registry.offers["arbx_curves"]
        self._owners = registry.owners
        self._curve_types: set[type] = set()

    @classmethod
    def load(
        cls,
        names: Sequence[str] | None = None,
        *,
        strict: bool = False,
        load_timeout_s: float = LOAD_TIMEOUT_S,
    ) -> "Host":
        """
        Import exactly the plugins of these names; None selects the installed first-party ones.

        A plugin that fails is in ``failures`` and stops no other. With *strict* the first failure is raised; and
        so it is when nothing of what was asked for could be loaded.
        """
        if isinstance(names, str):
            raise ConfigError(f"names is the text {names!r}; pass a list: [{names!r}]")
        loaded = load_all(names, timeout_s=load_timeout_s)
        if loaded.failures and (strict or not loaded.plugins):
            first, *others = loaded.failures
            for other in others:
                first.add_note(f"also: {other}")
            raise first
        return cls(loaded.plugins, failures=loaded.failures, warnings=loaded.warnings)

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of pools that can be priced."""
        return frozenset(self._models)

    @property
    def models(self) -> Mapping[str, CurveModel]:
        """Return the curve models by kind."""
        return MappingProxyType(self._models)

    @property
    def sources(self) -> Mapping[str, Provider[PoolSource]]:
        """Return the providers of pool sources by name."""
        return MappingProxyType(self._offers["arbx_pool_sources"])

    @property
    def keystores(self) -> Mapping[str, Provider[KeyStore]]:
        """Return the providers of key stores by name."""
        return MappingProxyType(self._offers["arbx_keystores"])

    @property
    def relays(self) -> Mapping[str, Provider[Relay]]:
        """Return the providers of relays by name."""
        return MappingProxyType(self._offers["arbx_relays"])

    @property
    def alert_sinks(self) -> Mapping[str, Provider[AlertSink]]:
        """Return the providers of alert sinks by name."""
        return MappingProxyType(self._offers["arbx_alert_sinks"])

    def owner(self, kind: str) -> str:
        """Return the name of the plugin that prices *kind*, for blame."""
        self._model(kind)
        return self._owners["arbx_curves", kind]

    def curve(self, record: Mapping[str, Any], token_in: int = 0, token_out: int = 1) -> Curve:
        """Return the curve of one direction of the pool in *record*: a snapshot line, or a vector."""
        model = self._model(kind_of(record))
        state = self._parse(model, record)
        try:
            return self._build(model, state, token_in, token_out, token_count(record))
        except InvalidState as error:
            raise within(error, record) from error

    def state(self, record: Mapping[str, Any]) -> PoolState:
        """Return the pool and its state from one snapshot line."""
        model = self._model(kind_of(record))
        try:
            fields = Fields(record)
            block = fields.uint("block", bits=64) if fields.has("block") else None
            pool = pool_of(record)
        except InvalidState as error:
            raise within(error, record) from error
        return PoolState(pool, block, self._parse(model, record))

    def price(self, state: PoolState, token_in: int = 0, token_out: int = 1) -> Curve:
        """Return the curve of one direction of a pool at its state."""
        pool = state.pool
        model = self._model(pool.kind)
        return self._build(model, state.state, token_in, token_out, len(pool.tokens))

    def record(self, state: PoolState) -> dict[str, Any]:
        """Return the snapshot line that *state* reads back from."""
        pool = state.pool
        model = self._model(pool.kind)
        try:
            dumped = model.dump(state.state)
        except Exception as error:
            raise self._blamed(pool.kind, "dump", error) from error
        tokens = [
            {"address": token.address, "symbol": token.symbol, "decimals": token.decimals}
            for token in pool.tokens
        ]
        return {
            "chain_id": pool.chain_id, "block": state.block, "kind": pool.kind, "dex": pool.dex,
            "address": pool.address, "tokens": tokens, "state": dumped,
        }  # fmt: skip

    def build_source(
        self, name: str, settings: Mapping[str, Any] | None = None, context: Context | None = None
    ) -> PoolSource:
        """Build the pool source of that provider from its settings."""
        return self._made("arbx_pool_sources", name, settings, context, PoolSource)  # type: ignore[type-abstract]  # a protocol is only asked about

    def build_keystore(
        self, name: str, settings: Mapping[str, Any] | None = None, context: Context | None = None
    ) -> KeyStore:
        """Build the key store of that provider from its settings."""
        return self._made("arbx_keystores", name, settings, context, KeyStore)  # type: ignore[type-abstract]  # a protocol is only asked about

    def build_relay(
        self, name: str, settings: Mapping[str, Any] | None = None, context: Context | None = None
    ) -> Relay:
        """Build the relay of that provider from its settings."""
        return self._made("arbx_relays", name, settings, context, Relay)  # type: ignore[type-abstract]  # a protocol is only asked about

    def build_alert_sink(
        self, name: str, settings: Mapping[str, Any] | None = None, context: Context | None = None
    ) -> AlertSink:
        """Build the alert sink of that provider from its settings."""
        return self._made("arbx_alert_sinks", name, settings, context, AlertSink)  # type: ignore[type-abstract]  # a protocol is only asked about

    def __repr__(self) -> str:
        return f"Host({[plugin.name for plugin in self.plugins]})"

    def _made(
        self,
        hook: str,
        name: str,
        settings: Mapping[str, Any] | None,
        context: Context | None,
        protocol: type[T],
    ) -> T:
        providers = self._offers[hook]
        if name not in providers:
            raise ConfigError(_no_provider(hook, name, providers))
        owner = self._owners[hook, name]
        return build(owner, providers[name], settings or {}, context or Context(name), protocol)

    def _model(self, kind: str) -> CurveModel:
        model = self._models.get(kind)
        if model is None:
            raise _unknown(kind, self._models)
        return model

    def _parse(self, model: CurveModel, record: Mapping[str, Any]) -> Any:
        try:
            return model.parse(Fields(record))
        except InvalidState as error:
            raise within(error, record) from error
        except Exception as error:
            raise self._blamed(model.kind, "parse", error) from error

    def _build(
        self, model: CurveModel, state: Any, token_in: int, token_out: int, count: int
    ) -> Curve:
        check_tokens(token_in, token_out, count)
        try:
            curve = model.curve(state, token_in, token_out)
        except Exception as error:
            raise self._blamed(model.kind, "curve", error) from error
        if type(curve) not in self._curve_types:
            self._check_curve(model.kind, curve)
        return curve

    def _check_curve(self, kind: str, curve: Any) -> None:
        if not callable(getattr(curve, "amount_out", None)) or not hasattr(curve, "max_in"):
            owner, name = self._owners["arbx_curves", kind], type(curve).__name__
            why = f"{kind} gave a {name}, not a curve with amount_out and max_in"
            raise PluginError(owner, "curve", why)
        self._curve_types.add(type(curve))

    def _blamed(self, kind: str, where: str, error: Exception) -> ArbxError:
        if isinstance(error, ArbxError):
            return error
        return blamed(self._owners["arbx_curves", kind], f"{where} of {kind}", error)


def _unknown(kind: str, models: Mapping[str, CurveModel]) -> UnknownKind:
    message = f"{kind}: no selected plugin prices it"
    name = bringing(kind)
    if name is not None:
        distribution = FIRST_PARTY[name].distribution
        return UnknownKind(f"{message}; select {name!r} (pip install {distribution})")
    return UnknownKind(
        f"{message}; selected plugins price {', '.join(sorted(models)) or 'nothing'}"
    )


def _no_provider(hook: str, name: str, providers: Mapping[str, Any]) -> str:
    what = hook.removeprefix("arbx_").replace("_", " ")
    offered = ", ".join(sorted(providers)) or "none"
    return f"no selected plugin offers {name!r} among its {what}; offered: {offered}"
