"""What is shown and kept holds no secret, and everything else as it was."""

from __future__ import annotations

import ast
import base64
import html
import io
import json
import re
import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omninode_release.errors.excerpt import MARK, end_of, show, start_of
from omninode_release.system import secrets
from omninode_release.system.secrets import Secrets, guard, is_secret_name
from support.mutations import bounded
from support.wheel import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

_LOWER, _UPPER = "abcdefgh \n/:.'", "QRSTUVWXYZ0123456789-_%"
ODD = 'a"b\\c/ü & 1'
VARIABLES = {
    "GH_TOKEN": "gh-planted",
    "LONGER_TOKEN": "gh-planted-2",
    "MY_PAT": "pat-planted",
    "SIGNING_PASSPHRASE": ODD,
    "DEPLOY_KEY": "line one of a key\nline two of a key\n",
    "PROXY": "http://user:of%2Dproxy1@proxy.example:8080",
    "GIT_CONFIG_VALUE_0": "AUTHORIZATION: basic Zm9vOmJhcg==",
    "HOME": "/home/ann",
    "TOKENIZERS_PARALLELISM": "false",
    "DB_PASSWORD": "postgres",
    "SHORT_TOKEN": "abc12",
    "KEY_VERSION_KEY": "12.3.4",
    "GATE_TOKEN": "1740312612.000100:release-20260225-a3f7b2",
}
SECRETS = Secrets.of(VARIABLES)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("login gh-planted failed", "login *** failed"),
        ("gh-planted-2 gh-planted", "*** ***"),
        ("x=pat-planted;", "x=***;"),
        ("line two of a key", "***"),
        ("of%2Dproxy1 of-proxy1", "*** ***"),
        ("Zm9vOmJhcg==", "***"),
        ("https://ann:pw@index.example/simple", "https://***@index.example/simple"),
        ("https://ann:p@ss:w@index.example/a@b", "https://***@index.example/a@b"),
        ("https://only-a-token@index.example", "https://***@index.example"),
        ("https://x.example/?a=1&access_token=xyz#z", "https://x.example/?a=1&access_token=***#z"),
        ("https://x.example/?X-Amz-Signature=xyz", "https://x.example/?X-Amz-Signature=***"),
        ("> Authorization: Bearer of-nobody", "> Authorization: Bearer ***"),
        ("at https://bot:s3/cr?3t@index.example/simple", "at https://***@index.example/simple"),
        ("found ghp_0123456789abcdefghij here", "found *** here"),
        ("found xoxb-12345678-abc here", "found *** here"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\ny", "***\ny"),
    ],
)
def test_secrets_are_hidden(text: str, shown: str) -> None:
    assert SECRETS.hide(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "https://index.example/simple in /home/ann",
        "ssh://git@github.com/acme/core.git git@github.com:acme/core.git",
        "https://host.example:8080/pkg@1.2",
        "postgres false abc12 12.3.4",
        "approved by an unverified token 1740312612.000100:release-20260225-a3f7b2",
        "token: true, key=1",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert SECRETS.hide(text) == text


@pytest.mark.parametrize(
    "written",
    [
        ODD,
        quote(ODD, safe=""),
        json.dumps(ODD),
        json.dumps(ODD, ensure_ascii=False),
        repr(ODD),
        shlex.quote(ODD),
        html.escape(ODD, quote=False),
        base64.b64encode(ODD.encode()).decode(),
    ],
)
def test_a_secret_is_known_however_it_is_written(written: str) -> None:
    assert SECRETS.hide(f"({written})").replace('"', "").replace("'", "") == "(***)"


def test_values_of_a_document_are_hidden_and_its_keys_are_not() -> None:
    value = {"gh-planted": ["gh-planted", 1, None, {"a": "b gh-planted"}]}

    assert SECRETS.hide_in(value) == {"gh-planted": ["***", 1, None, {"a": "b ***"}]}


def test_a_guarded_stream_is_guarded_once() -> None:
    out = io.StringIO()
    stream = guard(out, lambda: SECRETS)

    print("gh-planted", file=guard(stream, Secrets))
    stream.writelines(["a\n", "gh-planted\n"])

    assert out.getvalue() == "***\na\n***\n"
    assert guard(stream, Secrets) is stream


@pytest.mark.parametrize(
    "name",
    ["GH_TOKEN", "A_PAT", "SSH_PASSPHRASE", "A_KEY", "apiKey", "DB_PWD", "X_SECRET", "NPM_AUTH"],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["PWD", "OLDPWD", "PATH", "SSH_AUTH_SOCK", "GIT_CONFIG_KEY_0", "SSH_ASKPASS", "MONKEY"]
)
def test_names_of_other_things(name: str) -> None:
    assert not is_secret_name(name)


@bounded
@given(st.sampled_from(secrets._BY_FORM), st.data())
def test_the_quick_look_misses_no_form(
    form: tuple[re.Pattern[str], str], data: st.DataObject
) -> None:
    text = data.draw(st.from_regex(form[0]))
    assert secrets._may_have_form(text)


@bounded
@given(
    secret=st.text(_UPPER, min_size=8, max_size=40).filter(lambda each: each == each.strip()),
    before=st.text(_LOWER, max_size=30),
    after=st.text(_LOWER, max_size=30),
    most=st.integers(3, 90),
    cut=st.sampled_from([start_of, end_of, show]),
)
def test_no_part_of_a_secret_stands_where_a_text_was_cut(
    secret: str, before: str, after: str, most: int, cut: Callable[[str, int], str]
) -> None:
    """No letter of the secret stands elsewhere in the text: what is left of it is seen."""
    hidden = Secrets.of({"A_TOKEN": secret})
    if not hidden.values:  # too ordinary to be told apart
        return

    text = hidden.hide(f"{cut(f'{before}{secret}{after}', most)} of a text")

    left = re.findall(f"[{re.escape(_UPPER)}]+", text.replace(MARK, ""))
    assert max(map(len, left), default=0) < 4, text
    assert len(cut(before, most)) <= most


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("found ghp_0123456…", "found ***…"),
        ("of https://ann:pass…", "of https://***…"),
        ("…ssword@index.example/x", "…***@index.example/x"),
        ("…MIIE\nxyz\n-----END RSA PRIVATE KEY-----\nend", "…***\nend"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII…", "***"),
        ("> authorization: bearer abc…", "> authorization: bearer ***"),
        ("a bot's token (xoxb-…), and so on…", "a bot's token (xoxb-…), and so on…"),
        ("gh-…", "gh-…"),
        ("gh-pl… and …nted-2", "***… and …***"),
    ],
)
def test_what_is_left_of_a_secret_at_a_cut_is_hidden(text: str, shown: str) -> None:
    assert SECRETS.hide(text) == shown


def test_texts_are_cut_in_one_place_only() -> None:
    """Elsewhere no mark would say where the rest of a secret may stand."""
    cut = []
    for path in sorted((ROOT / "node").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
                spec = ast.unparse(node.format_spec)
                if re.search(r"'\.\d+'", spec):
                    cut.append(f"{path.name}:{node.lineno}: {spec}")
    assert cut == []
