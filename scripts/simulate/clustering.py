"""From tracks and towers to the jets that are kept, with FastJet."""
from __future__ import annotations

import os
import sys

import awkward as ak
import fastjet
import numpy as np
import vector

from detector import Candidates, kinematics
from jets import CONSTITUENTS, Jets, matched, rounded
from processes import Cuts

vector.register_awkward()


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
