"""A disk of one's own, whose power can be cut: ext4 in a file, mounted by the kernel (root only).

What a program has written and not synced is in the kernel's memory for that mount, and not in the
file; what it has synced is in the file. A copy of the file taken while things go on is therefore
what a disk would hold whose machine lost its power at that moment.

It shows what the kernel had been made to write. It does not show a drive that says "written" of
what is in its own memory, nor a drive that tears a sector.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


class CannotMount(Exception):
    """There are no loop devices here, or we are not root."""


class Disk:
    """A file of so many megabytes with a file system in it, mounted at `at`."""

    def __init__(self, megabytes: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tracker-disk-"))
        self.folder.chmod(0o755)
        self.image = self.folder / "disk"
        self.at = self.folder / "at"
        with self.image.open("wb") as file:
            file.truncate(megabytes * 2**20)
        _told("mkfs.ext4", "-q", "-E", "lazy_itable_init=0", str(self.image))
        self.device = _mounted(self.image, self.at)

    @contextmanager
    def after_a_power_cut(self, writing: Iterable[int]) -> Iterator[Path]:
        """Where the disk is mounted as it would be found if its power had gone just now.

        The processes that write to it stand still while its file is copied, so that the copy is of
        one moment; the kernel is not asked to write anything.
        """
        still = list(writing)
        copy, place = self.folder / "cut", self.folder / "found"
        for pid in still:
            _signal(pid, "STOP")
        try:
            _told("cp", "--sparse=always", str(self.image), str(copy))
        finally:
            for pid in reversed(still):
                _signal(pid, "CONT")
        _mounted(copy, place)
        try:
            yield place
        finally:
            _unmounted(place)
            copy.unlink()

    @contextmanager
    def full(self) -> Iterator[None]:
        """There is no room left on it."""
        filler = self.at / "filler"
        # Without a buffer, which would still hold what did not fit, and fail when it is closed.
        with filler.open("wb", buffering=0) as file:
            piece = 2**20
            while piece >= 512:
                try:
                    file.write(b"\0" * piece)
                except OSError:
                    piece //= 2
        try:
            yield
        finally:
            filler.unlink()

    def give_up(self) -> None:
        """It takes no more writes, in the middle of one: the kernel shuts a file system in which it
        finds a fault, and that is what it is told here. (To call the device read-only, as
        `blockdev --setro` does, stops nobody who has it mounted.)"""
        name = Path(self.device).name
        if not name.startswith("loop"):
            raise CannotMount(f"{self.device} is no disk of ours")
        Path(f"/sys/fs/ext4/{name}/trigger_fs_error").write_text("the disk gave up")

    def mount_again(self) -> None:
        """After `give_up`: what an operator does with a file system that shut itself."""
        _unmounted(self.at)
        # It says what it mended by its way of ending.
        subprocess.run(["e2fsck", "-p", str(self.image)], check=False, capture_output=True)
        self.device = _mounted(self.image, self.at)

    def remove(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.at)], check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def _mounted(image: Path, at: Path) -> str:
    at.mkdir(exist_ok=True)
    _told("mount", "-o", "loop,errors=remount-ro", str(image), str(at))
    return _told("findmnt", "-no", "SOURCE", str(at))


def _unmounted(at: Path, patience: float = 20) -> None:
    """Whoever has just ended may still be letting go of its files."""
    end = time.monotonic() + patience
    while True:
        try:
            _told("umount", str(at))
        except CannotMount:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def _signal(pid: int, name: str) -> None:
    subprocess.run(["kill", f"-{name}", str(pid)], check=False, capture_output=True)


def _told(*command: str) -> str:
    if os.geteuid() != 0:
        raise CannotMount("a disk of one's own needs root")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotMount(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip()
