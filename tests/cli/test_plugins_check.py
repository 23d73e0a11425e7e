"""``arbx plugins check`` survives whatever the plugin does, and says what that was."""

import json

import pytest

MODEL = """
import arbx, sys

class Flat:
    max_in = 10**20
    def __init__(self, fee):
        self.__dict__["fee"] = fee
    def __setattr__(self, name, value):
        raise AttributeError(name)
    def amount_out(self, amount_in, /):
        amount_in = arbx.checked_amount(amount_in)
        if amount_in > self.max_in:
            raise arbx.InsufficientLiquidity("too much")
        {quote}

def parse(record):
    return record.fields("state").uint("fee", lo=1, bits=8)

@arbx.hookimpl
def arbx_curves():
    yield arbx.CurveModel(
        "xyz", parse=parse, curve=lambda state, i, j: Flat(state), dump=lambda fee: {{"fee": fee}},
        example={{"kind": "xyz", "state": {{"fee": 7}}}},
    )
"""


@pytest.fixture
def checked(arbx_cli, tmp_path):
    def checked(text, *arguments):
        info = tmp_path / "shelf" / "arbx_dex_xyz-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: arbx-dex-xyz\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[arbx]\nxyz = fake_xyz\n")
        (tmp_path / "shelf" / "fake_xyz.py").write_text(text)
        return arbx_cli("plugins", "check", "xyz", *arguments, path=[tmp_path / "shelf"])

    return checked


def test_passes_a_plugin_that_keeps_its_promises(checked):
    done = checked(MODEL.format(quote="return amount_in * 9 // 10"))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ never_decreases" in done.stdout


def test_fails_a_plugin_that_breaks_one_and_names_it(checked):
    done = checked(MODEL.format(quote="return amount_in * 9 // 10 + 1"), "--json")
    report = json.loads(done.stdout)
    broken = {
        outcome["promise"]
        for offer in report["offers"]
        for outcome in offer["outcomes"]
        if outcome["result"] == "failed"
    }

    assert done.returncode == 1
    assert "pays_zero_for_zero" in broken


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import os\nos._exit(7)", "the process ended with exit code 7 before it reported"),
        ("import os\nos._exit(0)", "the process ended with exit code 0 before it reported"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "crashed: SIGSEGV"),
        ("import os\nprint('bye', flush=True)\nos.write(1, b'last word')\nos._exit(3)",
         "its last words: 'last word'"),
        ("import sys\nsys.exit(3)", "xyz failed in import: SystemExit: 3"),
        ("1/0", "xyz failed in import: ZeroDivisionError"),
        (MODEL.format(quote="import time; time.sleep(60)"), "still running after 3 s, ended"),
    ],
)  # fmt: skip
def test_reports_a_plugin_that_takes_its_process_down(checked, text, says):
    done = checked(text, "--timeout", "3")

    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_what_the_plugin_prints_does_not_spoil_the_report(checked):
    text = "import os\nos.write(1, b'noise')\n" + MODEL.format(quote="return amount_in * 9 // 10")
    done = checked(text, "--json")

    assert json.loads(done.stdout)["plugin"] == "xyz"
