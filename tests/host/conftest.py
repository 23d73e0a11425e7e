"""Fake distributions: a module and its metadata, written where Python looks for packages."""

import itertools
import sys
import textwrap

import pytest

GOOD = """
    import arbx

    class Flat:
        max_in = 10**30

        def amount_out(self, amount_in, /):
            return amount_in // 2

    @arbx.hookimpl
    def arbx_curves():
        yield arbx.CurveModel(
            "{kind}", parse=lambda record: record.fields("state").uint("fee"),
            curve=lambda state, token_in, token_out: Flat(), dump=lambda state: {{"fee": state}},
            example={{"kind": "{kind}", "state": {{"fee": 1}}}},
        )
"""


NUMBERS = itertools.count()


class Shelf:
    """A folder on the path that fake distributions are put on."""

    def __init__(self, folder):
        self.folder = folder

    def put(
        self, name, body, *, distribution=None, module=None, requires=("arbx>=0.1",), entry=None
    ):
        distribution = distribution or f"arbx-dex-{name}"
        # An abandoned import keeps the lock of its module, so no two tests share a module's name.
        module = module or f"fake_{name.replace('-', '_')}_{next(NUMBERS)}"
        if body is not None:
            (self.folder / f"{module}.py").write_text(textwrap.dedent(body))
        info = self.folder / f"{distribution.replace('-', '_')}-1.2.3.dist-info"
        info.mkdir()
        lines = ["Metadata-Version: 2.1", f"Name: {distribution}", "Version: 1.2.3"]
        lines += [f"Requires-Dist: {requirement}" for requirement in requires]
        (info / "METADATA").write_text("\n".join(lines) + "\n")
        (info / "entry_points.txt").write_text(entry or f"[arbx]\n{name} = {module}\n")
        return module

    def good(self, name, **how):
        return self.put(name, GOOD.format(kind=name.replace("-", "_")), **how)


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Give each test its own shelf, and forget its modules afterwards."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield Shelf(folder)
    for module in set(sys.modules) - before:
        if module.startswith("fake_"):
            del sys.modules[module]
