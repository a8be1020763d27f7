"""The virtual environment that the simulation runs in; it makes itself beside this file at the first call."""
from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

FOLDER = Path(__file__).resolve().parent
REQUIREMENTS = FOLDER / "requirements.txt"
ENVIRONMENT = FOLDER / ".venv"
INTERPRETER = ENVIRONMENT / "bin" / "python"
# Holds the checksum of the requirements that are installed; it is written last.
INSTALLED = ENVIRONMENT / "installed.sha256"


def fail(message: str) -> NoReturn:
    print(f"simulate: {message}", file=sys.stderr)
    sys.exit(1)


def _wanted() -> str:
    """What the environment depends on: the packages and the Python that they are built for."""
    return hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()


def _is_whole() -> bool:
    try:
        return INSTALLED.read_text() == _wanted() and INTERPRETER.exists()
    except OSError:
        return False


def _run(command: list[str], otherwise: str) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        fail("\n  ".join([otherwise, *said[-4:]]))


def _make() -> None:
    print(f"simulate: making {ENVIRONMENT} with the packages of {REQUIREMENTS.name} (once, about 100 MB)", file=sys.stderr)
    INSTALLED.unlink(missing_ok=True)
    _run(
        # Not the environment's own Python, which --clear removes.
        [getattr(sys, "_base_executable", sys.executable), "-m", "venv", "--clear", str(ENVIRONMENT)],
        "the virtual environment could not be made; on Debian install python3-venv (apt-get install python3-venv) and run this again",
    )
    # Pythia from source takes most of an hour to compile: ready-made packages or nothing.
    _run(
        [str(INTERPRETER), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "-r", str(REQUIREMENTS)],
        f"the packages of {REQUIREMENTS} could not be installed for Python {sys.version.split()[0]}; check the network connection (or pip's "
        "index and proxy settings) and that the Python is one they are built for (3.11 to 3.13), then run this again",
    )
    unfinished = INSTALLED.with_suffix(".part")
    unfinished.write_text(_wanted())
    os.replace(unfinished, INSTALLED)


def enter() -> None:
    """Returns inside the environment: makes it if it is missing or out of date, and starts this script again with its Python."""
    if Path(sys.prefix).resolve() == ENVIRONMENT.resolve() and os.environ.get("JETLUA_SIMULATE") == "1":
        return
    with open(REQUIREMENTS) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_whole():
            _make()
    # One thread for each process: the processes are as many as the cores.
    os.environ.update(JETLUA_SIMULATE="1", OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", BLOSC_NTHREADS="1")
    os.execv(INTERPRETER, [str(INTERPRETER), *sys.argv])
