"""A parametrised detector: particles of many events in, tracks and calorimeter towers out. Needs numpy alone.

The numbers are of the kind used for fast simulation of the ATLAS detector: tracks to |η| = 2.5, towers of 0.1 × π/18 to |η| = 4.9.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

TRACK_ETA = 2.5
TOWER_ETA = 4.9
ETA_WIDTH = 0.1
PHI_BINS = 36
ETA_BINS = round(2 * TOWER_ETA / ETA_WIDTH)
PHI_WIDTH = 2 * np.pi / PHI_BINS

ELECTROMAGNETIC = (11, 22)
MUON = 13
# Neutral particles that are not seen.
INVISIBLE = (12, 14, 16)


@dataclass(frozen=True)
class Particles:
    """Stable particles of several events: `event` and `pdg` [N] whole numbers, `charged` [N], `p` [N, 4] = px, py, pz, E in GeV."""

    event: np.ndarray
    pdg: np.ndarray
    charged: np.ndarray
    p: np.ndarray


@dataclass(frozen=True)
class Candidates:
    """Tracks and towers, massless: `event` [N], `p` [N, 4] = px, py, pz, E in GeV, grouped by event in ascending order."""

    event: np.ndarray
    p: np.ndarray


def massless(pt: np.ndarray, eta: np.ndarray, phi: np.ndarray) -> np.ndarray:
    """px, py, pz, E [N, 4] of massless particles."""
    return np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), pt * np.cosh(eta)], axis=-1)


def kinematics(p: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """pT in GeV, pseudorapidity and azimuth in (−π, π] of momenta [..., 4] = px, py, pz, E."""
    pt = np.hypot(p[..., 0], p[..., 1])
    return pt, np.arcsinh(p[..., 2] / np.maximum(pt, 1e-12)), np.arctan2(p[..., 1], p[..., 0])


def track_efficiency(pt: np.ndarray, eta: np.ndarray) -> np.ndarray:
    central = np.abs(eta) <= 1.5
    efficiency = np.where(pt > 1, np.where(central, 0.95, 0.85), np.where(central, 0.70, 0.60))
    return np.where((pt > 0.1) & (np.abs(eta) < TRACK_ETA), efficiency, 0)


def track_resolution(pt: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """σ(pT)/pT."""
    region = np.digitize(np.abs(eta), [0.5, 1.5])
    return np.hypot(np.array([0.01, 0.015, 0.025])[region], pt * np.array([1.0e-4, 1.5e-4, 3.5e-4])[region])


def electromagnetic_resolution(energy: np.ndarray) -> np.ndarray:
    """σ(E) in GeV."""
    return np.hypot(0.0017 * energy, 0.101 * np.sqrt(energy))


def hadronic_resolution(energy: np.ndarray) -> np.ndarray:
    """σ(E) in GeV; the constant is noise. The barrel's numbers are used everywhere, as for the bundled sample: jets of both can be mixed."""
    return np.sqrt((0.0302 * energy) ** 2 + 0.5205**2 * energy + 1.59**2)


def smear(value: np.ndarray, sigma: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Log-normal numbers of that mean and standard deviation: a large σ never makes an energy negative."""
    spread = np.sqrt(np.log1p((sigma / value) ** 2))
    return value * np.exp(spread * random.standard_normal(len(value)) - spread**2 / 2)


def _towers(event: np.ndarray, eta: np.ndarray, phi: np.ndarray, energy: np.ndarray, events: int) -> tuple[np.ndarray, ...]:
    """Event, η and φ of the lower corner, and energy of the towers that are hit, ordered by event."""
    inside = (np.abs(eta) < TOWER_ETA) & (energy > 0)
    i = np.clip(((eta[inside] + TOWER_ETA) / ETA_WIDTH).astype(np.int64), 0, ETA_BINS - 1)
    j = np.clip(((phi[inside] + np.pi) / PHI_WIDTH).astype(np.int64), 0, PHI_BINS - 1)
    sums = np.bincount((event[inside] * ETA_BINS + i) * PHI_BINS + j, weights=energy[inside], minlength=events * ETA_BINS * PHI_BINS)
    hit = np.flatnonzero(sums)
    row, j = np.divmod(hit, PHI_BINS)
    number, i = np.divmod(row, ETA_BINS)
    return number, i * ETA_WIDTH - TOWER_ETA, j * PHI_WIDTH - np.pi, sums[hit]


def _measured(
    towers: tuple[np.ndarray, ...], resolution: Callable[[np.ndarray], np.ndarray], least: float, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Event and momentum of the towers above the threshold `least` (GeV) and above twice their resolution."""
    event, eta, phi, energy = towers
    energy = smear(energy, resolution(energy), random)
    # Where in the tower the energy was is not known.
    eta = eta + ETA_WIDTH * random.random(len(eta))
    phi = phi + PHI_WIDTH * random.random(len(phi))
    seen = (energy > least) & (energy > 2 * resolution(energy))
    return event[seen], massless(energy / np.cosh(eta), eta, phi)[seen]


def detect(particles: Particles, events: int, random: np.random.Generator) -> Candidates:
    """What the detector makes of the particles of events 0 … `events` − 1.

    A charged particle whose track is found is that track. Electrons and photons else are summed in the towers of the electromagnetic
    calorimeter, everything else but muons and neutrinos in those of the hadronic one.
    """
    kind = np.abs(particles.pdg)
    pt, eta, phi = kinematics(particles.p)
    tracked = particles.charged & (random.random(len(pt)) < track_efficiency(pt, eta))
    measured = smear(pt[tracked], pt[tracked] * track_resolution(pt[tracked], eta[tracked]), random)
    tracks = massless(measured, eta[tracked], phi[tracked])

    def towers(chosen: np.ndarray) -> tuple[np.ndarray, ...]:
        return _towers(particles.event[chosen], eta[chosen], phi[chosen], particles.p[chosen, 3], events)

    light = np.isin(kind, ELECTROMAGNETIC)
    rest = ~tracked & (kind != MUON) & ~np.isin(kind, INVISIBLE)
    photons = _measured(towers(rest & light), electromagnetic_resolution, 0.5, random)
    hadrons = _measured(towers(rest & ~light), hadronic_resolution, 1.0, random)

    event = np.concatenate([particles.event[tracked], photons[0], hadrons[0]])
    p = np.concatenate([tracks, photons[1], hadrons[1]])
    order = np.argsort(event, kind="stable")
    return Candidates(event[order], p[order])
