"""Reads a whole file of jets as a Python user would, prints the seconds that a pass took: formats_read.py HOW FILE ARRAY PASSES.

`h5py` and `NumPy` read block by block into one array and look at nothing; `the same columns` reads so too and computes pT, eta, phi, mass
and the number of constituents of each jet with NumPy, from transverse momenta and angles where the file has those; `pandas` reads the table; `jetnet` is the reader of the
package of that name, which converts to its own arrays.
"""

import json
import sys
import time


def nothing(rows):
  pass


def columns(rows):
  if rows.dtype.names:
    rows = rows["values_block_0"][:, :800]
  p = rows.reshape(len(rows), -1, 4)
  return sums(p.any(-1).sum(-1), *p.sum(1, dtype="f8").T)


def polar_columns(pt, eta, phi, mass, present, is_rapidity):
  import numpy
  root = numpy.sqrt(pt * pt + mass * mass)
  pz = (root if is_rapidity else pt) * numpy.sinh(eta)
  e = root * numpy.cosh(eta) if is_rapidity else numpy.sqrt(pt * pt + pz * pz + mass * mass)
  return sums(present.sum(-1), *((present * part).sum(1) for part in (e, pt * numpy.cos(phi), pt * numpy.sin(phi), pz)))


def sums(present, e, px, py, pz):
  import numpy
  pt = numpy.hypot(px, py)
  return pt, numpy.arcsinh(pz / pt), numpy.arctan2(py, px), numpy.sqrt(numpy.maximum(0, e * e - px * px - py * py - pz * pz)), present


def jetnet_columns(path):
  """For blocks of particle_features: eta, phi, pt relative to the jet, and the mask."""
  import h5py
  with h5py.File(path) as file:
    jets = file["jet_features"][:]
  place = 0

  def use(rows):
    nonlocal place
    some = jets[place : place + len(rows), :2].astype("f8")
    place += len(rows)
    eta, phi, pt, mask = rows.astype("f8").transpose(2, 0, 1)
    polar_columns(pt * some[:, :1], eta + some[:, 1:], phi, 0, mask > 0.5, False)
  return use


def energyflow_columns(path):
  """Particles are (pT, rapidity, phi, PDG number)."""
  import numpy
  ready()
  with numpy.load(path) as file:
    x, _ = file["X"], file["y"]
  # Pieces that stay in the caches.
  for start in range(0, len(x), 256):
    pt, y, phi, number = x[start : start + 256].transpose(2, 0, 1)
    polar_columns(pt, y, phi, numpy.where(abs(number) == 211, 0.13957, 0), pt > 0, True)


def same_columns(path, name):
  if "particle_features" in name:
    return h5py_blocks(path, name, jetnet_columns(path))
  if path.endswith("npz"):
    return energyflow_columns(path)
  (numpy_blocks if path.endswith("npy") else h5py_blocks)(path, name, columns)


def h5py_blocks(path, name, use=nothing):
  """All rows of the data sets named, in blocks of a few thousand, the same memory each time."""
  import h5py
  try:
    import hdf5plugin  # noqa: F401, registers Blosc
  except ImportError:
    pass
  import numpy

  ready()
  with h5py.File(path) as file:
    for part in name.split("+"):
      array = file[part]
      block = max(1, min(len(array), (4 << 20) // max(1, array.dtype.itemsize * array[0].size)))
      if array.chunks:
        block = -(-block // array.chunks[0]) * array.chunks[0]
      if h5py.check_vlen_dtype(array.dtype):
        for start in range(0, len(array), block):
          # One jet of each event, as the others read.
          array[start : start + block, 0]
        continue
      space = numpy.empty((block, *array.shape[1:]), array.dtype)
      for start in range(0, len(array), block):
        stop = min(start + block, len(array))
        array.read_direct(space, numpy.s_[start:stop], numpy.s_[: stop - start])
        if part == name.split("+")[0]:
          use(space[: stop - start])


def numpy_blocks(path, name, use=nothing):
  import numpy
  ready()
  if path.endswith(".npz"):
    with numpy.load(path) as file:
      for part in name.split("+"):
        file[part].sum(where=False)
    return
  array = numpy.load(path, mmap_mode="r")
  block = max(1, (4 << 20) // array[0].nbytes)
  space = numpy.empty((block, *array.shape[1:]), array.dtype)
  for start in range(0, len(array), block):
    part = array[start : start + block]
    space[: len(part)] = part
    use(space[: len(part)])


def pandas_table(path, name):
  import pandas
  ready()
  pandas.read_hdf(path, key=name.split("/")[0])


def pandas_pieces(path, name):
  import pandas
  ready()
  for _ in pandas.read_hdf(path, key=name.split("/")[0], iterator=True, chunksize=4096):
    pass


def jetnet(path, name):
  import os
  import shutil
  import tempfile

  from jetnet.datasets import JetNet, TopTagging, utils
  # It asks Zenodo even for a file that is there, and compares checksums.
  utils._getZenodoFileURL, utils._check_md5 = lambda *_: ("", ""), lambda *_: (True, "")
  with tempfile.TemporaryDirectory() as folder:
    if "particle_features" in name:
      count = 30 if "30" in os.path.basename(path) else 150
      os.symlink(path, f"{folder}/g{count if count != 30 else ''}.hdf5")
      ready()
      before = time.perf_counter()
      JetNet.getData(jet_type="g", data_dir=folder, num_particles=count, split="all")
    else:
      os.symlink(path, f"{folder}/test.h5")
      ready()
      before = time.perf_counter()
      TopTagging.getData(data_dir=folder, split="test")
    return time.perf_counter() - before


def ready():
  global began
  if began:
    return
  print("ready", flush=True)
  # Long enough for the one who watches the memory to see it.
  time.sleep(0.05)
  began = time.perf_counter()


HOW = {"h5py": h5py_blocks, "the same columns": same_columns, "NumPy": numpy_blocks, "pandas": pandas_table, "pandas in pieces": pandas_pieces, "jetnet": jetnet}
how, path, name, passes = *sys.argv[1:4], int(sys.argv[4])
began = None
for _ in range(passes):
  HOW[how](path, name)
print(json.dumps({"seconds": (time.perf_counter() - began) / passes}))
