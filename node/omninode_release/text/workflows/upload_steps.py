"""Which jobs of a workflow upload a package, and for which events they may."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from omninode_release.text.formats.toml_document import list_at, table_at
from omninode_release.text.workflows.called import list_needs
from omninode_release.text.workflows.conditions import PLACE, asks_itself, decide, fill, strip
from omninode_release.text.workflows.workflow import read_jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from omninode_release.text.workflows.conditions import Facts

    _Step = Mapping[str, Any]
    _Jobs = Mapping[str, _Step]

_TO_TRY = re.compile(
    r"\btest[._-]?pypi|\bhatch\s[^\n]{0,40}publish\s[^\n]{0,40}-(?:r|-repo)[ =]test\b"
    r"|\bpublish\s[^\n]{0,40}--dry-run\b"
)
"""What the index to try things on is called, and an upload that is none."""
# The action of the packaging authority, and what the usual programs call it.
_UPLOAD = re.compile(
    r"""
    gh-action-pypi-publish
    | \b twine \s+ (?:[^\n]{0,200}\s)? upload \b
    | \b (?: uv | poetry | flit | hatch | pdm | rye | maturin )
      \s+ (?: -\S+ \s+ (?: (?!publish\b) [^\s-]\S* \s+ )? ){0,20} publish \b
    | \b maturin \s+ upload \b
    | \b command: \s* (?: upload | publish ) \b
    """,
    re.VERBOSE,
)
_OTHER_INDEX = re.compile(
    r"https?://(?!upload\.pypi\b)"
    r"|(?:--repository(?:-url)?|--index|--publish-url|\s-r)[ =]+(?!pypi\b)"
)
_INDEX = re.compile(r"REPOSITOR|PUBLISH_URL|INDEX", re.IGNORECASE)
"""Variables that name the index of a step, or of all steps of a job."""
_CALLED = re.compile(r"(?:publish|upload|release|pypi)[^/]*$", re.IGNORECASE)
"""What a workflow of another repository is called that may upload."""
_CALLING = re.compile(rf"uses:\s*\S+/\.github/workflows/\S*{_CALLED.pattern}", re.IGNORECASE)
_FLAG = re.compile(r"(?:do[_-])?(?:publish|upload|release)(?:[_-]to)?(?:[_-]pypi)?")
"""The input by which such a workflow is told whether it does."""
_NO_FLAG = re.compile(r"(?:dry|test)[_-]?run")
"""The input by which an action or a workflow is told that it does not."""
_LOGIN = re.compile(
    r"secrets\.\w*PYPI|\b(?:TWINE_PASSWORD|UV_PUBLISH_TOKEN|FLIT_PASSWORD|HATCH_INDEX_AUTH)\b",
    re.IGNORECASE,
)
"""What a step is given that uploads by a script or an action of its own."""
_INSTALLS = re.compile(r"\b(?:install|sync)\b|PIP_|UV_INDEX|HTTP_BASIC|index-url")
"""What a step has that logs in to an index to install from it."""
_LONGEST_LINE = 4_000
"""Letters of a line that are looked at: a pattern takes its time over more."""


class UploadStep(NamedTuple):
    """A step that uploads, or a job that calls what does."""

    job: str
    conditions: list[str]
    """What has to hold: of the step, its job, and those that the job needs."""
    texts: tuple[str, ...] = ()
    """What the step runs and is given."""

    def may_run(self, event: Facts) -> bool:
        """False where it says that it is not for this event, or only tries things then."""
        told = all(decide(each, event) is not False for each in self.conditions)
        return told and not _is_trial(self.texts, event)

    def has_to_run(self, event: Facts) -> bool:
        """True where it is for this event for certain."""
        told = all(decide(each, event) for each in self.conditions)
        return told and not _is_trial(self.texts, event)

    @property
    def names_index(self) -> bool:
        """True where it says which index, and that is none of the packaging authority."""
        uses, run, *given = self.texts or ("", "")
        lines = re.sub(r"\\\s*\n", " ", run).split("\n")
        said = [uses, *(line for line in lines if _UPLOAD.search(line)), *given]
        return any(_OTHER_INDEX.search(each.lower()) for each in said)


def list_direct(workflow: str) -> list[UploadStep]:
    return list_steps_that(_says_upload, workflow)


def list_logins(workflow: str) -> list[UploadStep]:
    """The steps that are given what an upload takes to log in, and may do it by a script."""
    return list_steps_that(_has_login, workflow)


def list_calls(workflow: str) -> list[UploadStep]:
    """The calls of workflows of other repositories that may upload."""
    jobs = read_jobs(workflow)
    return [
        UploadStep(name, [*_list_conditions(name, jobs), *_list_flags(job, _FLAG)])
        for name, job in jobs.items()
        if _CALLED.search(str(job.get("uses", "")))
    ]


def may_upload(workflow: str, *events: Facts) -> bool:
    """False where every job or step that uploads says that it is for none of these events.

    A workflow may listen to tags as well, to build and test. What goes to TestPyPI is no upload.
    """
    found = _list_likeliest(workflow)
    return not found or any(each.may_run(event) for each in found for event in events)


def _list_likeliest(workflow: str) -> list[UploadStep]:
    return list_direct(workflow) or list_calls(workflow) or list_logins(workflow)


def list_all(workflow: str) -> list[UploadStep]:
    """All that may upload, however."""
    return [*list_direct(workflow), *list_calls(workflow), *list_logins(workflow)]


def list_upload_environments(workflow: str, *events: Facts) -> tuple[str, ...]:
    """The environments that an upload for one of these events waits in, in their order.

    Those of its job and of the jobs that it needs; of all jobs where no upload is known. A name
    made of what is not known here is left out.
    """
    jobs = read_jobs(workflow)
    uploading = {each.job for each in _list_likeliest(workflow) if any(map(each.may_run, events))}
    on_the_way = {name for each in uploading for name in _list_way(each, jobs)} or {*jobs}
    said = [job.get("environment") for name, job in jobs.items() if name in on_the_way]
    texts = [str((each.get("name") if isinstance(each, dict) else each) or "") for each in said]
    told = (fill(text, event) for text in texts for event in events)
    return tuple(dict.fromkeys(filter(None, told)))


def list_steps_that(fit: Callable[[_Step], bool], workflow: str) -> list[UploadStep]:
    """The steps that ``fit``, but those that always go to an index to try things on."""
    jobs, found = read_jobs(workflow), list[UploadStep]()
    for name, job in jobs.items():
        for step in list_at(job, ("steps",)):
            texts = tuple(_list_texts(step, job)) if isinstance(step, dict) else ()
            if texts and fit(step) and not _is_trial(texts, {}):
                conditions = [*_list_conditions(name, jobs), str(step.get("if", ""))]
                conditions += _list_flags(step)
                found.append(UploadStep(name, conditions, texts))
    return found


def _list_flags(step: _Step, flag: re.Pattern[str] | None = None) -> list[str]:
    """The conditions that what is called is given: ``flag`` names those that want an upload."""
    found: list[str] = []
    for key, value in table_at(step, ("with",)).items():
        said = str(value).lower() if isinstance(value, bool) else str(value)
        if said not in {"true", "false"} and strip(said) == said:
            continue
        if _NO_FLAG.fullmatch(str(key)):
            found.append(f"!({strip(said)})")
        elif flag is not None and flag.fullmatch(str(key)):
            found.append(said)
    return found


def _list_conditions(name: str, jobs: _Jobs) -> list[str]:
    """What a job says under ``if``, and those that it needs: it is passed over as they are."""
    said = (str(jobs[each].get("if", "")) for each in _list_way(name, jobs, passing=True))
    return [*dict.fromkeys(filter(None, said))]


def _list_way(name: str, jobs: _Jobs, *, passing: bool = False) -> list[str]:
    """A job and those that it needs; ``passing``: only as far as one passed over stops it."""
    waiting, seen = [name], dict[str, None]()
    while waiting:
        job = jobs.get(each := waiting.pop())
        if job is None or each in seen:
            continue
        seen[each] = None
        waiting += [] if passing and asks_itself(str(job.get("if", ""))) else list_needs(job)
    return [*seen]


def _says_upload(step: _Step) -> bool:
    said = {key: step.get(key, "") for key in ("uses", "run")} | {**table_at(step, ("with",))}
    if "maturin" not in str(said["uses"]):
        said.pop("command", None)  # of another program
    return find_upload_line("\n".join(f"{key}: {value}" for key, value in said.items())) is not None


def _has_login(step: _Step) -> bool:
    said = str({key: step.get(key) for key in ("uses", "run", "with", "env")})
    return _LOGIN.search(said) is not None and not _INSTALLS.search(said)


def _list_texts(step: _Step, job: _Step) -> Iterator[str]:
    """What says where it uploads to."""
    yield from (str(step.get(key, "")) for key in ("uses", "run"))
    yield from map(str, table_at(step, ("with",)).values())
    for around in (step, job):
        named = table_at(around, ("env",)).items()
        yield from (str(each) for name, each in named if _INDEX.search(str(name)))


def _is_trial(texts: Iterable[str], event: Facts) -> bool:
    """True for an upload to an index to try things on; of a script that has both, False."""
    said = "\n".join(PLACE.sub(lambda found: _put(found[0], event), each) for each in texts)
    lines = [line.lower() for line in said.split("\n")]
    uploads = [line for line in lines if _UPLOAD.search(line)]
    tried = [line for line in uploads if _TO_TRY.search(line)]
    return len(tried) == len(uploads) if tried else any(map(_TO_TRY.search, lines))


def _put(place: str, event: Facts) -> str:
    """An expression's value; of one that is not known, nothing where it has alternatives."""
    value = fill(place, event)
    return value if value is not None else "" if "||" in place else place


def find_upload_line(text: str) -> int | None:
    """The first line of a file that says an upload, counted from 1."""
    return _find_line(_UPLOAD, text)


def find_other_line(text: str) -> int | None:
    """The first that calls what may upload, or gives it the login."""
    return _find_line(_CALLING, text) or _find_line(_LOGIN, text)


def _find_line(pattern: re.Pattern[str], text: str) -> int | None:
    """What follows a ``#`` is a comment."""
    for number, line in enumerate(text.split("\n"), start=1):
        if pattern.search(re.sub(r"(^|\s)#.*", "", line[:_LONGEST_LINE])):
            return number
    return None
