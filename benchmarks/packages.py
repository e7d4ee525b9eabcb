"""The packages that the corpus is made of, and how each comes from its registry.

Packages are unpacked and not installed; pip alone runs the build back end of an sdist, to see its
metadata.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Registry = Literal["pypi", "npm", "debian"]


class UnavailableError(Exception):
    """Something that is optional cannot be had; the message says what and why."""


@dataclass(frozen=True)
class Package:
    """A package with the sources of a server.

    Attributes:
        registry: where it comes from.
        name: its name there.
        version: the pinned version.
        language: the part of the corpus that it belongs to.
        folders: what of it is taken, below the top folder of its archive; for Debian below `usr`.
    """

    registry: Registry
    name: str
    version: str
    language: Literal["python", "ecmascript", "go"]
    folders: tuple[str, ...]

    @property
    def label(self) -> str:
        """Its name as a folder."""
        return self.name.replace("@", "").replace("/", "-")


_GO_SOURCES = ("share/gocode/src",)

FULL = (
    Package("pypi", "apache-superset", "6.1.0", "python", ("superset",)),
    Package("npm", "ghost", "6.65.0", "ecmascript", ("core/server",)),
    Package("npm", "@budibase/server", "3.38.1", "ecmascript", ("src",)),
    Package("npm", "@loopback/rest", "15.0.16", "ecmascript", ("src",)),
    Package("npm", "@loopback/repository", "8.0.15", "ecmascript", ("src",)),
    Package(
        "debian", "golang-github-docker-docker-dev", "20.10.24+dfsg1-1+deb12u1", "go", _GO_SOURCES
    ),
    Package("debian", "golang-github-nats-io-nats-server-dev", "2.9.10-1", "go", _GO_SOURCES),
    Package("debian", "golang-github-influxdb-influxdb-dev", "1.6.7~rc0-1", "go", _GO_SOURCES),
    Package("debian", "golang-github-syncthing-syncthing-dev", "1.19.2~ds1-1", "go", _GO_SOURCES),
    Package("debian", "golang-etcd-server-dev", "3.4.23-4", "go", _GO_SOURCES),
    Package("debian", "golang-github-xanzy-go-gitlab-dev", "0.73.1-2", "go", _GO_SOURCES),
)

QUICK = (
    Package("pypi", "flask-appbuilder", "5.3.0", "python", ("flask_appbuilder",)),
    Package("npm", "@node-red/runtime", "5.0.7", "ecmascript", ("lib",)),
    Package("npm", "@loopback/rest", "15.0.16", "ecmascript", ("src",)),
    Package("npm", "@loopback/repository", "8.0.15", "ecmascript", ("src",)),
    Package("debian", "golang-github-influxdb-influxdb-dev", "1.6.7~rc0-1", "go", _GO_SOURCES),
)


def unpacked(package: Package, downloads: Path) -> list[Path]:
    """The wanted folders of a package, downloaded and unpacked if they are not there yet.

    Raises:
        UnavailableError: it cannot be had.
    """
    target = downloads / f"{package.label}-{package.version}"
    if not target.is_dir():
        scratch = downloads / f"{target.name}.part"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        archive = _download(package, scratch)
        _unpack(package, archive, scratch)
        archive.unlink()
        scratch.rename(target)
    top = target / "usr" if package.registry == "debian" else next(target.iterdir())
    folders = [top / folder for folder in package.folders]
    missing = [folder for folder in folders if not folder.is_dir()]
    if missing:
        raise UnavailableError(f"{package.name} {package.version} has no {missing[0].name}")
    return folders


def _download(package: Package, folder: Path) -> Path:
    """The archive of a package."""
    name, version = package.name, package.version
    if package.registry == "pypi":
        # An sdist, whose metadata pip wants to see before it keeps it.
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:"]
        _run(package, [*pip, "--quiet", "--dest", str(folder), f"{name}=={version}"], folder)
    elif package.registry == "npm":
        _run(package, ["npm", "pack", "--silent", f"{name}@{version}"], folder)
    else:
        _run(package, ["apt-get", "download", f"{name}={version}"], folder)
    return next(folder.iterdir())


def _run(package: Package, command: Sequence[str], folder: Path) -> None:
    what = f"{package.name} {package.version}"
    if shutil.which(command[0]) is None:
        raise UnavailableError(f"{what}: {command[0]} is not installed")
    done = subprocess.run(
        command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode or not any(folder.iterdir()):
        said = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise UnavailableError(f"{what}: {command[0]} cannot get it ({said[-1]})")


def _unpack(package: Package, archive: Path, folder: Path) -> None:
    if package.registry == "debian":
        _run(package, ["dpkg-deb", "-x", str(archive), str(folder)], folder)
        return
    with tarfile.open(archive) as tar:
        for member in tar:
            parts = PurePosixPath(member.name).parts
            if (
                member.isfile()
                and ".." not in parts
                and not PurePosixPath(member.name).is_absolute()
            ):
                place = folder.joinpath(*parts)
                place.parent.mkdir(parents=True, exist_ok=True)
                source = tar.extractfile(member)
                if source is not None:
                    place.write_bytes(source.read())
