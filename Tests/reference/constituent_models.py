#!/usr/bin/env python3
"""The constituent VAE of arXiv:2007.01850 with DisCo and outlier exposure in PyTorch, independent of jetlua.

  constituent_models.py fixture > Tests/Fixtures/constituent_models.json
      losses and gradients in float64 of small models with given weights, noise and jets
  constituent_models.py train JETS.npz --model vae|oe|disco [--seed 1 --jets 40000 --epochs 30]
      trains on jets that scripts/dev/export_constituents.lua wrote and prints one JSON object of figures
"""

import argparse
import json
import sys

import numpy
import torch
from torch.nn.functional import relu, selu


def kl_per_dimension(mu, logvar, prior_mu=0.0, prior_var=1.0):
  prior_var = torch.as_tensor(prior_var, dtype=mu.dtype)
  return 0.5 * ((logvar.exp() + (mu - prior_mu) ** 2) / prior_var - 1 + prior_var.log() - logvar)


def disco(x, y, weight=None):
  """dCov²(x, y)/√(dVar²(x) dVar²(y)) by the N² matrices, weights normalised to sum N."""
  weight = torch.ones_like(x) if weight is None else weight / weight.sum() * len(weight)

  def centred(v):
    distance = (v[:, None] - v[None, :]).abs()
    row = (distance * weight).mean(1)
    return distance - row[:, None] - row[None, :] + (row * weight).mean()

  a, b = centred(x), centred(y)

  def average(product):
    return ((product * weight).mean(1) * weight).mean()

  return average(a * b) / (average(a * a) * average(b * b)).sqrt()


def exposure(form, inside, outside, margin):
  if form == "kl":
    return -relu(inside - outside + margin).mean(1)
  if form == "mse":
    return -relu(inside - outside + margin)
  return torch.sigmoid(outside - inside)


def ramp(epoch, start=10, length=5):
  return min(max((epoch - start) / length, 0), 1)


class VAE(torch.nn.Module):
  """Dense encoder to mu and logvar, mirrored decoder with a linear output."""

  def __init__(self, widths, latent, beta, activation=relu, mean=True):
    super().__init__()
    self.latent, self.beta, self.activation, self.mean = latent, beta, activation, mean
    sizes = lambda list: torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(list, list[1:]))
    self.encoder = sizes([*widths, 2 * latent])
    self.decoder = sizes([latent, *widths[::-1]])
    for layer in [*self.encoder, *self.decoder]:
      torch.nn.init.xavier_uniform_(layer.weight)
      torch.nn.init.zeros_(layer.bias)

  def dense(self, layers, x):
    for layer in layers[:-1]:
      x = self.activation(layer(x))
    return layers[-1](x)

  def posterior(self, x):
    return self.dense(self.encoder, x).split(self.latent, 1)

  def terms(self, x, noise):
    """Squared error and divergence per dimension, per jet."""
    mu, logvar = self.posterior(x)
    error = (self.dense(self.decoder, mu + (logvar / 2).exp() * noise) - x) ** 2
    return error.mean(1) if self.mean else error.sum(1), kl_per_dimension(mu, logvar)

  def total(self, error, kl):
    return error + self.beta * (kl.mean(1) if self.mean else kl.sum(1))

  def names(self):
    """Parameters by the names they have in jetlua, whose layers alternate with activations."""
    for part in ("encoder", "decoder"):
      for i, layer in enumerate(getattr(self, part)):
        yield f"{part}.{2 * i + 1}.weight", layer.weight
        yield f"{part}.{2 * i + 1}.bias", layer.bias


