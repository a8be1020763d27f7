"""Writes Tests/Fixtures/uncertainties.json: uncertainties of the AUC from the matrix of all pairs (DeLong), intervals by scipy, weighted curves by
scikit-learn, weighted mass measures and bump hunts by numpy and scipy. Each formula for an uncertainty is first held against a bootstrap or repeated samples.

    python3 -m venv venv && venv/bin/pip install numpy scipy scikit-learn
    venv/bin/python Tests/reference/uncertainty_fixture.py
"""

import json
import pathlib

import numpy as np
from scipy.optimize import minimize
from scipy.stats import beta, binomtest, spearmanr
from sklearn.metrics import roc_auc_score, roc_curve


def psi(signal, background):
    return (signal[:, None] > background[None, :]) + 0.5 * (signal[:, None] == background[None, :])


def delong(scores, label, weight):
    """AUCs and their covariance from all pairs; np.cov where there are no weights."""
    s, b = label == 1, label == 0
    if weight is None:
        wins = [psi(x[s], x[b]) for x in scores]
        rows = np.array([w.mean(axis=1) for w in wins]), np.array([w.mean(axis=0) for w in wins])
        covariance = sum(np.cov(r, ddof=1).reshape(len(scores), -1) / r.shape[1] for r in rows)
        return [w.mean() for w in wins], covariance
    u, v = weight[s] / weight[s].sum(), weight[b] / weight[b].sum()
    wins = [psi(x[s], x[b]) for x in scores]
    areas = [u @ w @ v for w in wins]
    rows = np.array([w @ v for w in wins]), np.array([u @ w for w in wins])
    covariance = np.zeros((len(scores), len(scores)))
    for r, share in zip(rows, (u, v)):
        d = r - np.array(areas)[:, None]
        covariance += (share**2 * d) @ d.T / (1 - (share**2).sum())
    return areas, covariance


def auc_case(rng, jets, ties, weighted):
    label = (rng.random(jets) < 0.4).astype(int)
    common = rng.normal(label, 1.2)
    scores = [common, 0.7 * common + rng.normal(0.3 * label, 0.8)]
    if ties:
        scores = [np.round(x, 1) for x in scores]
    weight = np.round(rng.exponential(1.0, jets), 3) if weighted else None
    areas, covariance = delong(scores, label, weight)
    case = {
        "score": scores[0].tolist(), "other": scores[1].tolist(), "label": label.tolist(), "weight": None if weight is None else weight.tolist(),
        "auc": areas[0], "error": np.sqrt(covariance[0, 0]), "difference": areas[0] - areas[1],
        "difference_error": np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]),
    }
    groups = [np.flatnonzero(label == c) for c in (0, 1)]
    drawn = []
    for _ in range(2000):
        jets = np.concatenate([rng.choice(g, len(g)) for g in groups])
        w = None if weight is None else weight[jets]
        drawn.append([roc_auc_score(label[jets], x[jets], sample_weight=w) for x in scores])
    drawn = np.array(drawn)
    assert abs(drawn[:, 0].std() / case["error"] - 1) < 0.08, (drawn[:, 0].std(), case["error"])
    assert abs((drawn[:, 0] - drawn[:, 1]).std() / case["difference_error"] - 1) < 0.08
    return case


def interval_case(k, n, level):
    if float(k).is_integer() and float(n).is_integer():
        ends = binomtest(int(k), int(n)).proportion_ci(confidence_level=level, method="exact")
        low, high = ends.low, ends.high
    else:
        low = beta.ppf((1 - level) / 2, k, n - k + 1) if k > 0 else 0.0
        high = beta.ppf((1 + level) / 2, k + 1, n - k) if k < n else 1.0
    return {"passing": k, "total": n, "level": level, "low": low, "high": high}


