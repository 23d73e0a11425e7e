"""``arbx plugins info`` shows what one plugin offers."""

import json

import pytest

TEXT = """
import arbx, pydantic
from typing import Annotated, Literal

class Settings(pydantic.BaseModel):
    token: str = pydantic.Field(description="the channel's token")
    retries: int | None = 3
    pools: tuple[Annotated[str, pydantic.Field(min_length=1)], ...] = ()
    mode: Literal["a", "b"] | None = None

class Flat:
    max_in = 10
    def amount_out(self, amount_in, /):
        return amount_in
    def least_in(self, amount_out, /):
        return amount_out

@arbx.hookimpl
def arbx_curves():
    for kind, example in (("xyz", {"kind": "xyz"}), ("bare", {})):
        yield arbx.CurveModel(
            kind, parse=lambda record: 0, curve=lambda *_: Flat(), dump=lambda _: {},
            example=example,
        )

@arbx.hookimpl
def arbx_alert_sinks():
    yield arbx.Provider("me", print, Settings, summary="tells me")
"""


@pytest.fixture
def info(arbx_cli, tmp_path):
    def info(*arguments, text=TEXT):
        folder = tmp_path / "shelf"
        (folder / "arbx_dex_xyz-1.0.dist-info").mkdir(parents=True)
        metadata = folder / "arbx_dex_xyz-1.0.dist-info"
        (metadata / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: arbx-dex-xyz\nVersion: 1.0"
        )
        (metadata / "entry_points.txt").write_text("[arbx]\nxyz = fake_xyz\n")
        (folder / "fake_xyz.py").write_text(text)
        return arbx_cli("plugins", "info", "xyz", *arguments, path=[folder])

    return info


def test_shows_kinds_capabilities_and_settings(info):
    done = info()

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "xyz  (arbx-dex-xyz 1.0)",
        "  curve xyz: exact inverse",
        "  curve bare: it has no example record",
        "  alert sink me: tells me",
        "    token    str               required  the channel's token",
        "    retries  int | None        3",
        "    pools    tuple[str, ...]   ()",
        "    mode     'a' | 'b' | None  None",
    ]


def test_gives_the_same_as_json(info):
    description = json.loads(info("--json").stdout)

    assert [curve["kind"] for curve in description["curves"]] == ["xyz", "bare"]
    assert description["alert_sinks"][0]["settings"][1]["default"] == "3"


def test_blames_a_plugin_that_cannot_be_loaded(info):
    done = info(text="1/0")

    assert done.returncode == 2
    assert "error: xyz failed in import: ZeroDivisionError: division by zero" in done.stderr
