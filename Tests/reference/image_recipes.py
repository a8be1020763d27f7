"""Jet images of many recipes in numpy and scipy: writes Tests/Fixtures/image_recipes.npz from the bundled sample.

    python -m venv v && v/bin/pip install numpy scipy tables && v/bin/python Tests/reference/image_recipes.py

Independent of jetlua: nothing here calls it or was ported from it. Of each recipe and jet the file holds Σ x_p cos(√2 p), Σ x_p² sin(√3 p)
and the number of active pixels: a pixel moved, a value changed or a step left out shows in them. The recipes' names are the options of
`jets.Set:images`, as Tests/stdlib/image_recipes_test.lua reads them.
"""

import pathlib

import numpy
import scipy.ndimage

import jet_images

ROOT = pathlib.Path(__file__).parents[2]
JETS = 2000
RECIPES = {
  "": {},
  "combine='overwrite'": dict(combine="overwrite"),
  "center=false": dict(center=False),
  "rotate=false": dict(rotate=False),
  "flip=false": dict(flip=False),
  "center=false, rotate=false, flip=false, normalise=false": dict(center=False, rotate=False, flip=False, normalise=False),
  "weight='energy'": dict(weight="energy"),
  "weight='one'": dict(weight="one"),
  "normalise=false": dict(normalise=False),
  "size=31, deta=0.04, dphi=0.05": dict(size=31, deta=0.04, dphi=0.05),
  "power=0.5": dict(power=0.5),
  "power=0": dict(power=0.0),
  "power=2, normalise=false": dict(power=2.0, normalise=False),
  "blur=1": dict(blur=1.0),
  "blur=0.6, normalise=false, weight='energy'": dict(blur=0.6, normalise=False, weight="energy"),
  "power=0.3, blur=1.7, size=24": dict(power=0.3, blur=1.7, size=24),
}


def weights_of(weight, momenta, pt):
  return {"pt": pt, "energy": momenta[..., 0].astype(numpy.float64), "one": numpy.ones_like(pt)}[weight]


def coordinates(momenta, center, rotate, flip):
  """x and y of each constituent after the steps that are switched on."""
  pt, eta, phi = jet_images.pt_eta_phi(momenta)
  hardest = numpy.argmax(pt, axis=1)[:, None]
  x = eta - (0 if center else numpy.take_along_axis(eta, hardest, axis=1))
  y = jet_images.wrap(phi - numpy.take_along_axis(phi, hardest, axis=1))
  share = pt / pt.sum(axis=1, keepdims=True)
  if center:
    x = x - (share * x).sum(axis=1, keepdims=True)
    y = y - (share * y).sum(axis=1, keepdims=True)
  if rotate:
    for jet in range(len(x)):
      second = numpy.array([[(share[jet] * a * b).sum() for a in (x[jet], y[jet])] for b in (x[jet], y[jet])])
      lead = numpy.linalg.eigh(second)[1][:, 1]
      # The turn that brings this axis to y, by an angle in [0, π); flips make the other sense the same.
      lead = lead if lead[0] >= 0 else -lead
      x[jet], y[jet] = lead[1] * x[jet] - lead[0] * y[jet], lead[0] * x[jet] + lead[1] * y[jet]
  if flip:
    x = numpy.where(((pt * (x > 0)).sum(axis=1) > (pt * (x < 0)).sum(axis=1))[:, None], -x, x)
    y = numpy.where(((pt * (y < 0)).sum(axis=1) > (pt * (y > 0)).sum(axis=1))[:, None], -y, y)
  return pt, x, y


def images(momenta, size=40, deta=0.029, dphi=0.035, weight="pt", combine="sum", center=True, rotate=True, flip=True, power=1.0, blur=0.0,
           normalise=True):
  """Images `[N, size, size]` float64."""
  pt, x, y = coordinates(momenta, center, rotate, flip)
  content = weights_of(weight, momenta, pt)
  column = numpy.rint((x + 2.6) / deta).astype(int) - (round(2.6 / deta) - size // 2)
  row = numpy.rint((y + numpy.pi) / dphi).astype(int) - (round(numpy.pi / dphi) - size // 2)
  inside = (pt > 0) & (row >= 0) & (row < size) & (column >= 0) & (column < size)
  grid = numpy.zeros((len(pt), size, size))
  for jet in range(len(pt)):
    for slot in numpy.flatnonzero(inside[jet]):
      place = jet, row[jet, slot], column[jet, slot]
      grid[place] = content[jet, slot] + (grid[place] if combine == "sum" else 0)
  if normalise:
    grid /= grid.sum(axis=(1, 2), keepdims=True)
  if power != 1:
    grid = numpy.where(grid > 0, numpy.maximum(grid, 1e-300) ** power, 0)
  if blur > 0:
    grid = numpy.stack([scipy.ndimage.gaussian_filter(image, blur, mode="constant", truncate=4.0) for image in grid])
  if normalise:
    grid /= grid.sum(axis=(1, 2), keepdims=True)
  return grid


def main():
  momenta, _ = jet_images.read_jets(ROOT / "scripts" / "data" / "top_tagging_sample.h5")
  out = {}
  for name, recipe in RECIPES.items():
    image = images(momenta[:JETS], **recipe)
    pixel = numpy.arange(image[0].size)
    flat = image.reshape(len(image), -1)
    out[name or "default"] = numpy.stack(
      [flat @ numpy.cos(numpy.sqrt(2) * pixel), flat**2 @ numpy.sin(numpy.sqrt(3) * pixel), (flat > 0).sum(axis=1)], axis=1
    ).astype("float32")
    print(name or "default", image.shape, (flat > 0).sum() / len(flat))
  path = ROOT / "Tests" / "Fixtures" / "image_recipes.npz"
  numpy.savez_compressed(path, **out)
  print(path, path.stat().st_size)


if __name__ == "__main__":
  main()
