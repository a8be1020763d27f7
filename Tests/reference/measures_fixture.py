"""Writes Tests/Fixtures/measures.json: distance correlation by dcor and by numpy from all pairs, the energy mover's distance by POT,
bump hunts by scipy.

    python3 -m venv venv && venv/bin/pip install numpy scipy dcor pot
    venv/bin/python Tests/reference/measures_fixture.py
"""

import json
import pathlib

import dcor
import numpy as np
import ot
from scipy.optimize import minimize
from scipy.stats import f as fisher


def all_pairs(x, y, weight):
    u = weight / weight.sum()

    def centred(v):
        d = np.abs(v[:, None] - v[None, :])
        row = d @ u
        return d - row[:, None] - row[None, :] + u @ row

    a, b = centred(x), centred(y)
    return (u @ (a * b) @ u) / np.sqrt((u @ (a * a) @ u) * (u @ (b * b) @ u))


def distance_correlation_case(rng, n, ties, weighted, offset):
    x = rng.normal(size=n)
    y = x**2 + rng.normal(size=n)
    if ties:
        x, y = np.round(2 * x), np.round(2 * y)
    x, y = 3e3 * x + offset, y
    weight = np.round(rng.exponential(1.0, n), 3) if weighted else None
    squared = all_pairs(x, y, np.ones(n) if weight is None else weight)
    if weight is None:
        assert abs(squared - dcor.distance_correlation_sqr(x, y, method="naive")) < 1e-12
    return {"x": x.tolist(), "y": y.tolist(), "weight": None if weight is None else weight.tolist(), "squared": squared}


def jet(rng, particles, spread):
    pt = np.round(rng.pareto(1.2, particles) * 10 + 0.01, 4)
    return np.column_stack([pt, np.round(rng.normal(0, spread, particles), 4), np.round(3.0 + rng.normal(0, spread, particles), 4)])


def emd_case(rng, sizes, norm, radius, grid=False):
    a, b = jet(rng, sizes[0], 0.3), jet(rng, sizes[1], 0.35)
    if grid:  # equal momenta at equal places: a degenerate problem
        a, b = (np.column_stack([np.full(len(j), 2.0), np.round(j[:, 1:], 1)]) for j in (a, b))
    p, q = a[:, 0], b[:, 0]
    if norm:
        p, q = p / p.sum(), q / q.sum()
    turn = np.abs(a[:, None, 2] - b[None, :, 2]) % (2 * np.pi)
    turn = np.minimum(turn, 2 * np.pi - turn)
    theta = np.hypot(a[:, None, 1] - b[None, :, 1], turn) / radius
    gap = p.sum() - q.sum()
    cost = theta
    if gap > 0:
        q, cost = np.append(q, gap), np.column_stack([theta, np.zeros(len(p))])
    elif gap < 0:
        p, cost = np.append(p, -gap), np.vstack([theta, np.zeros(len(q))])
    value = ot.emd2(p / p.sum(), q / q.sum(), cost, numItermax=1_000_000) * p.sum() + (0 if norm else abs(gap))
    wrapped = b.copy()
    wrapped[:, 2] = (b[:, 2] + np.pi) % (2 * np.pi) - np.pi
    return {"a": a.tolist(), "b": wrapped.tolist(), "norm": norm, "R": radius, "emd": value}


def side_band_fit(counts, bins, window, degree):
    """exp(polynomial) by maximum Poisson likelihood, in the monomial basis, and its covariance."""
    used = np.array([b for b in bins if b not in window])
    t = lambda b: 2 * (np.asarray(b) - bins[0]) / (len(bins) - 1) - 1
    design = np.vander(t(used), degree + 1, increasing=True)
    n = counts[used]
    nll = lambda c: np.sum(np.exp(design @ c) - n * (design @ c))
    slope = lambda c: design.T @ (np.exp(design @ c) - n)
    curvature = lambda c: design.T @ (np.exp(design @ c)[:, None] * design)
    c = minimize(nll, np.r_[np.log(n.mean()), np.zeros(degree)], jac=slope, hess=curvature, method="trust-exact", options={"gtol": 1e-9}).x
    for _ in range(3):
        c = c - np.linalg.solve(curvature(c), slope(c))
    expected = np.exp(design @ c)
    logs = np.where(n > 0, n * np.log(np.where(n > 0, n, 1) / expected), 0)
    inside = np.vander(t(window), degree + 1, increasing=True)
    rates = np.exp(inside @ c)
    gradient = rates @ inside
    return {"deviance": 2 * np.sum(expected - n + logs), "dof": len(used) - degree - 1, "degree": degree, "b": rates.sum(),
            "sigma": np.sqrt(gradient @ np.linalg.inv(curvature(c)) @ gradient)}


def bump_case(rng, jets, signal, width, window):
    mass = np.round(np.concatenate([60 + rng.gamma(1.6, 45, jets), rng.normal(175, 8, signal)]).clip(0), 2)
    label = np.r_[np.zeros(jets, int), np.ones(signal, int)]
    score = np.round(rng.normal(1.2 * label, 1.0), 3)
    at = 0.25
    reference = np.sort(score[label == 0])[::-1]
    threshold = reference[int(np.ceil(at * jets)) - 1]
    kept = mass[score >= threshold]
    counts = np.bincount(np.floor(kept / width).astype(int)).astype(float)
    inside = range(int(window[0] / width), int(window[1] / width))
    around = [counts[max(0, b - 1):min(inside[0], b + 2)].sum() for b in range(inside[0])]
    bins = range(int(np.argmax(around)), len(counts))
    fit = side_band_fit(counts, bins, inside, 1)
    for degree in range(2, 5):
        following = side_band_fit(counts, bins, inside, degree)
        ratio = (fit["deviance"] - following["deviance"]) / (following["deviance"] / following["dof"])
        if fisher.sf(ratio, 1, following["dof"]) >= 0.05:
            break
        fit = following
    n, b, v = counts[list(inside)].sum(), fit["b"], fit["sigma"] ** 2
    z2 = 2 * (n * np.log(n * (b + v) / (b * b + n * v)) - b * b / v * np.log(1 + v * (n - b) / (b * (b + v))))
    return {"mass": mass.tolist(), "label": label.tolist(), "score": score.tolist(), "at": at, "width": width, "window": window,
            "threshold": threshold, "n": n, "z": np.sign(n - b) * np.sqrt(z2), **fit}


def main():
    rng = np.random.default_rng(41)
    pairs = [distance_correlation_case(rng, n, ties, weighted, offset)
             for n, offset in ((2, 0.0), (37, 0.0), (400, 1e6)) for ties in (False, True) for weighted in (False, True) if n > 2 or not ties]
    emds = [emd_case(rng, sizes, norm, 2.0, grid) for sizes in ((1, 1), (1, 7), (5, 5), (50, 50), (30, 80)) for norm in (False, True) for grid in (False, True)]
    bumps = [bump_case(rng, 3000, 150, 5, [160, 190]), bump_case(rng, 8000, 0, 5, [160, 190]), bump_case(rng, 6000, 60, 10, [150, 200])]
    fisher_tails = [{"f": f, "n": n, "p": fisher.sf(f, 1, n)} for f in (0.01, 0.5, 3.84, 20.0) for n in (1, 2, 7, 40, 1000)]
    fixture = {"bump_hunt": bumps, "fisher": fisher_tails, "distance_correlation": pairs, "emd": emds}
    path = pathlib.Path(__file__).parents[1] / "Fixtures" / "measures.json"
    path.write_text(json.dumps(fixture, default=float))


if __name__ == "__main__":
    main()
