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


def main():
    rng = np.random.default_rng(41)
    pairs = [distance_correlation_case(rng, n, ties, weighted, offset)
             for n, offset in ((2, 0.0), (37, 0.0), (400, 1e6)) for ties in (False, True) for weighted in (False, True) if n > 2 or not ties]
    emds = [emd_case(rng, sizes, norm, 2.0, grid) for sizes in ((1, 1), (1, 7), (5, 5), (50, 50), (30, 80)) for norm in (False, True) for grid in (False, True)]
    fixture = {"distance_correlation": pairs, "emd": emds}
    path = pathlib.Path(__file__).parents[1] / "Fixtures" / "measures.json"
    path.write_text(json.dumps(fixture))


if __name__ == "__main__":
    main()
