"""Reads a Dockerfile and takes its steps without an engine: in a folder, as a user of one's choice.

Paths of the image (`/src`, `/data` …: whatever it copies to or works in) become paths under that
folder. Each stage begins with nothing but what it copies, so a file that a stage forgot is missing.
Only what the Dockerfile here uses is understood; anything else is an error.
"""

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

_FOR_PEOPLE_AND_ENGINES: Final = {"ARG", "EXPOSE", "VOLUME", "STOPSIGNAL"}
_OPTION: Final = re.compile(r"--[a-z-]+=\S+\s+")
_VARIABLE: Final = re.compile(r"\$\{?([A-Z_]+)\}?")


def steps(text: str) -> Iterator[tuple[str, str]]:
    """Instructions and what follows them, continued lines joined, comments left out."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, " ".join(rest.split()) if name == "ENV" else rest.strip()


@dataclass
class Image:
    """What became of a Dockerfile: where it is, and how it is run."""

    folder: Path
    context: Path
    ignored: "Ignored"
    environ: dict[str, str] = field(default_factory=dict)
    directory: str = "/"
    user: str = "0:0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    _places: set[str] = field(default_factory=set)
    _before: dict[str, Path] = field(default_factory=dict)
    _stage: str = ""

    def build(self, text: str, environ: dict[str, str], **account: Any) -> None:
        """Take all steps; `environ` is that of the base image, `account` who takes them."""
        self._places = _places(text)
        for name, rest in steps(text):
            if name == "FROM":
                self._begin(rest, environ)
            elif name == "RUN":
                self._run(rest, account)
            elif name == "COPY":
                self._copy(rest)
            else:
                self._set(name, rest)

    def here(self, text: str) -> str:
        """A text of the Dockerfile with the image's paths as they are on this machine."""
        for place in sorted(self._places, key=len, reverse=True):
            text = re.sub(rf"(?<![\w./-]){place}(?=[/\"':\s]|$)", str(self.folder) + place, text)
        return text.replace("sqlite:///" + "/data", f"sqlite:///{self.folder}/data")

    def environment(self, **more: str) -> dict[str, str]:
        """The variables of a process in the image."""
        return {**self.environ, **more}

    def _begin(self, rest: str, environ: dict[str, str]) -> None:
        """A stage: what the one before made goes out of the way."""
        if self.folder.exists():
            aside = self.folder.with_name(f"{self.folder.name}-{self._stage}")
            self._before[self._stage] = self.folder.rename(aside)
        self.folder.mkdir(mode=0o755)
        self._stage = rest.partition(" AS ")[2] or "last"
        self.environ, self.directory = dict(environ), "/"

    def _run(self, rest: str, account: dict[str, Any]) -> None:
        directory = self._path(self.directory)
        shell = ["/bin/sh", "-ec", self.here(rest)]
        done = subprocess.run(
            shell, cwd=directory, env=self.environ, capture_output=True, text=True, **account
        )
        assert 0 == done.returncode, f"{rest}: {done.stdout[-2000:]}{done.stderr[-2000:]}"

    def _copy(self, rest: str) -> None:
        options = dict(part.strip()[2:].split("=", 1) for part in _OPTION.findall(rest))
        *sources, target = _OPTION.sub("", rest).split()
        for source in sources:
            into = self._path(str(PurePosixPath(self.directory) / target))
            if "from" in options:
                there = self._before[options["from"]] / source.lstrip("/")
            else:
                there = self.context / source
                assert not self.ignored.match(source.rstrip("/")), f"{source} is ignored"
            if target.endswith("/") and not source.endswith("/"):
                into = into / there.name
            self._copied(there, into)
            if "chown" in options and os.geteuid() == 0:
                os.chown(into, *map(int, options["chown"].split(":")))

    def _copied(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(
                source, target, symlinks=True, dirs_exist_ok=True, ignore=self.ignored.of_a_folder
            )
        else:
            shutil.copy2(source, target)

    def _set(self, name: str, rest: str) -> None:
        match name:
            case "ENV":
                for assignment in shlex.split(rest):
                    key, _, value = assignment.partition("=")
                    known = _VARIABLE.sub(lambda m: self.environ.get(m[1], ""), value)
                    self.environ[key] = self.here(known)
            case "WORKDIR":
                self.directory = rest
                self._path(rest).mkdir(parents=True, exist_ok=True)
            case "USER":
                self.user = rest
            case "ENTRYPOINT":
                self.entrypoint = _exec(rest)
            case "CMD":
                self.command = _exec(rest)
            case "HEALTHCHECK":
                self.health = _exec(rest.partition("CMD ")[2])
            case _:
                assert name in _FOR_PEOPLE_AND_ENGINES, f"{name} is not understood"

    def _path(self, path: str) -> Path:
        return self.folder / path.lstrip("/")


@dataclass(frozen=True)
class Ignored:
    """What a `.dockerignore` leaves out: the last line that matches decides."""

    lines: Sequence[str]

    @classmethod
    def read(cls, path: Path) -> "Ignored":
        """From a file."""
        lines = path.read_text().splitlines()
        return cls([line for line in lines if line.strip() and not line.startswith("#")])

    def match(self, path: str) -> bool:
        """Whether this path, relative to the context, stays outside."""
        ignored = False
        for line in self.lines:
            pattern = line.removeprefix("!")
            name = Path(path).name if pattern.startswith("**/") else path.split("/")[0]
            if fnmatch.fnmatch(name, pattern.removeprefix("**/")):
                ignored = not line.startswith("!")
        return ignored

    def of_a_folder(self, folder: str, names: list[str]) -> list[str]:
        """For `shutil.copytree`: the names there that stay outside."""
        deep = [line for line in self.lines if line.startswith("**/")]
        return [name for name in names if Ignored(deep).match(f"{folder}/{name}")]


def _places(text: str) -> set[str]:
    """The image's own folders: the first part of each absolute path copied to or worked in."""
    found = {rest for name, rest in steps(text) if name == "WORKDIR"}
    found |= {rest.split()[-1] for name, rest in steps(text) if name == "COPY"}
    return {"/" + path.split("/")[1] for path in found if path.startswith("/")}


def _exec(rest: str) -> list[str]:
    """The exec form: a JSON list, which needs no shell."""
    found = json.loads(rest)
    assert isinstance(found, list), f"{rest} needs a shell"
    return found