def curve_case(rng, jets):
    label = (rng.random(jets) < 0.3).astype(int)
    score, weight = rng.normal(label, 1.0), np.round(rng.exponential(1.0, jets), 3)
    fpr, tpr, threshold = roc_curve(label, score, sample_weight=weight, drop_intermediate=False)
    first = int(np.argmax(tpr >= 0.4))
    n = [weight[label == c].sum() ** 2 / (weight[label == c] ** 2).sum() for c in (0, 1)]
    k = fpr[first] * n[0]
    low, high = beta.ppf(0.05, k, n[0] - k + 1), beta.ppf(0.95, k + 1, n[0] - k)
    sic, error = [], []
    for f, t, cut in zip(fpr[1:], tpr[1:], threshold[1:]):
        passing = weight[(label == 0) & (score >= cut)]
        if len(passing) and passing.sum() ** 2 / (passing**2).sum() >= 10:
            sic.append(t / np.sqrt(f))
            error.append(sic[-1] * np.sqrt((1 - t) / t / n[1] + (1 - f) / f / n[0] / 4))
    return {"score": score.tolist(), "label": label.tolist(), "weight": weight.tolist(), "at": 0.4, "level": 0.9, "rejection": 1 / fpr[first],
            "low": 1 / high, "high": 1 / low, "error": np.sqrt(fpr[first] * (1 - fpr[first]) / n[0]) / fpr[first] ** 2, "passing": k, "sic": sic,
            "sic_error": error}


def divergence(p, q):
    p, q = p / p.sum(), q / q.sum()
    m = (p + q) / 2
    return sum(0.5 * (x[x > 0] * np.log(x[x > 0] / m[x > 0])).sum() for x in (p, q))


def divergence_error(p, q, n1, n2):
    p, q = p / p.sum(), q / q.sum()
    m = (p + q) / 2
    total = 0
    for x, n in ((p, n1), (q, n2)):
        f = 0.5 * np.log(x[x > 0] / m[x > 0])
        total += (x[x > 0] @ f**2 - (x[x > 0] @ f) ** 2) / n
    bins = (p + q > 0).sum()
    floor = (bins - 1) / 8 * (1 / n1 + 1 / n2)
    return np.sqrt(max(0, total - floor / 2 * (1 / n1 + 1 / n2)) + 2 * floor**2 / (bins - 1))


def check_divergence_error(rng):
    """Repeated samples of two spectra scatter as the formula says, alike or not."""
    bins = np.arange(40)
    for slope in (0.0, 0.02, 0.1):
        p, q = np.exp(-bins / 12), np.exp(-bins / 12 + slope * bins)
        p, q = p / p.sum(), q / q.sum()
        draws = [(rng.multinomial(2000, p), rng.multinomial(3000, q)) for _ in range(3000)]
        spread = np.std([divergence(a, b) for a, b in draws])
        stated = np.mean([divergence_error(a, b, 2000, 3000) for a, b in draws])
        assert abs(stated / spread - 1) < 0.2, (slope, spread, stated)


def mass_case(rng, jets, width, minimum):
    label = (rng.random(jets) < 0.5).astype(int)
    mass = np.round(np.where(label == 1, rng.normal(150, 40, jets), rng.exponential(60, jets) + 30).clip(0), 3)
    score = np.round(rng.normal(mass / 100 + 0.3 * label, 1.0), 2)
    own = np.round(rng.exponential(1.0, jets), 3)
    bins = np.floor(mass / width).astype(int)
    size = bins.max() + 1
    spectra = [np.bincount(bins[label == c], own[label == c], size) for c in (0, 1)]
    jets_in = [np.bincount(bins[label == c], own[label == c] > 0, size) for c in (0, 1)]
    used = (jets_in[0] >= minimum) & (jets_in[1] >= minimum)
    unit = [s / s.sum() for s in spectra]
    weight = own.copy()
    for c in (0, 1):
        per_bin = np.divide(np.minimum(*unit), unit[c], out=np.zeros(size), where=used)
        weight[label == c] *= per_bin[bins[label == c]]

    background = label == 0
    order = np.argsort(-score[background], kind="stable")
    running = np.cumsum(own[background][order])
    threshold = score[background][order][np.searchsorted(running, 0.3 * running[-1] * (1 - 1e-12))]
    keep = score[background] >= threshold
    b, w = bins[background], own[background]
    passing, failing = (np.bincount(b[m], w[m], size) for m in (keep, ~keep))
    n1, n2 = (w[m].sum() ** 2 / (w[m] ** 2).sum() for m in (keep, ~keep))
    filled = ((passing + failing) > 0).sum()
    return {"mass": mass.tolist(), "label": label.tolist(), "score": score.tolist(), "weight": own.tolist(), "width": width, "minimum": minimum,
            "weights": weight.tolist(), "auc_equal_mass": roc_auc_score(label, score, sample_weight=weight), "at": 0.3, "threshold": float(threshold),
            "jsd": divergence(passing, failing), "floor": (filled - 1) / 8 * (1 / n1 + 1 / n2), "error": divergence_error(passing, failing, n1, n2),
            "efficiency": passing.sum() / (passing.sum() + failing.sum())}