class DirichletVAE(torch.nn.Module):
  """arXiv:2104.08291 at the posterior mean: softmax(W softmax(mu)), cross-entropy."""

  def __init__(self, pixels, hidden, alpha, beta):
    super().__init__()
    count, alpha = len(alpha), torch.tensor(alpha)
    self.beta = beta
    # A name within a module may have no dot.
    self.layers = torch.nn.ModuleDict(dict(
      encoder_1=torch.nn.Linear(pixels, hidden), mu=torch.nn.Linear(hidden, count), logvar=torch.nn.Linear(hidden, count),
      decoder=torch.nn.Linear(count, pixels, bias=False)))
    self.prior = alpha.log() - alpha.log().mean(), (1 - 2 / count) / alpha + (1 / alpha).sum() / count**2

  def posterior(self, x):
    h = selu(self.layers["encoder_1"](x))
    return self.layers["mu"](h), self.layers["logvar"](h)

  def terms(self, x):
    mu, logvar = self.posterior(x)
    output = torch.log_softmax(self.layers["decoder"](torch.softmax(mu, 1)), 1)
    return -(x * output).sum(1), kl_per_dimension(mu, logvar, *self.prior)

  def names(self):
    for name, layer in self.layers.items():
      for kind, parameter in layer.named_parameters():
        yield f"{name.replace('_', '.')}.{kind}", parameter


def fixture():
  torch.set_default_dtype(torch.float64)
  torch.manual_seed(7)
  n, m, width, latent = 9, 4, 8, 3
  x, outliers = torch.randn(n, width), 1.5 * torch.randn(m, width) + 0.5
  noise, outlier_noise = torch.randn(n, latent), torch.randn(m, latent)
  mass, weight = 50 + 100 * torch.rand(n), 0.5 + torch.rand(n)
  mask = torch.tensor([1, 1, 0, 1, 1, 1, 0, 1, 1])
  image, other = torch.rand(n, width).softmax(1), torch.rand(m, width).softmax(1)
  inputs = dict(x=x, outliers=outliers, noise=noise, outlier_noise=outlier_noise, mass=mass, weight=weight, mask=mask, image=image, other=other)
  cases, models = [], {}

  def repeated(t):
    return t[torch.arange(n) % m]

  def case(kind, model, wrapper, options, terms):
    model.zero_grad()
    terms["total"].backward()
    cases.append(dict(model=kind, wrapper=wrapper, options=options, terms={k: t.item() for k, t in terms.items()},
      gradients={k: (torch.zeros_like(p) if p.grad is None else p.grad).flatten().tolist() for k, p in model.names()}))

  for kind, model in (("ConstituentVAE", VAE([width, 6, 5], latent, 0.1)), ("VAE", VAE([width, 6], latent, 0.3, selu, mean=False))):
    for _, parameter in model.names():
      torch.nn.init.uniform_(parameter, -0.7, 0.7)
    models[kind] = {k: dict(shape=list(p.shape), values=p.flatten().tolist()) for k, p in model.names()}
    reduce = lambda kl: kl.mean(1) if model.mean else kl.sum(1)

    def plain(weight=None):
      error, kl = model.terms(x, noise)
      average = (lambda t: (t * weight).sum() / weight.sum()) if weight is not None else torch.mean
      return error, kl, dict(reconstruction=average(error), kl=average(reduce(kl)), total=average(model.total(error, kl)))

    case(kind, model, None, {}, plain()[2])
    case(kind, model, None, dict(weight=True), plain(weight)[2])
    for score in ("loss", "kl", "mse"):
      for masked in (False, True):
        error, kl, terms = plain()
        chosen = dict(loss=model.total(error, kl), kl=reduce(kl), mse=error)[score]
        terms["disco"] = disco(chosen, mass, mask.double() if masked else None)
        terms["total"] = terms["total"] + 100 * terms["disco"]
        case(kind, model, "mass_decorrelation", dict(score=score, mask=masked), terms)
    for form in ("kl", "mse", "sigmoid"):
      error, kl, terms = plain()
      other_error, other_kl = model.terms(outliers, outlier_noise)
      inside, outside = (kl, other_kl) if form == "kl" else (error, other_error)
      terms["oe"] = exposure(form, inside, repeated(outside), 1.0).mean()
      terms["total"] = terms["total"] - 2 * terms["oe"]
      case(kind, model, "outlier_exposure", dict(form=form), terms)

  # Large weights spread the losses: of nearly equal ones float32 keeps few digits, and their correlation fewer.
  model = DirichletVAE(width, 5, [1.0, 0.25, 0.1], 0.1)
  for _, parameter in model.names():
    torch.nn.init.uniform_(parameter, -2.5, 2.5)
  models["DirichletVAE"] = {k: dict(shape=list(p.shape), values=p.flatten().tolist()) for k, p in model.names()}
  error, kl = model.terms(image)
  each = error + model.beta * kl.sum(1)
  term = disco(each, mass)
  case("DirichletVAE", model, "mass_decorrelation", dict(score="loss", mask=False), dict(reconstruction=error.mean(), kl=kl.sum(1).mean(), disco=term, total=each.mean() + 100 * term))
  error, kl = model.terms(image)
  oe = exposure("kl", kl, repeated(kl_per_dimension(*model.posterior(other), *model.prior)), 1.0).mean()
  case("DirichletVAE", model, "outlier_exposure", dict(form="kl"), dict(reconstruction=error.mean(), kl=kl.sum(1).mean(), oe=oe, total=(error + model.beta * kl.sum(1)).mean() - 2 * oe))
  json.dump(dict(inputs={k: dict(shape=list(t.shape), values=t.flatten().tolist()) for k, t in inputs.items()}, models=models, cases=cases), sys.stdout)
  print()


