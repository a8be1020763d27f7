"""How long the jets of each process take on one core."""
from __future__ import annotations

import os
import platform

import numpy as np

from chunks import Chunk, simulate
from processes import Cuts, Process, process

SAMPLES = (
    ("top-tagging", "qcd", None, None),
    ("top-tagging", "top", None, None),
    ("top-tagging", "w", None, None),
    ("top-tagging", "z", None, None),
    ("top-tagging", "higgs", None, 80.0),
    ("top-tagging", "higgs", None, 20.0),
    ("vae-jet", "qcd", None, None),
    ("vae-jet", "top", None, None),
    ("vae-jet", "top", 80.0, None),
    ("vae-jet", "w", 59.0, None),
    ("vae-jet", "w", 120.0, None),
    ("vae-jet", "w", 174.0, None),
    ("vae-jet", "higgs", None, 80.0),
    ("vae-jet", "higgs", None, 20.0),
)
JETS = 300
TITLES = ("cuts", "process", "mass, GeV", "constituents", "jets per event", "ms per jet", "events : detector : jets", "jets/s per core", "100k jets, core hours")


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def _row(name: str, cuts: Cuts, chosen: Process, seed: int) -> list[str]:
    jets, events, times = simulate(Chunk(chosen, cuts, seed, 0, JETS))
    ends = np.cumsum(jets.counts)
    total = np.add.reduceat(jets.constituents.astype(np.float64), ends - jets.counts)
    mass = np.sqrt(np.maximum(total[:, 0] ** 2 - (total[:, 1:] ** 2).sum(axis=1), 0))
    # Pythia starts once for a piece of many jets; it is left out here.
    seconds = times.total - times.start
    shares = " : ".join(f"{100 * part / seconds:.0f}" for part in (times.events, times.detector, times.jets))
    return [
        name, chosen.title, f"{mass.mean():.1f} ± {mass.std() / JETS**0.5:.1f}", f"{jets.counts.mean():.1f} ± {jets.counts.std() / JETS**0.5:.1f}",
        f"{JETS / events:.2f}", f"{1000 * seconds / JETS:.1f}", shares, f"{JETS / seconds:.0f}", f"{seconds / JETS * 100000 / 3600:.2f}",
    ]


def measure(all_cuts: dict[str, Cuts], seed: int) -> None:
    """Prints a table for README.md."""
    print(f"{_processor()}, Python {platform.python_version()}, {os.cpu_count()} cores, one in use; {JETS} jets of each.\n")
    print(f"| {' | '.join(TITLES)} |\n|{'---|' * len(TITLES)}")
    for cuts, name, mass, inner in SAMPLES:
        print(f"| {' | '.join(_row(cuts, all_cuts[cuts], process(name, mass, inner), seed))} |", flush=True)
