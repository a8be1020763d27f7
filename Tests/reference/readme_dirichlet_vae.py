#!/usr/bin/env python3
"""The experiment of the README in PyTorch: python Tests/reference/readme_dirichlet_vae.py [seed]

The README shows what stands between the two marks; a test holds them against each other.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
SAMPLE = Path(__file__).parents[2] / "scripts/data/top_tagging_sample.h5"
SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 1

# --- as in the README ---
import numpy, torch
from sklearn.metrics import roc_auc_score, roc_curve
from torch.nn.functional import log_softmax, selu, softmax
import jet_images                                                # reads the file, makes the same images with NumPy

torch.manual_seed(SEED)
momenta, label = jet_images.read_jets(SAMPLE)
x = torch.from_numpy(jet_images.images(momenta).astype(numpy.float32))
order = numpy.random.default_rng(SEED).permutation(len(x))
train, test = order[: int(0.9 * len(x))], order[int(0.9 * len(x)):]

class DirichletVAE(torch.nn.Module):
    def __init__(self, pixels=1600, hidden=100, alpha=(1.0, 1.0), beta=0.1):
        super().__init__()
        self.hidden, self.beta, n = torch.nn.Linear(pixels, hidden), beta, len(alpha)
        self.mu, self.logvar = torch.nn.Linear(hidden, n), torch.nn.Linear(hidden, n)
        self.mixtures = torch.nn.Linear(n, pixels, bias=False)
        for layer in (self.hidden, self.mu, self.logvar, self.mixtures):
            torch.nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                torch.nn.init.zeros_(layer.bias)
        a = torch.tensor(alpha)                                  # the Gaussian whose softmax is nearest to Dirichlet(alpha)
        self.prior_mu = a.log() - a.log().mean()
        self.prior_var = (1 - 2 / n) / a + (1 / a).sum() / n**2

    def encode(self, x):
        h = selu(self.hidden(x))
        return self.mu(h), self.logvar(h)

    def cross_entropy(self, x, r):
        return -(x * log_softmax(self.mixtures(r), 1)).sum(1)

    def loss(self, x):
        mu, logvar = self.encode(x)
        r = softmax(mu + (logvar / 2).exp() * torch.randn_like(mu), 1)
        kl = ((logvar.exp() + (self.prior_mu - mu) ** 2) / self.prior_var - 1 + self.prior_var.log() - logvar).sum(1) / 2
        return (self.cross_entropy(x, r) + self.beta * kl).mean()

model = DirichletVAE()
adam = torch.optim.Adam(model.parameters(), lr=5e-3, betas=(0.9, 0.99), eps=1e-8)

for epoch in range(50):
    for rows in torch.from_numpy(numpy.random.permutation(train)).split(256):
        adam.zero_grad()
        loss = model.loss(x[rows])
        loss.backward()
        adam.step()

with torch.no_grad():
    r = softmax(model.encode(x[test])[0], 1)
    images = softmax(model.mixtures.weight, 0)                   # anomalous: the wider image
    row, column = numpy.divmod(numpy.arange(1600), 40)
    distance = torch.from_numpy(numpy.hypot(row - 19.5, column - 19.5)).float()
    score = r[:, (images * distance[:, None]).sum(0).argmax()]
    fpr, tpr, _ = roc_curve(label[test], score)
    print(roc_auc_score(label[test], score), 1 / fpr[tpr >= 0.5][0])
    print(roc_auc_score(label[test], model.cross_entropy(x[test], r)))
# --- end ---
