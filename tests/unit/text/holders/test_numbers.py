"""Three numbers that a module assigns one by one: read where that is certain, written in place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.holders.registry import write_held
from omninode_release.text.manifests.manifest import MANIFEST, Manifest, read_manifest

_ATTR = (
    '[project]\nname = "a"\ndynamic = ["version"]\n'
    '[tool.setuptools.dynamic]\nversion = {attr = "a.__version__"}\n'
)
_PLAIN = "MAJOR = {}\nMINOR = {}\nMICRO = {}\n"
_WITH_MORE = (
    '"""\nMAJOR = 9\n"""\nMAJOR: int = {}  # 1\nx = "MINOR = 9"\r\nMINOR = {}\r\nMICRO={}\n'
)
_MODULES = {
    "f": f"{_PLAIN}__version__ = f'{{{{MAJOR}}}}.{{{{MINOR}}}}.{{{{MICRO}}}}'\n",
    "percent": f'{_WITH_MORE}__version__ = "%d.%d.%d" % (MAJOR, MINOR, MICRO)\n',
    "empty": f"{_PLAIN}#MORE = 'dev'\nMORE = ''\n"
    "__version__ = '%s.%s.%s%s' % (MAJOR,\n    MINOR, MICRO,\n    MORE)  # all\n",
    "format": f"{_PLAIN}__version__ = '{{{{}}}}.{{{{}}}}.{{{{}}}}'.format(MAJOR, MINOR, MICRO)\n",
    "join": f"{_PLAIN}__version__ = '.'.join(map(str, (MAJOR, MINOR, MICRO)))\n",
    "tuple": f"{_PLAIN}V = (MAJOR, MINOR, MICRO)\n__version__ = '.'.join(str(x) for x in V)\n",
    "twice": f"{_PLAIN}V = (MAJOR, MINOR, MICRO)\nT = '%d.%d.%d' % (MAJOR, MINOR, MICRO)\n"
    "__version__ = spell(V, T)\n",
}
_NUMBERS = st.tuples(*[st.integers(0, 999)] * 3)


def _read(text: str) -> Manifest:
    return read_manifest(_ATTR, where=MANIFEST, read={"a.py": text}.get)


@pytest.mark.parametrize("module", _MODULES.values(), ids=_MODULES)
@given(old=_NUMBERS, new=_NUMBERS)
def test_three_numbers_are_written_and_nothing_between(
    module: str, old: tuple[int, ...], new: tuple[int, ...]
) -> None:
    before = module.format(*old)
    found = _read(before)

    after = write_held(found.held, before, ".".join(map(str, new)), where="a.py")

    assert found.says == ".".join(map(str, old))
    assert after == module.format(*new)
    assert _read(after).says == ".".join(map(str, new))


def test_setup_py_may_join_numbers_of_its_own_or_of_a_module() -> None:
    numbers = _PLAIN.format(1, 2, 3)
    joined = '"%d.%d.%d" % (MAJOR, MINOR, MICRO)'
    own = {"setup.py": f'{numbers}setup(name="a", version={joined})\n'}
    other = {
        "setup.py": "from a import v\nsetup(name='a', version=v.TEXT)\n",
        "a/v.py": f"{numbers}TEXT = {joined}\n",
    }

    for files, path in ((own, "setup.py"), (other, "a/v.py")):
        held = read_manifest("", where=MANIFEST, read=files.get).held
        assert (held.path, held.literal) == (path, "1.2.3")


@pytest.mark.parametrize("version", ["1.3.0rc1", "1.3.0.dev0"])
def test_three_numbers_cannot_say_a_pre_release(version: str) -> None:
    text = _MODULES["join"].format(1, 2, 3)

    with pytest.raises(ReleaseError, match="found numbers alone") as raised:
        write_held(_read(text).held, text, version, where="a.py")

    assert raised.value.code is ErrorCode.BUMP_FAILED


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("MAJOR = 1\nMICRO = 3\nMINOR = 2\n{}", id="another-order"),
        pytest.param("{}MAJOR = 1\nMINOR = 2\nMICRO = 3\n", id="afterwards"),
        pytest.param("MAJOR = 1\nMINOR = 2\nMICRO = 3\nif x:\n    MICRO = 4\n{}", id="twice"),
        pytest.param("MAJOR = 1\nMINOR = 2\nMICRO = 3\nx = 1; MICRO += 1\n{}", id="raised"),
        pytest.param("MAJOR = 1\nMINOR = 2\nMICRO = 3\n{}if x:\n  __version__ += 'b'", id="more"),
        pytest.param("MAJOR = 1\nMINOR = 2\nMICRO = '3'\n{}", id="a-string"),
        pytest.param("MAJOR = 1\nMINOR = 2\nMICRO = 03\n{}", id="a-zero-first"),
        pytest.param("MAJOR = 1\nMINOR = 2\nMICRO = count()\n{}", id="a-call"),
        pytest.param("MAJOR = 1\nMINOR = 2\nif x:\n    MICRO = 3\n{}", id="under-a-condition"),
        pytest.param("from b import MICRO\nMAJOR = 1\nMINOR = 2\n{}", id="from-elsewhere"),
    ],
)
def test_numbers_that_may_not_be_the_version_are_refused(text: str) -> None:
    with pytest.raises(ReleaseError) as raised:
        _read(text.format("__version__ = '.'.join(map(str, (MAJOR, MINOR, MICRO)))\n"))

    assert raised.value.code is ErrorCode.VERSION_INVALID


@pytest.mark.parametrize(
    "joined",
    [
        "'%d.%d.%d%s' % (MAJOR, MINOR, MICRO, MORE)",
        "f'{MAJOR}.{MINOR}.{MICRO}{MORE}'",
        "f'{MAJOR}.{MINOR}.{MICRO}rc1'",
        "f'{MAJOR}.{MINOR}.0'",
        "(MAJOR, MINOR, MICRO, MORE)",
        "(MAJOR, MINOR, MINOR)",
        "'%d.%d.%d' % (MAJOR, MINOR, MICRO) + MORE",
        "'%d.%d.%d' % (MINOR, MAJOR, MICRO)",
    ],
)
@pytest.mark.parametrize("more", ["'dev'", "0", "None", "get()"])
def test_an_expression_that_may_say_more_is_refused(joined: str, more: str) -> None:
    with pytest.raises(ReleaseError) as raised:
        _read(f"{_PLAIN.format(1, 2, 3)}MORE = {more}\n__version__ = {joined}\n")

    assert raised.value.code is ErrorCode.VERSION_INVALID
