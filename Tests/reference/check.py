#!/usr/bin/env python3
"""Checks the reference implementation's own formulas against the test vectors: check.py path/to/vectors.json"""

import json
import sys

import numpy
import torch

import dirichlet_vae
import jet_images


def close(got, expected, what, tolerance=1e-12):
  numpy.testing.assert_allclose(numpy.asarray(got), numpy.asarray(expected), rtol=tolerance, atol=1e-13, err_msg=what)


def massless(pt_eta_phi):
  pt, eta, phi = numpy.array(pt_eta_phi, dtype=float).T
  momenta = (pt * numpy.cosh(eta), pt * numpy.cos(phi), pt * numpy.sin(phi), pt * numpy.sinh(eta))
  return numpy.stack(momenta, axis=1)


def check_images(cases):
  slots = max(len(case["pt_eta_phi"]) for case in cases) + 1  # one more than any jet needs: padding in all
  momenta = numpy.zeros((len(cases), slots, 4))
  for i, case in enumerate(cases):
    momenta[i, : len(case["pt_eta_phi"])] = massless(case["pt_eta_phi"])
  got = jet_images.images(momenta)
  x, y = jet_images.align(*jet_images.pt_eta_phi(momenta))
  for i, case in enumerate(cases):
    expected = numpy.zeros((jet_images.SIZE, jet_images.SIZE))
    for row, column, value in case["nonzero_row_col_value_sum"]:
      expected[int(row), int(column)] = value
    close(got[i], expected.ravel(), case["name"])
    close(x[i, : len(case["x_final"])], case["x_final"], case["name"])
    close(y[i, : len(case["y_final"])], case["y_final"], case["name"])


def check_model(vectors):
  def row(values):
    return torch.tensor([values], dtype=torch.float64)

  for case in vectors["dirichlet_gauss"]:
    mean, variance = dirichlet_vae.softmax_gaussian_prior(case["alpha"])
    close(mean, case["mu"], "prior mean")
    close(variance, case["var"], "prior variance")
  for case in vectors["kl_diag_gauss"]:
    kl = dirichlet_vae.gaussian_kl(*(row(case[key]) for key in ("mu", "logvar", "prior_mu", "prior_var")))
    close(kl, [case["kl_sum"]], "KL divergence")


def check_forms():
  """The sparse form has the loss and the gradients of the dense one."""
  generator = torch.Generator().manual_seed(5)
  x = torch.rand(7, 1600, generator=generator) * (torch.rand(7, 1600, generator=generator) < 0.02)
  x /= x.sum(dim=1, keepdim=True)
  torch.manual_seed(1)
  sparse = dirichlet_vae.SparseDirichletVAE([1.0, 0.25, 0.1], 0.1)
  dense = sparse.dense([1.0, 0.25, 0.1])
  pixel, start, value = dirichlet_vae.to_sparse(x)
  torch.manual_seed(2)
  first, _ = dense.dense_loss(x)
  torch.manual_seed(2)
  second, _ = sparse.sparse_loss(pixel, start[:-1], value)
  first.backward()
  second.backward()
  close(second.detach(), first.detach(), "loss", 1e-5)
  for got, expected in ((sparse.by_pixel.grad.t(), dense.hidden.weight.grad), (sparse.bias.grad, dense.hidden.bias.grad),
                        (sparse.mixtures.grad, dense.decoder.weight.grad)):
    numpy.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-6)


def main():
  with open(sys.argv[1]) as file:
    vectors = json.load(file)
  check_images(vectors["jet_image"])
  check_model(vectors)
  check_forms()
  print(f"reference: agrees with {len(vectors['jet_image'])} jet images, {len(vectors['dirichlet_gauss'])} priors, "
        f"{len(vectors['kl_diag_gauss'])} KL divergences; its sparse form agrees with the dense one")


if __name__ == "__main__":
  main()
