"""Run the steps of the Dockerfile without Docker, and start what they make as the image would: nobody's rights, a read-only root, no network.

    .tools/deploy/bin/python deploy/checks/steps.py [FOLDER]

Each stage is a folder that stands at /app in a mount namespace of its own; this machine's Python 3.10 without its packages stands in for that of the base
image. Only what a clean checkout holds and .dockerignore lets through can be copied. Left out: packages of the distribution and users, which would change
this machine. Needs Linux and the right to make namespaces (root). It works in a folder inside FOLDER, or where temporary files are, and erases it at the end.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from docker.utils.build import exclude_paths
from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).parent.parent.parent
LEFT_OUT = re.compile(r"\b(apt-get|groupadd)\b")
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
STANDING_IN = {"LD_LIBRARY_PATH": "/usr/local/lib"}
"""This machine's Python was built for another place."""
MOUNTS = ("app", "data", "keys")


@dataclass
class Stage:
    """A stage: its folder at /app, its environment, and what starts."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)


class Building:
    """The stages of one Dockerfile, built one after another."""

    def __init__(self, where: Path) -> None:
        self.where, self.stages = where, dict[str, Stage]()
        self.context, self.python = where / "context", where / "python"
        self.now = Stage(where / "none")

    def prepare(self) -> None:
        """The context, as Docker would be given it, and a Python without packages."""
        archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
        checkout = self.where / "checkout"
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(checkout)
        patterns = [line for line in (checkout / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
        for name in exclude_paths(str(checkout), patterns):
            target = self.context / name
            if (checkout / name).is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(checkout / name, target)
        shutil.copytree(_python(), self.python, symlinks=True, ignore=shutil.ignore_patterns("site-packages", "test", "__pycache__"))
        (self.python / "lib/python3.10/site-packages").mkdir(parents=True)
        _inside(
            self.python,
            {},
            self.where,
            "python3.10 -m ensurepip --upgrade >/dev/null && ln -sf pip3.10 /usr/local/bin/pip && ln -sf python3.10 /usr/local/bin/python",
        )

    def build(self) -> Stage:
        """Every instruction in turn; returns the last stage."""
        dockerfile = (self.context.parent / "checkout/deploy/Dockerfile").read_bytes()
        for number, step in enumerate(DockerfileParser(fileobj=io.BytesIO(dockerfile)).structure):
            name, value = step["instruction"], " ".join(step["value"].split())
            if name in ("COMMENT", "ARG"):
                continue
            began = time.monotonic()
            done = getattr(self, f"_{name.lower()}", self._kept)(value, name, number)
            print(f"{time.monotonic() - began:6.1f} s  {'left out: ' if done == 'left out' else ''}{name} {value[:110]}", flush=True)
        return self.now

    def _from(self, value: str, _: str, number: int) -> None:
        base, _as, name = value.partition(" AS ")
        self.now = self.stages[name or "image"] = Stage(self.where / f"{number}-{name or 'image'}", dict(self.stages[base].env) if base in self.stages else {})
        if base in self.stages:
            _copied(self.stages[base].folder, self.now.folder)
        else:
            self.now.folder.mkdir()

    def _env(self, value: str, *_: object) -> None:
        for pair in shlex.split(value):
            name, _is, given = pair.partition("=")
            self.now.env[name] = given.replace("${PATH}", self.now.env.get("PATH", PATH))

    def _copy(self, value: str, *_: object) -> None:
        words = value.split()
        origin = self.stages[words.pop(0).removeprefix("--from=")].folder if words[0].startswith("--from=") else self.context
        *sources, target = words
        for source in sources:
            found = origin / source.removeprefix("/app").lstrip("/")
            place = self.now.folder / target.removeprefix("/app").lstrip("/")
            _copied(found, place / found.name if found.is_file() and (target.endswith("/")) else place)

    def _run(self, value: str, *_: object) -> str | None:
        if LEFT_OUT.search(value):
            return "left out"
        _inside(self.python, self.now.env, self.now.folder, value)
        return None

    def _kept(self, value: str, name: str, _: int) -> None:
        self.now.said[name] = value


def _python() -> Path:
    """Where this machine's Python 3.10 is."""
    command = [sys.executable, "-c", "import sys; print(sys.base_prefix, *sys.version_info[:2])"]
    prefix, *version = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    if version != ["3", "10"]:
        raise SystemExit("Run this with Python 3.10: make .tools/deploy")
    return Path(prefix)


def _copied(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    whole = [f"{source}/.", str(target)] if source.is_dir() else [str(source), str(target)]
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", "--reflink=auto", *whole], check=True)


def _inside(python: Path, env: dict[str, str], folder: Path, command: str) -> None:
    """Run a step with the folder at /app and the Python at /usr/local. What it may fetch comes through this machine's settings of pip, uv and npm."""
    passed = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL", "REFRAME"))}
    mounted = (
        f"mount --bind {shlex.quote(str(python))} /usr/local && mount --bind {shlex.quote(str(folder))} /app && cd /app && exec sh -ec {shlex.quote(command)}"
    )
    subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-ec", mounted], env={**passed, **STANDING_IN, "PATH": PATH, **env}, check=True)


def start(image: Stage, building: Building) -> None:
    """Start what the image starts, in a namespace without network, and ask it as Docker and people would."""
    words = [word for word in json.loads(image.said["ENTRYPOINT"]) if "tini" not in word and word != "--"] + json.loads(image.said["CMD"])
    health = json.loads(image.said["HEALTHCHECK"].partition("CMD ")[2])
    user = image.said["USER"].partition(":")[0]
    probe = ["python", "/app/probe.py", json.dumps({"start": words, "health": health})]
    shutil.copy2(Path(__file__).parent / "probe.py", image.folder / "probe.py")
    binds = [f"mount --bind {building.python} /usr/local", f"mount --bind {image.folder} /app"]
    for name in ("data", "keys"):
        folder = building.where / name
        folder.mkdir(mode=0o700)
        os.chown(folder, int(user), int(user))
        binds.append(f"mount --bind {folder} /{name}")
    closed = ["mount -t tmpfs -o mode=1777 tmpfs /tmp", "mount -o remount,ro,bind /app", "mount -o remount,ro,bind /usr/local", "mount -o remount,ro,bind /"]
    nobody = f"exec setpriv --reuid {user} --regid {user} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all {shlex.join(probe)}"
    up = 'python3 -c \'import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh", b"lo", 1))\''
    script = " && ".join([up, *binds, *closed, "cd /app", nobody])
    subprocess.run(["unshare", "--mount", "--net", "--propagation", "private", "sh", "-ec", script], env={**STANDING_IN, "PATH": PATH, **image.env}, check=True)


def main() -> None:
    """Build and start."""
    made = [Path("/") / name for name in MOUNTS if not (Path("/") / name).exists()]
    for place in made:
        place.mkdir()
    where = Path(tempfile.mkdtemp(prefix="reframe-image-", dir=sys.argv[1] if len(sys.argv) > 1 else None)).resolve()
    where.chmod(0o755)
    try:
        building = Building(where)
        building.prepare()
        start(building.build(), building)
    finally:
        shutil.rmtree(where)
        for place in made:
            place.rmdir()


if __name__ == "__main__":
    main()