def bump_case(rng, jets, signal, width, window):
    """A weighted spectrum: the scaled Poisson likelihood of a line and its covariance."""
    mass = np.round(np.concatenate([60 + rng.exponential(50, jets), rng.normal(175, 8, signal)]), 2)
    weight = np.round(rng.exponential(0.5, len(mass)) + 0.05, 3)
    bins = np.floor(mass / width).astype(int)
    counts, squares = np.bincount(bins, weight), np.bincount(bins, weight**2)
    scale = np.where(counts > 0, squares / np.where(counts > 0, counts, 1), squares.sum() / counts.sum())
    inside = np.arange(int(window[0] / width), int(window[1] / width))
    around = [counts[max(0, b - 1):min(inside[0], b + 2)].sum() for b in range(inside[0])]
    bins = np.arange(int(np.argmax(around)), len(counts))
    used = np.array([b for b in bins if b not in inside])
    t = lambda b: 2 * (b - bins[0]) / (len(bins) - 1) - 1
    design = np.vander(t(used), 2, increasing=True)
    n, s = counts[used], scale[used]
    nll = lambda c: np.sum((np.exp(design @ c) - n * (design @ c)) / s)
    slope = lambda c: design.T @ ((np.exp(design @ c) - n) / s)
    curvature = lambda c: design.T @ ((np.exp(design @ c) / s)[:, None] * design)
    c = minimize(nll, [np.log(n.mean()), 0], jac=slope, hess=curvature, method="trust-exact", options={"gtol": 1e-9}).x
    for _ in range(3):
        c = c - np.linalg.solve(curvature(c), slope(c))
    expected = np.exp(design @ c)
    deviance = 2 * np.sum((expected - n + np.where(n > 0, n * np.log(np.where(n > 0, n, 1) / expected), 0)) / s)
    rates = np.exp(np.vander(t(inside), 2, increasing=True) @ c)
    gradient = rates @ np.vander(t(inside), 2, increasing=True)
    count, b = counts[inside].sum(), rates.sum()
    sigma = np.sqrt(gradient @ np.linalg.inv(curvature(c)) @ gradient)
    unit = squares[inside].sum() / count
    x, y, v = count / unit, b / unit, (sigma / unit) ** 2
    z2 = 2 * (x * np.log(x * (y + v) / (y * y + x * v)) - y * y / v * np.log(1 + v * (x - y) / (y * (y + v))))
    return {"mass": mass.tolist(), "weight": weight.tolist(), "width": width, "window": window, "n": count, "b": b, "sigma": sigma,
            "deviance": deviance, "z": np.sign(count - b) * np.sqrt(z2)}


def rank_case(rng, n, ties):
    x = rng.normal(size=n)
    y = np.exp(x) + rng.normal(size=n)
    if ties:
        x, y = np.round(x), np.round(y)
    return {"x": x.tolist(), "y": y.tolist(), "rho": spearmanr(x, y).statistic}


def main():
    rng = np.random.default_rng(77)
    check_divergence_error(rng)
    fixture = {
        "auc": [auc_case(rng, 160, ties, weighted) for ties in (False, True) for weighted in (False, True)],
        "interval": [interval_case(k, n, level) for k, n in ((0, 10), (10, 10), (1, 30), (12, 40), (3, 100000), (50000, 100000), (2.5, 17.25), (0.25, 9.5))
                     for level in (0.6826894921370859, 0.9)],
        "rank_correlation": [rank_case(rng, n, ties) for n in (2, 50) for ties in (False, True) if n > 2 or not ties],
        "curve": [curve_case(rng, 400)],
        "mass": [mass_case(rng, 600, 10, 5), mass_case(rng, 400, 25, 15)],
        "bump_hunt": [bump_case(rng, 4000, 120, 5, [160, 190]), bump_case(rng, 6000, 0, 10, [150, 200])],
    }
    path = pathlib.Path(__file__).parents[1] / "Fixtures" / "uncertainties.json"
    path.write_text(json.dumps(fixture, default=float))


if __name__ == "__main__":
    main()
