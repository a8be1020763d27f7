"""The work in pieces: each is a file of jets with a seed of its own, so that a run can be killed and taken up again."""
from __future__ import annotations

import ctypes
import os
import signal
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import BinaryIO

import numpy as np

from clustering import select
from detector import detect
from generator import Generator
from jets import Jets
from processes import NAMES, Cuts, Process

JETS = 500
EVENTS_AT_ONCE = 100
EVENTS_TO_GIVE_UP = 5000


@dataclass(frozen=True)
class Chunk:
    """`jets` jets, the first of piece `number` of a process."""

    process: Process
    cuts: Cuts
    seed: int
    number: int
    jets: int

    def path(self, folder: Path) -> Path:
        return folder / f"{self.process.title}-{self.number:06d}.npz"


@dataclass
class Times:
    """Seconds spent, and what for."""

    start: float = 0
    events: float = 0
    detector: float = 0
    jets: float = 0

    @property
    def total(self) -> float:
        return self.start + self.events + self.detector + self.jets


def chunks(process: Process, cuts: Cuts, seed: int, jets: int) -> list[Chunk]:
    """The pieces that make so many jets. Which jets a piece begins with does not depend on how many are asked for."""
    return [Chunk(process, cuts, seed, n, min(JETS, jets - n * JETS)) for n in range(-(-jets // JETS))]


def simulate(chunk: Chunk) -> tuple[Jets, int, Times]:
    """The jets of a piece, the events they took, and the time."""
    times = Times()
    clock = time.perf_counter()

    def lap() -> float:
        nonlocal clock
        before, clock = clock, time.perf_counter()
        return clock - before

    key = (NAMES.index(chunk.process.name), chunk.number)
    of_generator, of_detector = np.random.SeedSequence(chunk.seed, spawn_key=key).spawn(2)
    # Pythia takes seeds from 1 to 900 million.
    generator = Generator(chunk.process, chunk.cuts, int(of_generator.generate_state(1)[0]) % 900_000_000 + 1)
    random = np.random.default_rng(of_detector)
    times.start += lap()
    found: list[Jets] = []
    count = events = 0
    while count < chunk.jets:
        batch = generator.events(EVENTS_AT_ONCE)
        times.events += lap()
        candidates = detect(batch.particles, batch.count, random)
        times.detector += lap()
        found.append(select(candidates, batch.truth, chunk.cuts, chunk.process.resonance is not None))
        times.jets += lap()
        count += len(found[-1])
        events += batch.count
        if events >= EVENTS_TO_GIVE_UP and count * 1000 < events:
            raise RuntimeError(
                f"{chunk.process.title}: {count} jets of {events} events pass; a jet of R = {chunk.cuts.radius:g} and this pT cannot hold the decay "
                "of so heavy a particle: lower the mass or raise --pt"
            )
    return Jets.joined(found).first(chunk.jets), events, times


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Calls `write` with a temporary file beside `path`; the file appears under its name whole or not at all."""
    unfinished = path.with_name(path.name + ".part")
    try:
        with open(unfinished, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def load(chunk: Chunk, folder: Path) -> Jets | None:
    """The jets of a piece that is there already with as many as are asked for."""
    try:
        with np.load(chunk.path(folder)) as file:
            jets = Jets(file["counts"], file["constituents"], file["truth"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return jets.first(chunk.jets) if len(jets) >= chunk.jets else None


def _store(chunk: Chunk, folder: Path) -> Chunk:
    jets, events, _ = simulate(chunk)
    arrays = {"counts": jets.counts, "constituents": jets.constituents, "truth": jets.truth, "events": np.array(events)}
    write_whole(chunk.path(folder), lambda file: np.savez(file, **arrays))
    return chunk


def _start_worker() -> None:
    # Ctrl-C is the parent's to handle, and no worker outlives it (PR_SET_PDEATHSIG).
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL)


def complete(wanted: list[Chunk], folder: Path, jobs: int) -> Iterator[Chunk]:
    """Makes the pieces that are not there yet in `jobs` processes; yields each when it is done, those there at once."""
    missing = []
    for chunk in wanted:
        if load(chunk, folder) is None:
            missing.append(chunk)
        else:
            yield chunk
    if not missing:
        return
    pool = ProcessPoolExecutor(min(jobs, len(missing)), mp_context=get_context("spawn"), initializer=_start_worker)
    try:
        for future in as_completed([pool.submit(_store, chunk, folder) for chunk in missing]):
            yield future.result()
    except BaseException:
        for worker in active_children():
            worker.kill()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
