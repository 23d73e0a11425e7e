"""What the doctor finds out about relays, whoever wrote them."""

import asyncio

from arbx.engine.preflight import relay_findings
from arbx.errors import RelayError


class Mute:
    """A relay that brings no probe."""


class Answers(Mute):
    async def probe(self):
        return "answers"


class Fails(Mute):
    async def probe(self):
        raise RelayError("fails: it is closed on Sundays")


class Crashes(Mute):
    async def probe(self):
        raise KeyError("02f8" * 40)


class Hangs(Mute):
    async def probe(self):
        await asyncio.sleep(60)


async def test_each_relay_is_judged_alone_and_none_holds_up_another():
    relays = {kind.__name__.lower(): kind() for kind in (Mute, Answers, Fails, Crashes, Hangs)}
    found = {one.what: one for one in await relay_findings(relays, timeout_s=0.2)}

    assert {what.split()[1]: one.right for what, one in found.items()} == {
        "mute": True,
        "answers": True,
        "fails": False,
        "crashes": False,
        "hangs": False,
    }
    assert found["relay mute"].text == "can't be probed; whether it answers shows with a bundle"
    assert found["relay fails"].text == "fails: it is closed on Sundays"
    assert found["relay hangs"].text == "hangs failed in probe: no answer within 0.2 s"
    assert "02f8" not in found["relay crashes"].text
