"""Jet images in numpy: the preprocessing of Dillon, Plehn, Sauer, Sorrenson (arXiv:2104.08291), a whole set at a time.

Independent of jetlua: nothing here calls it or was ported from it.
"""

import numpy
import tables

SIZE = 40
FIRST_X, STEP_X = -2.6, 0.029
FIRST_Y, STEP_Y = -numpy.pi, 0.035
CROP = 70


def read_jets(path):
  """Constituents `[N, 200, 4]` (E, px, py, pz in GeV, zero padded) and labels `[N]` (0 QCD, 1 top) of a community file."""
  with tables.open_file(path) as file:
    table = file.root.table.table
    label = table.col("values_block_1")[:, 1]
    momenta = table.col("values_block_0")[:, :800].reshape(-1, 200, 4)
  return momenta, label


def pt_eta_phi(momenta):
  """Transverse momentum in GeV, pseudorapidity and azimuth in (-π, π] of `[..., 4]`; zero where there is no momentum."""
  px, py, pz = (momenta[..., i].astype(numpy.float64) for i in (1, 2, 3))
  pt = numpy.hypot(px, py)
  eta = numpy.arcsinh(numpy.divide(pz, pt, out=numpy.zeros_like(pt), where=pt > 0))
  return pt, eta, numpy.arctan2(py, px)


def wrap(angle):
  """The same angle in (-π, π]."""
  return numpy.pi - numpy.mod(numpy.pi - angle, 2 * numpy.pi)


def align(pt, eta, phi):
  """Coordinates x, y `[N, M]`: centred on the pT, main axis along y, most pT at x < 0 and at y > 0."""
  hardest = numpy.argmax(pt, axis=1)[:, None]
  phi = wrap(phi - numpy.take_along_axis(phi, hardest, axis=1))
  share = pt / pt.sum(axis=1, keepdims=True)
  x = eta - (share * eta).sum(axis=1, keepdims=True)
  y = phi - (share * phi).sum(axis=1, keepdims=True)

  xx, xy, yy = ((share * a * b).sum(axis=1, keepdims=True) for a, b in ((x, x), (x, y), (y, y)))
  # The main axis of a symmetric 2 x 2 matrix lies at half this angle from x.
  turn = numpy.pi / 2 - numpy.arctan2(2 * xy, xx - yy) / 2
  x, y = numpy.cos(turn) * x - numpy.sin(turn) * y, numpy.sin(turn) * x + numpy.cos(turn) * y

  right = (pt * (x > 0)).sum(axis=1, keepdims=True) > (pt * (x < 0)).sum(axis=1, keepdims=True)
  below = (pt * (y < 0)).sum(axis=1, keepdims=True) > (pt * (y > 0)).sum(axis=1, keepdims=True)
  return numpy.where(right, -x, x), numpy.where(below, -y, y)


def images(momenta):
  """Images `[N, 1600]` float64 of unit sum, row y and column x, all zero where no constituent falls into the crop."""
  pt, eta, phi = pt_eta_phi(momenta)
  x, y = align(pt, eta, phi)
  column = numpy.rint((x - FIRST_X) / STEP_X).astype(int) - CROP
  row = numpy.rint((y - FIRST_Y) / STEP_Y).astype(int) - CROP
  inside = (pt > 0) & (row >= 0) & (row < SIZE) & (column >= 0) & (column < SIZE)
  jet = numpy.broadcast_to(numpy.arange(len(pt))[:, None], pt.shape)
  pixel = (jet * SIZE + row) * SIZE + column
  total = numpy.bincount(pixel[inside], weights=pt[inside], minlength=len(pt) * SIZE * SIZE).reshape(len(pt), -1)
  norm = total.sum(axis=1, keepdims=True)
  return numpy.divide(total, norm, out=total, where=norm > 0)
