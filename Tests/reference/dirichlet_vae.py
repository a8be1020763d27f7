#!/usr/bin/env python3
"""The Dirichlet-VAE of arXiv:2104.08291 in PyTorch, on the CPU: what jetlua's results and speed are compared with.

Independent of jetlua. Prints one JSON object: AUCs on held-out jets, losses per epoch, training jets per second.
`--form` chooses how the same model is trained, each as fast as PyTorch sensibly does it:
  eager          dense images in one resident tensor, batches by index_select, fused Adam
  compile        the same through torch.compile
  sparse         active pixels only: embedding_bag for the first layer and for the cross-entropy's linear part
  sparse_compile the same through torch.compile
"""

import argparse
import json
import sys
import time

import numpy
import torch
from sklearn.metrics import roc_auc_score
from torch.nn.functional import embedding_bag, linear, selu

import jet_images


def softmax_gaussian_prior(alpha):
  """Mean and variance `[R]` of the Gaussian whose softmax approximates Dirichlet(alpha) (Laplace's approximation)."""
  alpha = torch.as_tensor(alpha, dtype=torch.float64)
  count = len(alpha)
  mean = alpha.log() - alpha.log().mean()
  variance = (1 - 2 / count) / alpha + (1 / alpha).sum() / count**2
  return mean, variance


def gaussian_kl(mu, logvar, prior_mu, prior_var):
  """KL divergence `[N]` of N(mu, exp logvar) from N(prior_mu, prior_var), summed over the dimensions, in nats."""
  terms = (logvar.exp() + (prior_mu - mu) ** 2) / prior_var - 1 + prior_var.log() - logvar
  return terms.sum(dim=1) / 2


class DirichletVAE(torch.nn.Module):
  """Encoder 1600 → 100 SELU → (μ, ln σ²), weights r = softmax(z), decoder softmax(W r)."""

  def __init__(self, alpha, beta, pixels=1600, hidden=100):
    super().__init__()
    self.count, self.beta = len(alpha), beta
    self.hidden = torch.nn.Linear(pixels, hidden)
    self.posterior = torch.nn.Linear(hidden, 2 * self.count)
    self.decoder = torch.nn.Linear(self.count, pixels, bias=False)
    for layer in (self.hidden, self.decoder):
      torch.nn.init.xavier_uniform_(layer.weight)
    # Two layers of R outputs each, kept in one matrix: the initial range is that of each.
    for half in self.posterior.weight.data.split(self.count):
      torch.nn.init.xavier_uniform_(half)
    for layer in (self.hidden, self.posterior):
      torch.nn.init.zeros_(layer.bias)
    mean, variance = softmax_gaussian_prior(alpha)
    self.register_buffer("prior_mu", mean.float())
    self.register_buffer("prior_var", variance.float())

  def encode(self, x):
    return self.posterior(selu(self.hidden(x))).split(self.count, dim=1)

  def sample(self, mu, logvar, noise=None):
    return torch.softmax(mu + (logvar / 2).exp() * (torch.randn_like(mu) if noise is None else noise), dim=1)

  def total(self, reconstruction, mu, logvar):
    reconstruction = reconstruction.mean()
    kl = gaussian_kl(mu, logvar, self.prior_mu, self.prior_var).mean()
    return reconstruction + self.beta * kl, torch.stack((reconstruction.detach(), kl.detach()))

  def dense_loss(self, x, noise=None):
    mu, logvar = self.encode(x)
    output = torch.log_softmax(self.decoder(self.sample(mu, logvar, noise)), dim=1)
    return self.total(-(x * output).sum(dim=1), mu, logvar)