def aligned(jets):
  """Rows [N, 80] of the 20 hardest (E, px, py, pz), turned and boosted as in the paper's code."""
  p = jets.reshape(len(jets), -1, 4).astype(float)
  e, px, py, pz = (p[..., i] for i in range(4))
  present = (p != 0).any(-1)
  angle = -numpy.arctan2(py.sum(1), px.sum(1))[:, None]
  px, py = px * numpy.cos(angle) - py * numpy.sin(angle), px * numpy.sin(angle) + py * numpy.cos(angle)
  beta = (pz.sum(1) / e.sum(1))[:, None]
  gamma = 1 / numpy.sqrt(1 - beta**2)
  e, pz = gamma * (e - beta * pz), gamma * (pz - beta * e)
  pt = numpy.hypot(px, py)
  eta, phi = numpy.where(present, numpy.arcsinh(pz / numpy.where(pt > 0, pt, 1)), 0), numpy.where(present, numpy.arctan2(py, px), 0)
  r = numpy.hypot(eta, phi)
  unit = numpy.where(present & (r > 0), e / numpy.where(r > 0, r, 1), 0)
  alpha = numpy.arctan2((eta * unit).sum(1), (phi * unit).sum(1))[:, None]
  py, pz = py * numpy.cos(alpha) + pz * numpy.sin(alpha), pz * numpy.cos(alpha) - py * numpy.sin(alpha)
  return numpy.stack((e, px, py, pz), -1).reshape(len(p), -1)


