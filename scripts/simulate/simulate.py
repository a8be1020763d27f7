#!/usr/bin/env python3
"""Simulates jets and writes them in the layout of the community top-tagging set.

    python3 scripts/simulate/simulate.py --process qcd top --jets 10000 --jobs 2 --output jets.h5
    python3 scripts/simulate/simulate.py --process higgs --mass 174 --inner-mass 20 --cuts vae-jet --jets 10000 --output higgs.h5
    python3 scripts/simulate/simulate.py --measure

Several processes go into one file in random order: QCD jets have the label 0, the others 1, 2, … in the order they are named in. A run that
was stopped is taken up by the same command, with the same result. The first call makes a virtual environment beside this file.
"""
from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

import environment
from processes import CUTS, NAMES, Cuts, Process, process

FORMAT = 1


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--process", nargs="+", choices=NAMES, metavar="NAME", default=[], help=f"what the jets come from: {', '.join(NAMES)}")
    parser.add_argument("--mass", type=float, help="mass of the top, W, Z or Higgs boson in GeV (173, 80.4, 91.19, 174)")
    parser.add_argument("--inner-mass", type=float, help="mass of the two states that the Higgs boson decays to (80), or of the top's W (80.4 × mass / 173)")
    parser.add_argument("--jets", type=int, default=10000, help="jets of each process (10000)")
    parser.add_argument("--cuts", choices=CUTS, default="top-tagging", help="top-tagging: R = 0.8; vae-jet: R = 1.0 (top-tagging)")
    parser.add_argument("--pt", nargs=2, type=float, metavar=("MIN", "MAX"), help="transverse momentum of the jets in GeV (550 650)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same file (1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at work at once (all cores)")
    parser.add_argument("--output", type=Path, help="file to write; pieces are kept in OUTPUT.parts until it is whole")
    parser.add_argument("--measure", action="store_true", help="print the table of README.md: how long the jets of each process take")
    arguments = parser.parse_args()
    if not arguments.measure and (not arguments.process or arguments.output is None):
        parser.error("--process and --output are needed")
    if len(set(arguments.process)) != len(arguments.process):
        parser.error("--process: expected different processes, got one twice")
    for name in ("jets", "jobs"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name}: expected at least 1, got {getattr(arguments, name)}")
    if arguments.seed < 0:
        parser.error(f"--seed: expected 0 or more, got {arguments.seed}")
    if arguments.mass is not None and len([name for name in arguments.process if name != "qcd"]) != 1:
        parser.error("--mass: expected one process with a mass beside it")
    if arguments.pt and not 100 <= arguments.pt[0] < arguments.pt[1] <= 3000:
        parser.error("--pt: expected 100 ≤ MIN < MAX ≤ 3000")
    return arguments


def wanted_processes(arguments: argparse.Namespace) -> list[Process]:
    try:
        return [
            process(name) if name == "qcd" else process(name, arguments.mass, arguments.inner_mass) for name in arguments.process
        ]
    except ValueError as error:
        environment.fail(str(error))


def wanted_cuts(arguments: argparse.Namespace) -> Cuts:
    cuts = CUTS[arguments.cuts]
    return Cuts(cuts.radius, *arguments.pt, cuts.eta_max) if arguments.pt else cuts


def recipe(processes: list[Process], cuts: Cuts, seed: int) -> dict:
    """All that the jets depend on, besides how many there are."""
    packages = environment.REQUIREMENTS.read_text().split()
    versions = [line for line in packages if line.partition("==")[0] in ("pythia8mc", "fastjet", "numpy")]
    return {"format": FORMAT, "processes": [asdict(p) for p in processes], "cuts": asdict(cuts), "seed": seed, "packages": versions}


class Progress:
    """One line on a terminal, a plain line every half minute elsewhere."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._new = total, 0, 0
        self._start = self._shown = time.monotonic()
        self._terminal = sys.stderr.isatty()

    def add(self, jets: int, there_already: bool) -> None:
        self._done += jets
        self._new += 0 if there_already else jets
        now = time.monotonic()
        if self._terminal or now - self._shown > 30 or self._done == self._total:
            self._shown = now
            rate = self._new / (now - self._start)
            left = f", {(self._total - self._done) / rate / 60:.1f} min left" if self._new else ""
            text = f"{self._done} of {self._total} jets, {rate:.0f} jets/s{left}"
            print(f"\r\033[K{text}" if self._terminal else text, end="" if self._terminal else "\n", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._terminal:
            print(file=sys.stderr)


def make(arguments: argparse.Namespace) -> None:
    import numpy as np

    import chunks
    import community_file

    processes, cuts = wanted_processes(arguments), wanted_cuts(arguments)
    plan = recipe(processes, cuts, arguments.seed)
    whole = json.dumps(plan | {"jets": arguments.jets})
    output: Path = arguments.output
    if output.exists():
        if community_file.recipe_of(output) == whole:
            print(f"{output} is whole already")
            return
        environment.fail(f"{output} is there and was not made with these options; remove it or give another --output")
    parts = output.with_name(output.name + ".parts")
    parts.mkdir(parents=True, exist_ok=True)
    with open(parts / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            environment.fail(f"another process is making {output}; wait for it, or give another --output")
        text = json.dumps(plan, indent=1)
        known = parts / "recipe.json"
        if known.exists() and known.read_text() != text:
            environment.fail(f"{parts} holds pieces made with other options; remove it or give another --output")
        chunks.write_whole(known, lambda file: file.write(text.encode()))

        pieces = [chunks.chunks(p, cuts, arguments.seed, arguments.jets) for p in processes]
        progress = Progress(arguments.jets * len(processes))
        # In turn, so that a run stopped early leaves pieces of every process.
        in_turn = [chunk for group in zip(*pieces) for chunk in group]
        there = {chunk for chunk in in_turn if chunk.path(parts).exists()}
        for chunk in chunks.complete(in_turn, parts, arguments.jobs):
            progress.add(chunk.jets, chunk in there)
        progress.end()

        signals = [p for p in processes if p.name != "qcd"]
        labels = [0 if p.name == "qcd" else 1 + signals.index(p) for p in processes]
        order = np.repeat(np.arange(len(processes)), arguments.jets)
        if len(processes) > 1:
            np.random.default_rng(arguments.seed).shuffle(order)

        sources = [(chunks.load(chunk, parts) for chunk in group) for group in pieces]
        blocks = community_file.interleaved(sources, order, labels)
        classes = ["qcd", *(p.title for p in signals)]
        chunks.write_whole(output, lambda file: community_file.write(file, blocks, len(order), classes, whole))
    shutil.rmtree(parts)
    print(f"{output}: {len(order)} jets")


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    arguments = parse()
    environment.enter()
    signal.signal(signal.SIGTERM, stop)
    try:
        if arguments.measure:
            from measure import measure

            measure(CUTS, arguments.seed)
        else:
            make(arguments)
    except KeyboardInterrupt:
        print("\nsimulate: stopped; the same command continues", file=sys.stderr)
        sys.exit(130)
    except (OSError, RuntimeError) as error:
        environment.fail(str(error))


if __name__ == "__main__":
    main()
