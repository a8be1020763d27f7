"""Writes Tests/Fixtures/evaluation.json: ROC curves by scikit-learn, mass measures straight from their definitions in numpy.

    python3 -m venv venv && venv/bin/pip install numpy scikit-learn
    venv/bin/python Tests/reference/evaluation_fixture.py
"""

import json
import pathlib

import numpy as np
from sklearn.metrics import roc_auc_score, roc_curve


def roc_case(rng, jets, ties, weighted):
    label = (rng.random(jets) < 0.4).astype(int)
    score = rng.normal(label, 1.2)
    if ties:
        score = np.round(score, 1)
    weight = np.round(rng.exponential(1.0, jets), 3) if weighted else None
    fpr, tpr, threshold = roc_curve(label, score, sample_weight=weight, drop_intermediate=False)
    return {
        "score": score.tolist(),
        "label": label.tolist(),
        "weight": None if weight is None else weight.tolist(),
        "auc": roc_auc_score(label, score, sample_weight=weight),
        "fpr": fpr.tolist(),
        "tpr": tpr.tolist(),
        "threshold": [1e300 if np.isinf(t) else t for t in threshold],
    }


def mass_case(rng, jets, width, minimum):
    label = (rng.random(jets) < 0.5).astype(int)
    mass = np.round(np.where(label == 1, rng.normal(150, 40, jets), rng.exponential(60, jets) + 30).clip(0), 3)
    score = np.round(rng.normal(mass / 100 + 0.3 * label, 1.0), 2)

    bins = np.floor(mass / width).astype(int)
    spectra = [np.bincount(bins[label == c], minlength=bins.max() + 1) for c in (0, 1)]
    used = (spectra[0] >= minimum) & (spectra[1] >= minimum)
    unit = [s / s.sum() for s in spectra]
    smaller = np.minimum(*unit)
    weight = np.zeros(jets)
    for c in (0, 1):
        per_bin = np.divide(smaller, unit[c], out=np.zeros_like(smaller), where=used)
        weight[label == c] = per_bin[bins[label == c]]
    effective = [weight[label == c].sum() ** 2 / (weight[label == c] ** 2).sum() for c in (0, 1)]

    background, b_score = bins[label == 0], score[label == 0]
    threshold = np.sort(b_score)[::-1][int(np.ceil(0.5 * len(b_score))) - 1]
    passing = np.bincount(background[b_score >= threshold], minlength=bins.max() + 1)
    failing = np.bincount(background[b_score < threshold], minlength=bins.max() + 1)
    p, q = passing / passing.sum(), failing / failing.sum()
    m = (p + q) / 2
    jsd = sum(0.5 * (x[x > 0] * np.log(x[x > 0] / m[x > 0])).sum() for x in (p, q))
    filled = int(((passing + failing) > 0).sum())
    return {
        "mass": mass.tolist(),
        "label": label.tolist(),
        "score": score.tolist(),
        "width": width,
        "minimum": minimum,
        "weights": weight.tolist(),
        "effective": effective,
        "kept": [weight[label == c].mean() for c in (0, 1)],
        "range": [float(np.flatnonzero(used)[0] * width), float((np.flatnonzero(used)[-1] + 1) * width)],
        "auc_equal_mass": roc_auc_score(label, score, sample_weight=weight),
        "jsd": jsd,
        "floor": (filled - 1) / 8 * (1 / passing.sum() + 1 / failing.sum()),
        "threshold": float(threshold),
    }


def main():
    rng = np.random.default_rng(20)
    fixture = {
        "roc": [roc_case(rng, 120, ties, weighted) for ties in (False, True) for weighted in (False, True)],
        "mass": [mass_case(rng, 600, 10, 5), mass_case(rng, 400, 25, 20)],
    }
    path = pathlib.Path(__file__).parents[1] / "Fixtures" / "evaluation.json"
    path.write_text(json.dumps(fixture))


if __name__ == "__main__":
    main()
