#!/usr/bin/env python3
"""How the low tail of the jets' mass depends on how near to the axis the quarks must lie, for the environment that simulate.py makes:

    scripts/simulate/.venv/bin/python scripts/simulate/match_radius.py --process w --jets 8000 --seed 5
"""
from __future__ import annotations

import argparse

import numpy as np

from clustering import leading_jets
from detector import detect
from generator import Generator
from jets import distance
from processes import CUTS, MASSES, process

RADII = (0.8, 0.85, 0.9, 1.0, 1.2, 1.6)
MASS_CUTS = (20, 40, 60, 70)


def jets_and_distances(name: str, cuts: str, jets: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Masses [n] of at least `jets` leading jets, and the distances [n, 2, 5] of resonances and quarks from their axes; NaN for none."""
    generator, random = Generator(process(name), CUTS[cuts], seed), np.random.default_rng(seed)
    masses: list[float] = []
    distances: list[np.ndarray] = []
    while len(masses) < jets:
        batch = generator.events(100)
        candidates = detect(batch.particles, batch.count, random)
        kept, axes, rows = leading_jets(candidates, batch.count, CUTS[cuts])
        for row, away in zip(rows, distance(axes[:, None, None, :], batch.truth[kept])):
            total = candidates.p[row].sum(axis=0)
            masses.append(np.sqrt(max(0.0, total[3] ** 2 - total[:3] @ total[:3])))
            distances.append(away)
    return np.array(masses), np.array(distances)


def row(title: str, mass: np.ndarray) -> str:
    shares = [(mass < cut).mean() for cut in MASS_CUTS]
    cells = [f"{100 * share:.2f} ± {100 * (share * (1 - share) / len(mass)) ** 0.5:.2f}" for share in shares]
    return f"| {title} | {len(mass):,} | {mass.mean():.2f} ± {mass.std() / len(mass) ** 0.5:.2f} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--process", choices=sorted(MASSES), default="w")
    parser.add_argument("--cuts", choices=sorted(CUTS), default="top-tagging")
    parser.add_argument("--jets", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    mass, away = jets_and_distances(options.process, options.cuts, options.jets, options.seed)
    holds = away[:, :, 0] < CUTS[options.cuts].radius
    # What a resonance lacks is NaN and never too far away, but one that is not there holds nothing.
    quarks = np.nan_to_num(away[:, :, 1:], nan=0).max(axis=-1)
    print(f"| quarks within | jets | mass, GeV | {' | '.join(f'% below {cut}' for cut in MASS_CUTS)} |")
    print(f"|---|---|---|{'---|' * len(MASS_CUTS)}")
    for radius in RADII:
        print(row(f"{radius:g}", mass[(holds & (quarks < radius)).any(axis=1)]))
    print(row("anywhere, the resonance in the jet", mass[holds.any(axis=1)]))
    print(row("all leading jets", mass))


if __name__ == "__main__":
    main()
