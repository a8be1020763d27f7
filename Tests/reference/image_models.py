#!/usr/bin/env python3
"""Losses, gradients and scores of the image models of arXiv:2104.08291 in PyTorch, in float64, with given weights and noise.

Independent of jetlua. Writes Tests/Fixtures/image_models.json: for each model its options, weights, jets, noise and jet weights, and
what follows from them. Run it from the repository's folder.
"""

import json
import math

import torch

torch.set_default_dtype(torch.float64)
SIDE, FILTERS, KERNEL, HIDDEN, LATENT, JETS = 8, [[2, 3], [2]], 3, 5, 2, 6


class Numbered(torch.nn.Module):
  """Layers in a row whose names count from 1."""

  def __init__(self, layers):
    super().__init__()
    for i, layer in enumerate(layers, 1):
      self.add_module(str(i), layer)

  def forward(self, x):
    for layer in self.children():
      x = layer(x)
    return x


def conv(inputs, outputs):
  return torch.nn.Conv2d(inputs, outputs, KERNEL, padding=KERNEL // 2)


def encoder(outputs):
  selu, half = torch.nn.SELU, SIDE // 2
  return Numbered([
    torch.nn.Unflatten(1, (1, SIDE, SIDE)), conv(1, 2), selu(), conv(2, 3), selu(), torch.nn.AvgPool2d(2), conv(3, 2), selu(),
    torch.nn.Flatten(), torch.nn.Linear(2 * half * half, HIDDEN), selu(), torch.nn.Linear(HIDDEN, outputs),
  ])


def decoder():
  selu, half = torch.nn.SELU, SIDE // 2
  return Numbered([
    torch.nn.Linear(LATENT, HIDDEN), selu(), torch.nn.Linear(HIDDEN, 2 * half * half), selu(), torch.nn.Unflatten(1, (2, half, half)),
    conv(2, 3), selu(), torch.nn.Upsample(scale_factor=2), conv(3, 2), selu(), conv(2, 1), torch.nn.Flatten(),
  ])


class Autoencoder(torch.nn.Module):
  def __init__(self):
    super().__init__()
    self.encoder, self.decoder = encoder(LATENT), decoder()

  def terms(self, x, _):
    return {"reconstruction": (1.0, ((self.decoder(self.encoder(x)) - x) ** 2).sum(1))}

  def scores(self, x):
    z = self.encoder(x)
    return {"latent": z, "mse": ((self.decoder(z) - x) ** 2).sum(1)}


class VAE(torch.nn.Module):
  def __init__(self, beta):
    super().__init__()
    self.beta = beta
    self.encoder, self.decoder = encoder(2 * LATENT), decoder()

  def posterior(self, x):
    return self.encoder(x).chunk(2, dim=1)

  def kl(self, mu, logvar, _):
    posterior = torch.distributions.Normal(mu, (logvar / 2).exp())
    return torch.distributions.kl_divergence(posterior, torch.distributions.Normal(0.0, 1.0)).sum(1)

  def distance(self, z):
    return 0.5 * (z**2).sum(1)

  def terms(self, x, noise):
    mu, logvar = self.posterior(x)
    z = mu + (logvar / 2).exp() * noise
    return {"reconstruction": (1.0, ((self.decoder(z) - x) ** 2).sum(1)), "kl": (self.beta, self.kl(mu, logvar, z))}

  def scores(self, x):
    mu, logvar = self.posterior(x)
    return {
      "latent": mu, "mse": ((self.decoder(mu) - x) ** 2).sum(1), "kl": self.kl(mu, logvar, mu), "prior_distance": self.distance(mu),
    }


class GaussianMixtureVAE(VAE):
  def __init__(self, beta, separation, components):
    super().__init__(beta)
    self.separation = separation
    self.prior_logits = torch.nn.Parameter(torch.randn(components))
    self.prior_means = torch.nn.Parameter(torch.randn(components, LATENT))
    self.prior_logvars = torch.nn.Parameter(0.3 * torch.randn(components, LATENT))

  def prior(self):
    each = torch.distributions.Independent(torch.distributions.Normal(self.prior_means, (self.prior_logvars / 2).exp()), 1)
    return torch.distributions.MixtureSameFamily(torch.distributions.Categorical(logits=self.prior_logits), each)

  def distance(self, z):
    return -self.prior().log_prob(z)

  def kl(self, mu, logvar, z):
    entropy = torch.distributions.Normal(mu, (logvar / 2).exp()).entropy().sum(1)
    return -entropy - self.prior().log_prob(z)

  def ashman(self):
    means, variances = self.prior_means, self.prior_logvars.exp()
    return torch.stack([
      (2 * (means[a] - means[b]) ** 2 / (variances[a] + variances[b])).sum().sqrt() for a in range(len(means)) for b in range(a + 1, len(means))
    ])

  def terms(self, x, noise):
    terms = super().terms(x, noise)
    terms["separation"] = (self.separation, (1 - torch.tanh(self.ashman() / 2)).mean().expand(len(x)))
    return terms

  def scores(self, x):
    mu, _ = self.posterior(x)
    component = self.prior().component_distribution.log_prob(mu.unsqueeze(1)) + torch.log_softmax(self.prior_logits, 0)
    return super().scores(x) | {"responsibilities": torch.softmax(component, 1)}


class DirichletVAE(torch.nn.Module):
  """softmax of a Gaussian as latent space, its Laplace prior for Dirichlet(alpha), and softmax(W r) as decoder."""

  def __init__(self, alpha, beta, hidden):
    super().__init__()
    count = len(alpha)
    self.beta, alpha = beta, torch.tensor(alpha)
    self.encoder = Numbered([torch.nn.Linear(SIDE * SIDE, hidden)])
    self.mu, self.logvar = torch.nn.Linear(hidden, count), torch.nn.Linear(hidden, count)
    self.decoder = torch.nn.Linear(count, SIDE * SIDE, bias=False)
    mean, variance = alpha.log() - alpha.log().mean(), (1 - 2 / count) / alpha + (1 / alpha).sum() / count**2
    self.prior = torch.distributions.Normal(mean, variance.sqrt())

  def posterior(self, x):
    h = torch.selu(self.encoder(x))
    return self.mu(h), self.logvar(h)

  def images(self, z):
    return torch.softmax(self.decoder(torch.softmax(z, 1)), 1)

  def kl(self, mu, logvar):
    return torch.distributions.kl_divergence(torch.distributions.Normal(mu, (logvar / 2).exp()), self.prior).sum(1)

  def terms(self, x, noise):
    mu, logvar = self.posterior(x)
    output = self.images(mu + (logvar / 2).exp() * noise)
    return {"reconstruction": (1.0, -(x * output.log()).sum(1)), "kl": (self.beta, self.kl(mu, logvar))}

  def scores(self, x):
    mu, logvar = self.posterior(x)
    output = self.images(mu)
    cross_entropy = -(x * output.log()).sum(1)
    return {
      "latent": mu, "weights": torch.softmax(mu, 1), "mse": ((output - x) ** 2).sum(1), "cross_entropy": cross_entropy,
      "kl_reconstruction": cross_entropy + torch.xlogy(x, x).sum(1), "kl": self.kl(mu, logvar), "prior_distance": -self.prior.log_prob(mu).sum(1),
    }


def case(name, model, options):
  x = torch.rand(JETS, SIDE * SIDE) * (torch.rand(JETS, SIDE * SIDE) < 0.3)
  x = x / x.sum(1, keepdim=True)
  noise, weight = torch.randn(JETS, LATENT), torch.rand(JETS) + 0.5
  terms = model.terms(x, noise)
  total = sum(factor * (weight * term).sum() / weight.sum() for factor, term in terms.values())
  total.backward()
  result = {
    "model": name, "options": options,
    "state": {n: p.detach().tolist() for n, p in model.named_parameters()}, "x": x.tolist(), "noise": noise.tolist(), "weight": weight.tolist(),
    "total": total.item(), "terms": {n: term.tolist() for n, (_, term) in terms.items()},
    "gradients": {n: p.grad.tolist() for n, p in model.named_parameters()},
    "scores": {n: s.tolist() for n, s in model.scores(x).items()},
  }
  assert math.isfinite(total.item())
  return result


def main():
  torch.manual_seed(7)
  shared = {"size": SIDE, "filters": FILTERS, "kernel": KERNEL, "hidden": [HIDDEN]}
  cases = [
    case("Autoencoder", Autoencoder(), shared | {"bottleneck": LATENT}),
    case("VAE", VAE(0.3), shared | {"latent": LATENT, "beta": 0.3}),
    case("GaussianMixtureVAE", GaussianMixtureVAE(0.2, 0.7, 3), shared | {"latent": LATENT, "beta": 0.2, "separation": 0.7, "components": 3}),
    case("DirichletVAE", DirichletVAE([1.0, 0.25], 0.1, HIDDEN), {"input": SIDE * SIDE, "hidden": [HIDDEN], "alpha": [1.0, 0.25], "beta": 0.1}),
  ]
  with open("Tests/Fixtures/image_models.json", "w") as file:
    json.dump(cases, file)
    file.write("\n")


if __name__ == "__main__":
  main()
