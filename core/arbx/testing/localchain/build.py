"""
Compile contracts: ``python -m arbx.testing.localchain.build [VYPER [FOLDER]]``.

VYPER is the compiler's executable, release 0.4.3; keep it in an environment of its own, it pins a
lot. FOLDER holds the sources; by default these are the test contracts here. The outcome is
committed, so that only those who change a contract need the compiler.
"""

import hashlib
import json
import pathlib
import subprocess
import sys

__all__ = ["CONTRACTS", "VERSION", "build", "compiled"]

CONTRACTS = pathlib.Path(__file__).parent / "contracts"
VERSION = "0.4.3"


def compiled(source: pathlib.Path, vyper: str) -> dict[str, object]:
    """Return what the compiler makes of one source."""
    version = _run(vyper, "--version")
    if version.split("+")[0] != VERSION:
        raise SystemExit(f"{vyper} is release {version}; the contracts are for {VERSION}")
    abi, bytecode = _run(vyper, "-f", "abi,bytecode", str(source)).splitlines()
    return {
        "compiler": f"vyper {version}",
        "source_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        "abi": json.loads(abi),
        "bytecode": bytecode,
    }


def build(vyper: str, folder: pathlib.Path = CONTRACTS) -> None:
    """Write NAME.json beside each NAME.vy of a folder."""
    for source in sorted(folder.glob("*.vy")):
        artifact = json.dumps(compiled(source, vyper), indent=1)
        source.with_suffix(".json").write_text(artifact + "\n", encoding="utf-8")


def _run(*command: str) -> str:
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    return finished.stdout.strip()


if __name__ == "__main__":
    build(sys.argv[1] if len(sys.argv) > 1 else "vyper", *map(pathlib.Path, sys.argv[2:3]))