class SparseDirichletVAE(DirichletVAE):
  """The same model for rows of active pixels; the weights that meet pixels are stored pixel by pixel."""

  def __init__(self, alpha, beta):
    super().__init__(alpha, beta)
    self.by_pixel = torch.nn.Parameter(self.hidden.weight.detach().t().contiguous())
    self.bias = torch.nn.Parameter(self.hidden.bias.detach())
    self.mixtures = torch.nn.Parameter(self.decoder.weight.detach().clone())
    del self.hidden, self.decoder

  def sparse_loss(self, pixel, start, value, noise=None):
    def rows(weight):
      return embedding_bag(pixel, weight, start, mode="sum", per_sample_weights=value)

    mu, logvar = self.posterior(selu(rows(self.by_pixel) + self.bias)).split(self.count, dim=1)
    r = self.sample(mu, logvar, noise)
    # −Σ x ln softmax(W r) of an image of unit sum: ln Σ exp(W r) − r · Σ x W.
    reconstruction = torch.logsumexp(linear(r, self.mixtures), dim=1) - (r * rows(self.mixtures)).sum(dim=1)
    return self.total(reconstruction, mu, logvar)

  def dense(self, alpha):
    """The trained model in its dense form, for evaluation."""
    model = DirichletVAE(alpha, self.beta)
    model.hidden.weight.data, model.hidden.bias.data = self.by_pixel.data.t().contiguous(), self.bias.data
    model.decoder.weight.data = self.mixtures.data
    model.posterior.load_state_dict(self.posterior.state_dict())
    return model