def figures(score, mass, label):
  """AUC, AUC at equal mass and mass sculpting of a score."""
  from sklearn.metrics import roc_auc_score

  bins = (mass // 5).astype(int)
  count = [numpy.bincount(bins[label == c], minlength=bins.max() + 1) for c in (0, 1)]
  good = (count[0] >= 20) & (count[1] >= 20)
  share = [c / c.sum() for c in count]
  least = numpy.where(good, numpy.minimum(*share), 0)
  weight = numpy.select([label == c for c in (0, 1)], [(least / numpy.where(count[c] > 0, share[c], 1))[bins] for c in (0, 1)])
  kept = weight > 0
  background = label == 0
  cut = numpy.quantile(score[background], 0.5)
  p, q = (numpy.bincount(bins[background & side], minlength=bins.max() + 1).astype(float) for side in (score >= cut, score < cut))
  p, q = p / p.sum(), q / q.sum()
  middle = (p + q) / 2
  relative = lambda a: numpy.sum(a[a > 0] * numpy.log(a[a > 0] / middle[a > 0]))
  return dict(auc=roc_auc_score(label, score), auc_equal_mass=roc_auc_score(label[kept], score[kept], sample_weight=weight[kept]), jsd=(relative(p) + relative(q)) / 2)


def train(o):
  torch.manual_seed(o.seed)
  torch.set_num_threads(o.threads)
  random = numpy.random.default_rng(o.seed)
  data = numpy.load(o.jets_file)
  raw = {name: aligned(data[name]) for name in ("train", "test", "outliers")}
  raw["train"] = raw["train"][: o.jets]
  low, center, high = numpy.percentile(raw["train"], (25, 50, 75), axis=0)
  scale = numpy.where(high > low, high - low, 1)
  x, test, w = (torch.tensor((raw[name] - center) / scale, dtype=torch.float32) for name in ("train", "test", "outliers"))
  mass = torch.tensor(data["train_mass"][: o.jets], dtype=torch.float32)
  edges = numpy.arange(0, 305, 5)
  spectra = [numpy.histogram(data[name], edges)[0] for name in ("train_mass", "outliers_mass")]
  ratio = numpy.where(spectra[1] > 0, spectra[0] / numpy.maximum(spectra[1], 1), 0)
  place = numpy.clip((data["outliers_mass"] // 5).astype(int), 0, len(ratio) - 1)
  chance = ratio[place] * (data["outliers_mass"] < 300)
  outliers = w[random.choice(len(w), len(x) // 5, p=chance / chance.sum())]
  model = VAE([80, 256, 128, 64], 10, 0.1)
  adam = torch.optim.Adam(model.parameters(), lr=1e-3)
  batch = o.batch or (500 if o.model == "disco" else 100)
  following, order = 0, torch.randperm(len(outliers))
  for epoch in range(1, o.epochs + 1):
    strength = ramp(epoch)
    for rows in torch.randperm(len(x)).split(batch)[: len(x) // batch]:
      b = x[rows]
      error, kl = model.terms(b, torch.randn(len(b), 10))
      loss = model.total(error, kl).mean()
      if o.model == "disco" and strength > 0:
        loss = loss + 100 * strength * disco(model.total(error, kl), mass[rows])
      if o.model == "oe" and strength > 0:
        if following + batch > len(order):
          following, order = 0, torch.randperm(len(outliers))
        other = outliers[order[following : following + batch]]
        following += batch
        loss = loss - 2 * strength * exposure("kl", kl, kl_per_dimension(*model.posterior(other)), 1.0).mean()
      adam.zero_grad()
      loss.backward()
      adam.step()
  with torch.no_grad():
    mu, logvar = model.posterior(test)
    scores = dict(kl=kl_per_dimension(mu, logvar).sum(1), mse=((model.dense(model.decoder, mu) - test) ** 2).mean(1))
  label, masses = data["test_label"], data["test_mass"]
  print(json.dumps(dict(model=o.model, seed=o.seed, scores={k: figures(v.double().numpy(), masses, label) for k, v in scores.items()})))


def scaled(rows):
  low, center, high = numpy.percentile(rows, (25, 50, 75), axis=0)
  return torch.tensor((rows - center) / numpy.where(high > low, high - low, 1), dtype=torch.float32)


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  commands = parser.add_subparsers(dest="command", required=True)
  commands.add_parser("fixture")
  training = commands.add_parser("train")
  training.add_argument("jets_file")
  training.add_argument("--model", choices=("vae", "oe", "disco"), default="vae")
  training.add_argument("--seed", type=int, default=1)
  training.add_argument("--jets", type=int, default=40000)
  training.add_argument("--epochs", type=int, default=30)
  training.add_argument("--batch", type=int, default=0)
  training.add_argument("--threads", type=int, default=2)
  options = parser.parse_args()
  if options.command == "train":
    train(options)
  else:
    fixture()


if __name__ == "__main__":
  main()
