"""JAX as a peer: one compiled step (form step), or a whole epoch compiled as a scan of steps (form scan); dense images, Adam by hand."""

import os
import sys

import worker

# Before JAX is loaded: as many threads as the run may use processors, which XLA takes from the affinity.
os.environ["JAX_PLATFORMS"] = "cpu"

import functools

import jax
import jax.numpy as jnp
import numpy
from jax import lax, nn


def linear(p, name, x):
  return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]


def gaussian_kl(mu, logvar, mean=0.0, variance=1.0):
  return ((jnp.exp(logvar) + (mean - mu) ** 2) / variance - 1 + jnp.log(variance) - logvar) / 2


def dvae(p, x, noise, mass):
  h = nn.selu(linear(p, "encoder.1", x))
  mu, logvar = linear(p, "mu", h), linear(p, "logvar", h)
  r = nn.softmax(mu + jnp.exp(logvar / 2) * noise)
  reconstruction = -(x * nn.log_softmax(r @ p["decoder.weight"].T)).sum(1)
  # The prior of alpha = (1, 1): mean 0, variance (1/α)(1 − 2/R) + Σ 1/α / R² = 1/2.
  return (reconstruction + worker.PRIOR_BETA * gaussian_kl(mu, logvar, 0.0, 0.5).sum(1)).mean()


def chain(p, part, x):
  for i in 1, 3, 5:
    x = nn.relu(linear(p, f"{part}.{i}", x))
  return linear(p, f"{part}.7", x)


def constituent_terms(p, x, noise):
  mu, logvar = jnp.split(chain(p, "encoder", x), 2, axis=1)
  error = ((chain(p, "decoder", mu + jnp.exp(logvar / 2) * noise) - x) ** 2).mean(1)
  return error + worker.CONSTITUENT_BETA * gaussian_kl(mu, logvar).mean(1)


def constituent(p, x, noise, mass):
  return constituent_terms(p, x, noise).mean()


def disco_term(x, y):
  def centred(v):
    distance = abs(v[:, None] - v[None, :])
    row = distance.mean(1)
    return distance - row[:, None] - row[None, :] + row.mean()

  a, b = centred(x), centred(y)
  return (a * b).mean() / jnp.sqrt((a * a).mean() * (b * b).mean())


def disco(p, x, noise, mass):
  each = constituent_terms(p, x, noise)
  return each.mean() + worker.LAMBDA * disco_term(each, mass)


def conv(p, name, x):
  y = lax.conv_general_dilated(x, p[f"{name}.weight"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
  return y + p[f"{name}.bias"]


def convolutional(p, x, noise, mass):
  h = x.reshape(-1, 40, 40, 1)
  for i in 2, 4:
    h = nn.selu(conv(p, f"encoder.{i}", h))
  h = h.reshape(-1, 20, 2, 20, 2, 10).mean((2, 4))
  for i in 7, 9:
    h = nn.selu(conv(p, f"encoder.{i}", h))
  h = nn.selu(linear(p, "encoder.12", h.reshape(len(x), -1)))
  mu, logvar = jnp.split(linear(p, "encoder.14", h), 2, axis=1)
  h = mu + jnp.exp(logvar / 2) * noise
  for i in 1, 3:
    h = nn.selu(linear(p, f"decoder.{i}", h))
  h = h.reshape(-1, 20, 20, 5)
  for i in 6, 8:
    h = nn.selu(conv(p, f"decoder.{i}", h))
  h = h.repeat(2, 1).repeat(2, 2)
  h = conv(p, "decoder.13", nn.selu(conv(p, "decoder.11", h))).reshape(len(x), -1)
  return (((h - x) ** 2).sum(1) + worker.IMAGE_BETA * gaussian_kl(mu, logvar).sum(1)).mean()


class Peer:
  version = f"JAX {jax.__version__}"
  losses = {"dvae": dvae, "constituent": constituent, "convolutional": convolutional, "disco": disco}

  def __init__(self, model, form, data, threads):
    self.form, self.data, self.states = form, data, {}
    self.gradient = jax.value_and_grad(self.losses[model])
    self.weights = data.channels_last() if model == "convolutional" else data.weights
    self.x, self.mass, self.noise = jnp.asarray(data.x), jnp.asarray(data.mass), jnp.asarray(data.noise)
    self.key, self.latent = jax.random.key(1), data.noise.shape[2]
    self.order = numpy.random.default_rng(1)
    self.compiled_step = jax.jit(self.descend, donate_argnums=0)
    self.random_step = jax.jit(self.drawn, donate_argnums=0)
    self.scan = jax.jit(lambda state, x, mass, rows, key: lax.scan(
      lambda s, both: self.drawn(s, x, mass, *both), state, (rows, jax.random.split(key, len(rows)))), donate_argnums=0)

  def descend(self, state, x, noise, mass):
    """One step of Adam (arXiv:1412.6980)."""
    parameters, first, second, count = state
    loss, gradient = self.gradient(parameters, x, noise, mass)
    (b1, b2), count = self.data.betas, count + 1
    first = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, first, gradient)
    second = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, second, gradient)
    rate, scale = self.data.lr / (1 - b1**count), jnp.sqrt(1 - b2**count)
    parameters = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) / scale + self.data.eps), parameters, first, second)
    return (parameters, first, second, count), loss

  def drawn(self, state, x, mass, rows, key):
    return self.descend(state, x[rows], jax.random.normal(key, (rows.shape[0], self.latent)), mass[rows])

  def start(self, batch):
    parameters = {name: jnp.array(value) for name, value in self.weights.items()}
    zeros = lambda: jax.tree.map(jnp.zeros_like, parameters)
    self.states[batch] = parameters, zeros(), zeros(), jnp.zeros((), jnp.float32)

  def step(self, batch, k):
    rows = self.data.rows(batch, k)
    self.states[batch], loss = self.compiled_step(self.states[batch], self.x[rows], self.noise[k, :batch], self.mass[rows])
    return loss

  def epoch(self, batch):
    steps = len(self.x) // batch
    rows = jnp.asarray(self.order.permutation(len(self.x))[: steps * batch].reshape(steps, batch).astype(numpy.int32))
    self.key, key = jax.random.split(self.key)
    if self.form == "scan":
      self.states[batch], losses = self.scan(self.states[batch], self.x, self.mass, rows, key)
      return losses.mean()
    losses = []
    for part, key in zip(rows, jax.random.split(key, steps)):
      self.states[batch], loss = self.random_step(self.states[batch], self.x, self.mass, part, key)
      losses.append(loss)
    return jnp.stack(losses).mean()


if __name__ == "__main__":
  worker.serve(Peer)