def dense_epoch(loss, x, batch):
  """Yields the loss of each shuffled batch of the resident dense images; a last partial batch is dropped."""
  for rows in torch.randperm(len(x)).split(batch)[: len(x) // batch]:
    yield loss(x.index_select(0, rows))


def sparse_epoch(loss, sparse, batch, order=None):
  """The same for rows of active pixels: the epoch's order is laid out once, so that batches are slices. An order that is
  given is followed to its end."""
  pixel, start, value = sparse
  count = len(start) - 1
  batches = count // batch if order is None else -(-count // batch)
  order = torch.randperm(count) if order is None else order
  length = start.diff().index_select(0, order)
  begin = torch.cat((torch.zeros(1, dtype=torch.long), length.cumsum(0)))
  source = torch.repeat_interleave(start.index_select(0, order) - begin[:-1], length) + torch.arange(len(pixel))
  pixel, value = pixel.index_select(0, source), value.index_select(0, source)
  limits = begin[::batch].tolist()
  for k in range(batches):
    first, last = limits[k], (limits[k + 1] if k + 1 < len(limits) else len(pixel))
    yield loss(pixel[first:last], begin[k * batch:min((k + 1) * batch, count)] - first, value[first:last])


def to_sparse(x):
  """Active pixels of dense rows: pixel numbers, the start of each row (and the end of the last), values."""
  active = x.nonzero()
  start = torch.searchsorted(active[:, 0].contiguous(), torch.arange(len(x) + 1))
  return active[:, 1].contiguous(), start, x[active[:, 0], active[:, 1]]


def train(options, x):
  """Trains on images `[N, 1600]`; returns the dense model and what was measured in the loop."""
  torch.manual_seed(options.seed)
  sparse = options.form.startswith("sparse")
  model = (SparseDirichletVAE if sparse else DirichletVAE)(options.alpha, options.beta)
  loss = model.sparse_loss if sparse else model.dense_loss
  if options.form.endswith("compile"):
    loss = torch.compile(loss, dynamic=sparse)
  data, epoch_losses = (to_sparse(x), sparse_epoch) if sparse else (x, dense_epoch)
  adam = torch.optim.Adam(model.parameters(), lr=options.lr, betas=options.betas, eps=options.eps, fused=True)

  losses, seconds = [], []
  for epoch in range(1, options.epochs + 1):
    terms = torch.zeros(2)
    started = time.perf_counter()
    for total, parts in epoch_losses(loss, data, options.batch):
      adam.zero_grad(set_to_none=True)
      total.backward()
      adam.step()
      terms += parts
    seconds.append(time.perf_counter() - started)
    reconstruction, kl = (terms / (len(x) // options.batch)).tolist()
    losses.append({"epoch": epoch, "total": reconstruction + options.beta * kl,
                   "reconstruction": reconstruction, "kl": kl})
  return (model.dense(options.alpha) if sparse else model), losses, seconds


def anomaly_weight(alpha, mixtures, signal):
  """Index of the weight declared anomalous before a label is seen: of the smallest alpha; if all are equal, the one
  whose mixture image is wider about the image's centre (narrower when QCD is the signal)."""
  if len(set(alpha)) > 1:
    return int(numpy.argmin(alpha))
  row, column = numpy.divmod(numpy.arange(mixtures.shape[1]), jet_images.SIZE)
  centre = (jet_images.SIZE - 1) / 2
  width = (mixtures * numpy.hypot(row - centre, column - centre)).sum(axis=1)
  return int(numpy.argmin(width) if signal == "qcd" else numpy.argmax(width))


@torch.no_grad()
def evaluate(options, model, x, is_signal):
  """AUC of the declared weight, of every weight and of both reconstruction scores, all from the posterior mean."""
  r = torch.softmax(model.encode(x)[0], dim=1)
  cross_entropy = -(x * torch.log_softmax(model.decoder(r), dim=1)).sum(dim=1)
  kl_reconstruction = cross_entropy + torch.special.xlogy(x, x).sum(dim=1)
  mixtures = torch.softmax(model.decoder.weight.t(), dim=1).numpy()
  weight = anomaly_weight(options.alpha, mixtures, options.signal)
  return {
    "anomaly_weight": weight + 1,
    "auc_weight": roc_auc_score(is_signal, r[:, weight]),
    "auc_weights": [roc_auc_score(is_signal, r[:, i]) for i in range(len(options.alpha))],
    "auc_cross_entropy": roc_auc_score(is_signal, cross_entropy),
    "auc_kl_reconstruction": roc_auc_score(is_signal, kl_reconstruction),
  }


def prepare(options):
  """Training images (all of the background, `ratio` times as many signal jets) and held-out images with their classes."""
  momenta, label = jet_images.read_jets(options.data)
  is_signal = label == (1 if options.signal == "top" else 0)
  random = numpy.random.default_rng(options.seed)
  order = random.permutation(len(label))
  cut = round(0.9 * len(label))
  training, held_out = order[:cut], order[cut:]
  background, signal = training[~is_signal[training]], training[is_signal[training]]
  wanted = round(options.ratio * len(background))
  if options.ratio == 1:
    wanted = len(signal)  # balanced: the sample as it is
  if wanted > len(signal):
    sys.exit(f"dirichlet_vae: ratio: expected at most {len(signal) / len(background):.3f}, got {options.ratio}")
  chosen = random.permutation(numpy.concatenate((background, signal[:wanted])))
  x = torch.from_numpy(jet_images.images(momenta).astype(numpy.float32))
  return x[chosen], x[held_out], is_signal[held_out]


def numbers(text):
  return [float(part) for part in text.split(",")]


def parse():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--data", required=True, help="file in the community top-tagging layout")
  parser.add_argument("--form", default="eager", choices=("eager", "compile", "sparse", "sparse_compile"))
  parser.add_argument("--alpha", type=numbers, default=[1.0, 1.0], help="prior; its length is R (default 1,1)")
  parser.add_argument("--beta", type=float, default=0.1, help="prefactor of the KL term (default 0.1)")
  parser.add_argument("--epochs", type=int, default=200)
  parser.add_argument("--batch", type=int, default=100)
  parser.add_argument("--lr", type=float, default=0.005)
  parser.add_argument("--betas", type=numbers, default=[0.9, 0.99])
  parser.add_argument("--eps", type=float, default=1e-8)
  parser.add_argument("--signal", default="top", choices=("top", "qcd"))
  parser.add_argument("--ratio", type=float, default=1.0, help="signal jets per background jet in the training set")
  parser.add_argument("--seed", type=int, default=1)
  parser.add_argument("--threads", type=int, default=2)
  parser.add_argument("--output", help="write the JSON here instead of printing it")
  return parser.parse_args()


def main():
  options = parse()
  torch.set_num_threads(options.threads)
  x, unseen, is_signal = prepare(options)
  model, losses, seconds = train(options, x)
  jets = len(x) // options.batch * options.batch
  result = {
    "options": vars(options) | {"torch": torch.__version__},
    "training_jets": len(x),
    # The first epoch warms caches up and compiles; it counts only where it is the only one.
    "jets_per_second": jets / float(numpy.median(seconds[1:] or seconds)),
    "first_epoch_seconds": seconds[0],
    **evaluate(options, model, unseen, is_signal),
    "losses": losses,
  }
  text = json.dumps(result, indent=2)
  if options.output:
    with open(options.output, "w") as file:
      file.write(text + "\n")
  else:
    print(text)


if __name__ == "__main__":
  main()
