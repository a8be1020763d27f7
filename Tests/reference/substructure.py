"""Writes Tests/Fixtures/substructure.json: N-subjettiness, soft drop, energy correlation functions and Lund planes of random jets by
FastJet and fastjet-contrib, as the package `fastjet` of PyPI gives them; trimmed masses by FastJet's subjets.

    python -m venv v && v/bin/pip install fastjet==3.5.2.0 numpy && v/bin/python Tests/reference/substructure.py
"""

import json
import pathlib

import awkward as ak
import fastjet
import numpy as np

rng = np.random.default_rng(7)


def jet(count):
    axes = rng.uniform(-0.4, 0.4, (3, 2))
    centre = np.array([rng.uniform(-1.5, 1.5), rng.uniform(-np.pi, np.pi)])
    place = centre + axes[rng.integers(0, 3, count)] + rng.normal(0, 0.08, (count, 2))
    pt, mass = rng.exponential(15, count) + 0.5, rng.choice([0.0, 0.13957], count)
    px, py, pz = pt * np.cos(place[:, 1]), pt * np.sin(place[:, 1]), pt * np.sinh(place[:, 0])
    return np.stack([np.sqrt(px**2 + py**2 + pz**2 + mass**2), px, py, pz], axis=1)


def mass(v):
    return float(np.sqrt(max(0.0, v[0] ** 2 - v[1] ** 2 - v[2] ** 2 - v[3] ** 2)))


def cluster(particles, algorithm, radius):
    array = ak.Array([[dict(zip(("E", "px", "py", "pz"), map(float, p))) for p in particles]])
    return fastjet.ClusterSequence(array, fastjet.JetDefinition(algorithm, radius))


AXES = {"kt": "KT_Axes", "wta_kt": "WTA_KT_Axes", "onepass_kt": "OnePass_KT_Axes"}
cases = []
for count in [1, 2, 3, 4, 5, 8, 13, 21, 34, 50, 50, 80]:
    particles = jet(count)
    ca, kt = cluster(particles, fastjet.cambridge_algorithm, 1000.0), cluster(particles, fastjet.kt_algorithm, 0.2)
    case = {"constituents": particles.tolist(), "tau": [], "soft_drop": [], "correlations": []}
    for name, definition in AXES.items():
        for beta in (1.0, 2.0) if name == "onepass_kt" else (0.5, 1.0, 2.0):
            taus = ca.njettiness("NormalizedMeasure", definition, njets=[1, 2, 3, 4], beta=beta, R0=0.8)
            case["tau"].append({"axes": name, "beta": beta, "values": np.asarray(ak.to_list(taus), dtype=float).ravel().tolist()})
    for zcut, beta in ((0.1, 0), (0.2, 0), (0.1, 1), (0.05, 2)):
        dropped = ca.exclusive_jets_softdrop_grooming(njets=1, beta=beta, symmetry_cut=zcut, R0=0.8)
        case["soft_drop"].append({"zcut": zcut, "beta": beta, **{key: float(np.ravel(ak.to_numpy(dropped[key]))[0])
            for key in ("msoftdrop", "ptsoftdrop", "deltaRsoftdrop", "symmetrysoftdrop")}})
    for beta in (1, 2):
        if count > 2:
            value = {f: float(np.ravel(ak.to_numpy(ca.exclusive_jets_energy_correlator(njets=1, beta=beta, npoint=2, func=f)))[0]) for f in ("c2", "d2")}
            case["correlations"].append({"beta": beta, **value})
    total = particles.sum(axis=0)
    subjets = np.array([[j["E"], j["px"], j["py"], j["pz"]] for j in ak.to_list(kt.inclusive_jets())[0]])
    kept = subjets[np.hypot(subjets[:, 1], subjets[:, 2]) >= 0.05 * np.hypot(total[1], total[2])].sum(axis=0)
    case["trimmed_mass"], case["trimmed_pt"] = mass(kept), float(np.hypot(kept[1], kept[2]))
    lund = ak.to_list(ca.exclusive_jets_lund_declusterings(1))
    case["lund"] = [[s["Delta"], s["kt"]] for s in np.ravel(lund)]
    cases.append(case)

out = pathlib.Path(__file__).parents[1] / "Fixtures" / "substructure.json"
out.write_text(json.dumps({"substructure": cases}) + "\n")
print(out, len(cases), json.dumps({k: v for k, v in cases[4].items() if k != "constituents"}, indent=None)[:3000])
