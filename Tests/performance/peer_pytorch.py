"""PyTorch as a peer: form eager, compile, sparse (embedding_bag on the active pixels, Dirichlet-VAE only) or sparse_compile; fused Adam."""

import pathlib
import sys

import torch
from torch import nn

import worker

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
import constituent_models
import dirichlet_vae


class DirichletVAE:
  """Dense images, batches by index_select."""

  def __init__(self, data):
    self.model = dirichlet_vae.DirichletVAE([1.0, 1.0], worker.PRIOR_BETA)
    given, model = {name: torch.from_numpy(value) for name, value in data.weights.items()}, self.model
    model.hidden.weight.data, model.hidden.bias.data, model.decoder.weight.data = given["encoder.1.weight"], given["encoder.1.bias"], given["decoder.weight"]
    for kind in "weight", "bias":
      getattr(model.posterior, kind).data = torch.cat((given[f"mu.{kind}"], given[f"logvar.{kind}"]))
    self.parameters = list(model.parameters())

  def loss(self, x, noise, mass):
    return self.model.dense_loss(x, noise)[0]


class ConstituentVAE:
  disco = False

  def __init__(self, data):
    self.model = constituent_models.VAE([80, 256, 128, 64], 10, worker.CONSTITUENT_BETA)
    for name, parameter in self.model.names():
      parameter.data = torch.from_numpy(data.weights[name])
    self.parameters = list(self.model.parameters())

  def loss(self, x, noise, mass):
    each = self.model.total(*self.model.terms(x, noise))
    return each.mean() + worker.LAMBDA * constituent_models.disco(each, mass) if self.disco else each.mean()


class DisCoVAE(ConstituentVAE):
  disco = True


class ConvolutionalVAE:
  def __init__(self, data):
    def conv(inputs, outputs):
      return nn.Conv2d(inputs, outputs, 5, padding=2)

    self.encoder = nn.Sequential(
      nn.Unflatten(1, (1, 40, 40)), conv(1, 10), nn.SELU(), conv(10, 10), nn.SELU(), nn.AvgPool2d(2), conv(10, 10), nn.SELU(), conv(10, 5), nn.SELU(),
      nn.Flatten(), nn.Linear(2000, 100), nn.SELU(), nn.Linear(100, 2))
    self.decoder = nn.Sequential(
      nn.Linear(1, 100), nn.SELU(), nn.Linear(100, 2000), nn.SELU(), nn.Unflatten(1, (5, 20, 20)), conv(5, 10), nn.SELU(), conv(10, 10), nn.SELU(),
      nn.Upsample(scale_factor=2), conv(10, 10), nn.SELU(), conv(10, 1), nn.Flatten())
    self.parameters = []
    for part, network in ("encoder", self.encoder), ("decoder", self.decoder):
      for name, parameter in network.named_parameters():
        place, kind = name.split(".")
        parameter.data = torch.from_numpy(data.weights[f"{part}.{int(place) + 1}.{kind}"])
        self.parameters.append(parameter)

  def loss(self, x, noise, mass):
    mu, logvar = self.encoder(x).split(1, dim=1)
    y = self.decoder(mu + (logvar / 2).exp() * noise)
    kl = constituent_models.kl_per_dimension(mu, logvar).sum(1)
    return (((y - x) ** 2).sum(1) + worker.IMAGE_BETA * kl).mean()


class Peer:
  version = f"PyTorch {torch.__version__}"
  models = {"dvae": DirichletVAE, "constituent": ConstituentVAE, "convolutional": ConvolutionalVAE, "disco": DisCoVAE}

  def __init__(self, model, form, data, threads):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    self.case, self.form, self.data, self.trainers = self.models[model], form, data, {}
    self.x, self.mass, self.noise = (torch.from_numpy(array) for array in (data.x, data.mass, data.noise))

  def prepare(self, case):
    """The loss as a function, and the parameters."""
    loss = torch.compile(case.loss, dynamic=False) if self.form == "compile" else case.loss
    return loss, case.parameters

  def start(self, batch):
    # Arrays of weights are shared with what is trained: a copy for each trainer.
    data = self.data
    kept, data.weights = data.weights, {name: value.copy() for name, value in data.weights.items()}
    loss, parameters = self.prepare(self.case(data))
    data.weights = kept
    adam = torch.optim.Adam(parameters, lr=data.lr, betas=data.betas, eps=data.eps, fused=True)
    self.trainers[batch] = loss, adam

  def descend(self, batch, *inputs):
    loss, adam = self.trainers[batch]
    adam.zero_grad(set_to_none=True)
    total = loss(*inputs)
    total.backward()
    adam.step()
    return total.detach()

  def step(self, batch, k):
    rows = self.data.rows(batch, k)
    return self.descend(batch, self.x[rows], self.noise[k, :batch], self.mass[rows])

  def epoch(self, batch):
    steps, total = len(self.x) // batch, torch.zeros(())
    for rows in torch.randperm(len(self.x)).split(batch)[:steps]:
      total += self.descend(batch, self.x.index_select(0, rows), torch.randn(batch, self.noise.shape[2]), self.mass.index_select(0, rows))
    return total / steps


class SparsePeer(Peer):
  """The Dirichlet-VAE on active pixels only: embedding_bag for the first layer and for the cross-entropy's linear part."""

  def __init__(self, model, form, data, threads):
    super().__init__(model, form, data, threads)
    self.pixels = dirichlet_vae.to_sparse(self.x)

  def prepare(self, case):
    dense = case.model
    model = dirichlet_vae.SparseDirichletVAE([1.0, 1.0], worker.PRIOR_BETA)
    model.by_pixel.data, model.bias.data = dense.hidden.weight.data.t().contiguous(), dense.hidden.bias.data
    model.mixtures.data = dense.decoder.weight.data
    model.posterior.load_state_dict(dense.posterior.state_dict())

    def loss(*inputs):
      return model.sparse_loss(*inputs)[0]

    return (torch.compile(loss, dynamic=True) if self.form == "sparse_compile" else loss), list(model.parameters())

  def step(self, batch, k):
    pixel, start, value = self.pixels
    rows = self.data.rows(batch, k)
    first, last = start[rows.start], start[rows.stop]
    return self.descend(batch, pixel[first:last], start[rows] - first, value[first:last], self.noise[k, :batch])

  def epoch(self, batch):
    total, steps = torch.zeros(()), len(self.x) // batch
    for loss in dirichlet_vae.sparse_epoch(lambda *inputs: self.descend(batch, *inputs, torch.randn(batch, 2)), self.pixels, batch):
      total += loss
    return total / steps


def make(model, form, data, threads):
  return (SparsePeer if form.startswith("sparse") else Peer)(model, form, data, threads)


if __name__ == "__main__":
  worker.serve(make)
