"""Read what the compiler made of Executor.vy: ABI, creation code, compiler, and the source's hash."""

import hashlib
import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

import attrs

from arbx.errors import ConfigError

__all__ = ["Artefact", "artefact"]


@attrs.frozen
class Artefact:
    """The compiled contract; *source_sha256* is of the source that was compiled."""

    compiler: str
    source_sha256: str
    abi: tuple[dict[str, Any], ...] = attrs.field(repr=False)
    bytecode: bytes = attrs.field(repr=False)


@lru_cache(maxsize=1)
def artefact() -> Artefact:
    """Return the packaged artefact; raise ConfigError where the source beside it is another one."""
    folder = files(__package__)
    record = json.loads(folder.joinpath("Executor.json").read_text(encoding="utf-8"))
    source = folder.joinpath("Executor.vy").read_bytes()
    if hashlib.sha256(source).hexdigest() != record["source_sha256"]:
        raise ConfigError(
            "Executor.json was not compiled from the Executor.vy beside it; reinstall arbx, or run "
            "python -m arbx.testing.localchain.build VYPER core/arbx/execution/executor"
        )
    return Artefact(
        record["compiler"],
        record["source_sha256"],
        tuple(record["abi"]),
        bytes.fromhex(record["bytecode"].removeprefix("0x")),
    )
