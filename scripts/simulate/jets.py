"""Jets of events: clustering, cuts, and the match with what they come from."""
from __future__ import annotations

import os
import sys
from dataclasses import dataclass

import awkward as ak
import fastjet
import numpy as np
import vector

from detector import Candidates, kinematics
from processes import Cuts

vector.register_awkward()

CONSTITUENTS = 200


def _print_banner_nowhere() -> None:
    """FastJet writes its banner to standard output once, when it first clusters; README.md names its paper instead."""
    sys.stdout.flush()
    output = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        one = ak.Array([[{"px": 1.0, "py": 0.0, "pz": 0.0, "E": 1.0}]], with_name="Momentum4D")
        fastjet.ClusterSequence(one, fastjet.JetDefinition(fastjet.antikt_algorithm, 1.0))
    finally:
        os.dup2(output, 1)
        os.close(output)
        os.close(nowhere)


_print_banner_nowhere()


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


def leading_jets(candidates: Candidates, events: int, cuts: Cuts) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Events whose leading jet passes the cuts, the jets' momenta [n, 4] = px, py, pz, E, and the rows of their constituents."""
    ends = np.searchsorted(candidates.event, np.arange(events), side="right")
    counts = np.diff(ends, prepend=0)
    # FastJet's interface takes no events without particles.
    filled = np.flatnonzero(counts)
    starts = (ends - counts)[filled]
    columns = dict(zip(("px", "py", "pz", "E"), candidates.p.T))
    array = ak.unflatten(ak.zip(columns, with_name="Momentum4D"), counts[filled])
    sequence = fastjet.ClusterSequence(array, fastjet.JetDefinition(fastjet.antikt_algorithm, cuts.radius))
    found = sequence.inclusive_jets(cuts.pt_min)
    jets_of_event = ak.num(found).to_numpy()
    momenta = np.stack([ak.flatten(found[name]).to_numpy() for name in ("px", "py", "pz", "E")], axis=-1)
    members = ak.flatten(sequence.constituent_index(cuts.pt_min))
    member_ends = np.cumsum(ak.num(members).to_numpy())
    members = ak.flatten(members).to_numpy()
    pt, eta, _ = kinematics(momenta)

    kept, chosen, rows = [], [], []
    first = 0
    for event, start, number in zip(filled, starts, jets_of_event):
        if number:
            jet = first + int(np.argmax(pt[first : first + number]))
            if pt[jet] <= cuts.pt_max and abs(eta[jet]) < cuts.eta_max:
                kept.append(event)
                chosen.append(jet)
                rows.append(start + members[member_ends[jet - 1] if jet else 0 : member_ends[jet]])
        first += number
    return np.array(kept, dtype=np.int64), momenta[chosen], rows


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


def select(candidates: Candidates, truth: np.ndarray, cuts: Cuts, match: bool) -> Jets:
    """The jets of events that pass the cuts; with `match` those alone that hold a whole resonance."""
    kept, axes, rows = leading_jets(candidates, len(truth), cuts)
    origin = np.zeros((len(kept), 4))
    if match and len(kept):
        which = matched(axes, truth[kept], cuts.radius)
        inside = which >= 0
        origin = truth[kept[inside], which[inside], 0]
        rows = [row for row, keep in zip(rows, inside) if keep]
    lists = []
    for row in rows:
        p = candidates.p[row]
        lists.append(p[np.argsort(-np.hypot(p[:, 0], p[:, 1]), kind="stable")][:CONSTITUENTS])
    constituents = np.concatenate(lists) if lists else np.zeros((0, 4))
    energy_first = [3, 0, 1, 2]
    return Jets(np.array([len(p) for p in lists], dtype=np.int64), rounded(constituents[:, energy_first]), origin[:, energy_first].astype(np.float32))
