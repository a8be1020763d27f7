"""Jets as arrays, and the match with what they come from. Needs numpy alone."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detector import kinematics

CONSTITUENTS = 200


@dataclass(frozen=True)
class Jets:
    """`counts` [N] constituents of each jet; `constituents` [sum of counts, 4] = E, px, py, pz (GeV), the hardest of a jet first; `truth` [N, 4] likewise."""

    counts: np.ndarray
    constituents: np.ndarray
    truth: np.ndarray

    def __len__(self) -> int:
        return len(self.counts)

    def first(self, count: int) -> Jets:
        return Jets(self.counts[:count], self.constituents[: self.counts[:count].sum()], self.truth[:count])

    @staticmethod
    def joined(parts: list[Jets]) -> Jets:
        return Jets(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("counts", "constituents", "truth")))


def rounded(values: np.ndarray) -> np.ndarray:
    """Single precision with 15 bits of mantissa, a relative error of at most 2⁻¹⁶: it is far below the detector's and compresses well."""
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    return ((bits + np.uint32(0x80)) & np.uint32(0xFFFFFF00)).view(np.float32)


def distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """√(Δη² + Δφ²) of momenta [..., 4]."""
    _, eta_a, phi_a = kinematics(a)
    _, eta_b, phi_b = kinematics(b)
    return np.hypot(eta_a - eta_b, np.remainder(phi_a - phi_b + np.pi, 2 * np.pi) - np.pi)


def matched(axis: np.ndarray, truth: np.ndarray, radius: float) -> np.ndarray:
    """For each jet the resonance, 0 or 1, that it holds with all of its quarks within `radius` of the axis; −1 where it holds none.

    `axis` [n, 4]; `truth` [n, 2, 5, 4], NaN where there is nothing.
    """
    away = distance(axis[:, None, None, :], truth)
    there = ~np.isnan(truth[..., 0])
    holds = there[..., 0] & np.where(there, away < radius, True).all(axis=-1)
    nearest = np.where(holds, away[..., 0], np.inf)
    return np.where(holds.any(axis=1), nearest.argmin(axis=1), -1)
