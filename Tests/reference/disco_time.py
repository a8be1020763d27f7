"""Times the DisCo term of a loss, all pairs, forward and backward, in PyTorch: the peer of scripts/dev/bench_measures.lua.

    venv/bin/pip install torch && venv/bin/python Tests/reference/disco_time.py [jets …]
"""

import sys
import time

import torch


def disco(x, y):
    """DisCo of arXiv:2001.05310 in the form of its authors' code: N by N distances, centred twice."""

    def centred(v):
        d = (v.view(-1, 1) - v.view(1, -1)).abs()
        row = d.mean(1)
        return d - row.view(-1, 1) - row.view(1, -1) + row.mean()

    a, b = centred(x), centred(y)
    return (a * b).mean() / torch.sqrt((a * a).mean() * (b * b).mean())


torch.set_num_threads(2)
for jets in [int(n) for n in sys.argv[1:]] or [100, 1024, 20000]:
    x, y = torch.randn(jets, requires_grad=True), torch.randn(jets)
    best = float("inf")
    for _ in range(3 if jets > 5000 else 30):
        start = time.perf_counter()
        disco(x, y).backward()
        best = min(best, time.perf_counter() - start)
    print(f"DisCo term with its gradient, {jets} jets: {best * 1e3:.2f} ms")
