"""Providers are built from validated settings; errors name the key, never its value."""

import pydantic
import pytest

import arbx
from arbx.plugins.loading import Plugin


class Settings(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")

    token: str
    retries: int = 3


class Sink:
    def __init__(self, settings, context=None):
        self.settings, self.context = settings, context

    async def send(self, event, fields):
        pass


def host_with(build=Sink, settings=Settings):
    provider = arbx.Provider("sink", build, settings)
    return arbx.Host([Plugin("xyz", offers={"arbx_alert_sinks": (provider,)})])


def test_builds_with_settings_and_context():
    context = arbx.Context("me", 1)
    sink = host_with().build_alert_sink("sink", {"token": "t"}, context)

    assert sink.settings == Settings(token="t")
    assert sink.context is context


def test_builds_without_context_where_none_is_taken():
    def build(settings):
        return Sink(settings)

    sink = host_with(build).build_alert_sink("sink", {"token": "t"})

    assert sink.context is None


def test_gives_the_plain_settings_where_no_model_is():
    assert host_with(settings=None).build_alert_sink("sink", {"x": 1}).settings == {"x": 1}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "settings of 'me': token is missing"),
        ({"token": "s3cret", "retires": 1}, "settings of 'me': retires is not a known key"),
        (
            {"token": "s3cret", "retries": "s3cret"},
            "settings of 'me': retries is wrong: should be",
        ),
    ],
)
def test_refuses_wrong_settings_by_key_and_not_by_value(settings, says):
    with pytest.raises(arbx.ConfigError) as refusal:
        host_with().build_alert_sink("sink", settings, arbx.Context("me"))

    assert says in str(refusal.value)
    assert "s3cret" not in str(refusal.value)


def test_says_what_is_offered_instead():
    with pytest.raises(
        arbx.ConfigError, match="no selected plugin offers 'x' among its alert sinks"
    ):
        host_with().build_alert_sink("x")


def test_blames_a_build_that_raises():
    with pytest.raises(arbx.PluginError, match="xyz failed in build of 'sink': ZeroDivisionError"):
        host_with(build=lambda settings: 1 / 0).build_alert_sink("sink", {"token": "t"})


def test_refuses_what_is_not_the_thing_and_says_what_it_lacks():
    with pytest.raises(arbx.PluginError, match="built a dict, not a AlertSink; it lacks send"):
        host_with(build=lambda settings: {}).build_alert_sink("sink", {"token": "t"})
