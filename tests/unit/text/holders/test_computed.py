"""What setup.py gives ``setup``, as packages on the index write it: read and written exactly."""

from __future__ import annotations

import pytest

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.holders.registry import write_held
from omninode_release.text.manifests.manifest import MANIFEST, Manifest, read_manifest

_SETUP = "setup(name='a', version=version)\n"
_INIT = "__version__ = '@'\n"


def _read(files: dict[str, str]) -> Manifest:
    return read_manifest("", where=MANIFEST, read=files.get)


# setup.py, the file that holds the version, and its text with @ for the version; None for setup.py
# itself.
_HELD = {
    "parts of its own": (
        "info = (@)\nversion = '.'.join(str(i) for i in info)\n" + _SETUP,
        "setup.py",
        None,
    ),
    "a table": ("args = dict(\n name='a', version='@',  #\n)\nsetup(**args)\n", "setup.py", None),
    "a table in braces": ("args = {'name': 'a', 'version': '@'}\nsetup(**args)", "setup.py", None),
    "a table in brackets": ("t = {'name': 'a', 'version': '@'}\nsetup(**(t))\n", "setup.py", None),
    "a key of a table": (
        "args = {}\nargs['version'] = '@'\nsetup(name='a', **args)\n",
        "setup.py",
        None,
    ),
    "a call that is made twice": (
        ("VERSION = '@'\ntry:\n    setup(name='a', version=VERSION)\nexcept Failed:\n"
        "    setup(name='a', version=VERSION)\n"),
        "setup.py",
        None,
    ),
    "extensions with names": (
        "setup(name='a', version='@', ext_modules=[Extension(name='a.b', version='9')])\n",
        "setup.py",
        None,
    ),
    "another call in a text": (
        ('"""\nsetup(name=\'b\', version=\'9\')\n"""\n# setup(version="8")\n'
        "print(x, version='7')\nsetup (name='a', version='@')\n"),
        "setup.py",
        None,
    ),
    "a name that is first empty": (
        "version = ''\nwith open('a/__init__.py') as f:\n    version = find(f)\n" + _SETUP,
        "a/__init__.py",
        _INIT,
    ),
    "a name that is first none": (
        "version = None\nfor line in open(join(here, 'a', '__init__.py')):\n    version = f(line)\n"
        "    f(filename='__init__.py')\n" + _SETUP,
        "a/__init__.py",
        _INIT,
    ),
    "a name for when all else fails": (
        "try:\n    exec(open('a/_version.py').read(), ver)\n    version = ver['__version__']\n"
        "except OSError:\n    version = 'dev'\n" + _SETUP,
        "a/_version.py",
        _INIT,
    ),
    "a pattern": (
        ("txt = (here / 'a' / '__init__.py').read_text()\ntry:\n"
        "    version = re.findall(r'^__version__ = \"(.*)\"$', txt)[0]\nexcept E:\n    raise\n"
        "args = dict(name='a', version=version)\nsetup(**args)\n"),
        "a/__init__.py",
        _INIT,
    ),
    "a folder with a name": (
        "NAME = 'a'\nfind(NAME, '_version.py')\nsetup(name=NAME, version=find())\n",
        "a/_version.py",
        _INIT,
    ),
    "a file beside": (
        "version = (here / 'VERSION').read_text().strip()\n" + _SETUP,
        "VERSION",
        "@\n",
    ),
    "a hidden file": (
        "version = open(os.path.join(root, '.version'), 'r').read().strip()\n" + _SETUP,
        ".version",
        "@",
    ),
    "a file in the package": (
        "path = os.path.join(os.path.dirname(__file__), 'a', 'VERSION')\n"
        "with open(path) as fh:\n    version = fh.read().strip()\n" + _SETUP,
        "a/VERSION",
        "@\n",
    ),
    "a header": (
        "pattern = re.compile(r'#define\\s+A_VERSION\\s+\"(\\S+)\"')\n"
        "version = pattern.search(open('a/a.h').read()).group(1)\n" + _SETUP,
        "a/a.h",
        '#define B_VERSION "9.9.9"\n#define A_VERSION "@"\n',
    ),
    "an import in a block": (
        "def run():\n    from a import __version__ as number\n    setup(name='a', version=number)",
        "a/__init__.py",
        _INIT,
    ),
    "a name of an import": (
        "import src.a\nversion = src.a.__version__\n" + _SETUP,
        "src/a/__init__.py",
        _INIT,
    ),
    "an import from the package's folder": (
        ("sys.path.insert(0, 'a')\ntry:\n    from _own import __version__\nfinally:\n    pass\n"
        "setup(name='a', version=__version__)\n"),
        "a/_own.py",
        _INIT,
    ),
    "parts without a version": (
        "version = eval(find(open('a.py'), '__version_info__'))\n" + _SETUP,
        "a.py",
        "__version_info__ = (@)\n__version__ = made()\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("setup", "path", "text"), _HELD.values(), ids=_HELD)
def test_the_one_place_is_found_and_nothing_else_changes(
    setup: str, path: str, text: str | None
) -> None:
    between = ", " if "(@)" in (text or setup) else "."
    before = (text or setup).replace("@", between.join("123"))
    files = {"setup.py": setup, path: before}
    found = _read(files)

    after = write_held(found.held, before, "1.3.0", where=path)

    assert (found.held.path, found.distribution) == (path, "a")
    assert str(found.version) == "1.2.3"
    assert after == (text or setup).replace("@", between.join("130"))
    assert str(_read({**files, path: after}).version) == "1.3.0"


@pytest.mark.parametrize(
    "files",
    [
        {"setup.py": "if x:\n    setup(version='1.2.3')\nelse:\n    setup(version='1.2.3')\n"},
        {"setup.py": "args = {'version': '1.2.3'}\nargs.update(version=get())\nsetup(**args)\n"},
        {"setup.py": "__version__ = '1.2.3'\nsetup(name='a', version=get_version())\n"},
        {"setup.py": "A = '1.2.3'\nB = '1.2.4'\nsetup(name='a', version=A if x else B)\n"},
        {"setup.py": "MAJOR = 1\nMINOR = 2\nsetup(name='a', version=f'{MAJOR}.{MINOR}.0')\n"},
        {
            "setup.py": "setup(name='a', version=read('VERSION'))\n",
            "VERSION": "1.2.3\n1.2.4\n",
        },
        {
            "setup.py": "setup(name='a', version=f('a.h'))\n# A_VERSION and B_VERSION\n",
            "a.h": '#define A_VERSION "1.2.3"\n#define B_VERSION "1.2.3"\n',
        },
        {"setup.py": "setup(version=f())\n", "setup.cfg": "[metadata]\nversion = 1.2.3\n"},
    ],
)  # fmt: skip
def test_what_leads_to_no_one_place_is_refused(files: dict[str, str]) -> None:
    with pytest.raises(ReleaseError) as raised:
        _read(files)

    assert raised.value.code is ErrorCode.VERSION_INVALID
    assert raised.value.hint


def test_setup_py_goes_before_setup_cfg() -> None:
    files = {
        "setup.py": "setup(version='1.2.3')\n",
        "setup.cfg": "[metadata]\nname = a\nversion = 1.0.0\n",
    }

    assert _read(files).held.path == "setup.py"


def test_a_file_that_is_the_version_goes_before_what_is_made_of_it() -> None:
    setup = "version = open('VERSION').read()\nopen('a/version.py', 'w').write(version)\n" + _SETUP
    files = {"setup.py": setup, "VERSION": "1.2.3\n", "a/version.py": "__version__ = '1.2.2'\n"}

    assert _read(files).held.path == "VERSION"


def test_a_folder_that_is_called_setup_hides_no_setup_py() -> None:
    files = {
        "setup.py": "from setup import v\nVERSION = v.V\nsetup(name='a', version=str(VERSION))\n",
        "setup/__init__.py": "",
        "setup/v.py": "V = '1.2.3'\n",
    }

    assert _read(files).held.path == "setup/v.py"
