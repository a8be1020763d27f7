"""Makes the files whose reading formats_speed.py times, from the jets of the bundled sample: formats_made.py FORMAT FILE JETS."""

import dataclasses
import pathlib
import sys

import numpy as np

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "scripts/data/top_tagging_sample.h5"
NAMES = [f"{q}_{j}" for j in range(200) for q in ("E", "PX", "PY", "PZ")]
TRUTH = ["truthE", "truthPX", "truthPY", "truthPZ"]


@dataclasses.dataclass
class Format:
  """A file: what it is called, which function makes it, which arrays Python reads of it, what jetlua makes of it."""
  name: str
  make: object
  array: str
  others: tuple = ("h5py",)
  layout: str = ""
  readings: tuple = ("particles", "columns", "constituents", "images")
  # Jets of 20 constituents are read in a few hundredths of a second; of them more are needed.
  more: int = 1
  slots: int = 200
  # Whether a pass takes so little time that a process makes several: columns, particles, h5py and NumPy alone.
  quick: bool = True


def momenta(jets, slots=200):
  """[jets, slots, 4] E, px, py, pz in single precision, and the labels: the sample, as often as it takes, each time in another order."""
  import pandas as pd
  import tables  # noqa: F401
  frame = pd.read_hdf(SAMPLE, key="table")
  values, label = frame[NAMES].to_numpy("float32"), frame["is_signal_new"].to_numpy("int64")
  random = np.random.default_rng(1)
  order = np.concatenate([random.permutation(len(values)) for _ in range(-(-jets // len(values)))])[:jets]
  return values.reshape(-1, 200, 4)[:, :slots][order], label[order]


def polar(p):
  """pT, eta, phi of constituents, and which are there."""
  e, px, py, pz = np.moveaxis(p.astype("float64"), -1, 0)
  pt = np.hypot(px, py)
  there = pt > 0
  safe = np.where(there, pt, 1)
  return pt, np.where(there, np.arcsinh(pz / safe), 0), np.where(there, np.arctan2(py, px), 0), there


def community(library=None, level=0, data_columns=None):
  def make(path, jets):
    import pandas as pd
    values, label = momenta(jets)
    columns = pd.DataFrame(np.concatenate([values.reshape(jets, 800), np.zeros((jets, 4), "float32")], 1), columns=NAMES + TRUTH)
    frame = pd.concat([columns, pd.DataFrame({"ttv": np.ones(jets, "int64"), "is_signal_new": label})], axis=1)
    with pd.HDFStore(path, "w", complevel=level, complib=library) as store:
      store.append("table", frame, format="table", data_columns=data_columns, index=False, expectedrows=jets)
  return make


def images(path, jets):
  import pandas as pd
  jets //= 5
  values, label = momenta(jets, 40)
  random = np.random.default_rng(2)
  pixels = np.zeros((jets, 1600))
  for i in range(jets):
    pixels[i, random.choice(1600, 35, replace=False)] = random.dirichlet(np.ones(35))
  mass = np.linspace(50, 200, jets)
  frame = pd.DataFrame(np.column_stack([pixels, label, mass]), columns=[f"img_{i}" for i in range(1600)] + ["is_signal_new", "mass"])
  with pd.HDFStore(path, "w", complevel=5, complib="blosc") as store:
    store.append("table", frame, format="table", index=False, expectedrows=jets)


def olympics(path, jets):
  import pandas as pd
  jets //= 20
  values, label = momenta(2 * jets, 100)
  pt, eta, phi, there = polar(values)
  events = np.zeros((jets, 2101))
  for i in range(jets):
    rows = np.concatenate([np.stack([pt[j], eta[j], phi[j] + np.pi * (j % 2)], -1)[there[j]] for j in (2 * i, 2 * i + 1)])
    events[i, : 3 * len(rows)] = rows.ravel()
    events[i, -1] = label[2 * i]
  pd.DataFrame(events).to_hdf(path, key="df", mode="w", complevel=9, complib="blosc")


def listed(path, jets):
  import h5py
  jets //= 2
  values, _ = momenta(2 * jets)
  observables = np.random.default_rng(3).uniform(size=(jets, 2, 9))
  with h5py.File(path, "w") as file:
    lists = file.create_dataset("objects/jets/constituents", (jets, 2), dtype=h5py.vlen_dtype(np.float32))
    for i in range(jets):
      for j in range(2):
        jet = values[2 * i + j]
        jet = jet[jet[:, 0] > 0]
        lists[i, j] = np.concatenate([jet, np.ones((len(jet), 1), "float32")], 1).ravel()
    file["objects/jets/obs"] = observables


def prepared(path, jets):
  import h5py
  values, label = momenta(jets, 20)
  with h5py.File(path, "w") as file:
    file["table"] = values.reshape(jets, 80)
    file["labels"] = label
    file["obs"] = np.zeros((jets, 9), "float32")


def jetnet(slots):
  def make(path, jets):
    import h5py
    values, _ = momenta(jets, slots)
    pt, eta, phi, there = polar(values)
    total = values.astype("float64").sum(1)
    jet_pt = np.hypot(total[:, 1], total[:, 2])
    jet_eta, jet_phi = np.arcsinh(total[:, 3] / jet_pt), np.arctan2(total[:, 2], total[:, 1])
    around = (phi - jet_phi[:, None] + np.pi) % (2 * np.pi) - np.pi
    features = np.stack([eta - jet_eta[:, None], around, pt / jet_pt[:, None], there], -1)
    features[~there] = 0
    with h5py.File(path, "w") as file:
      file["particle_features"] = features.astype("float32")
      file["jet_features"] = np.stack([jet_pt, jet_eta, np.zeros(jets), there.sum(1)], 1).astype("float32")
  return make


def energyflow(save):
  def make(path, jets):
    jets //= 2
    values, label = momenta(jets, 140)
    pt, eta, phi, there = polar(values)
    save(path, X=np.stack([pt, eta, phi, np.where(there, 22.0, 0)], -1), y=label.astype("float64"))
  return make


def plain(dtype="float32", **settings):
  def make(path, jets):
    import h5py
    values, label = momenta(jets)
    with h5py.File(path, "w") as file:
      file.create_dataset("constituents", data=values.astype(dtype), **settings)
      file["label"] = label
  return make


def numpy_file(path, jets):
  np.save(path, momenta(jets)[0])


PLAIN = "constituents"
SAME = ("h5py", "the same columns")
COMMUNITY = (*SAME, "pandas in pieces", "pandas")
FORMATS = {
    "community, uncompressed": Format("community.h5", community(), "table/table", COMMUNITY),
    "community, zlib": Format("community_zlib.h5", community("zlib", 5), "table/table", SAME),
    **{
        f"community, Blosc {codec}": Format(f"community_{codec}.h5", community(f"blosc:{codec}", 5), "table/table", COMMUNITY if codec == "zstd" else SAME)
        for codec in ("blosclz", "lz4", "lz4hc", "zlib", "zstd")
    },
    "community, data_columns label": Format("community_label.h5", community("blosc:zstd", 5, ["is_signal_new"]), "table/table"),
    "community, data_columns of momenta": Format("community_columns.h5", community("blosc:zstd", 5, ["is_signal_new", "E_0", "PX_0", "PY_0"]), "table/table"),
    "image table": Format("image_table.h5", images, "table/table", ("h5py", "pandas"), readings=("images",), quick=False),
    "LHC Olympics": Format("events.h5", olympics, "df/block0_values", ("h5py", "pandas"), readings=("columns",), quick=False),
    "VAE-Jet test set": Format("vae_jet.h5", listed, "objects/jets/constituents"),
    "VAE-Jet prepared": Format("vae_jet_prepared.h5", prepared, "table+labels", SAME, more=10, slots=20),
    "JetNet, 30": Format("jetnet30.hdf5", jetnet(30), "particle_features+jet_features", (*SAME, "jetnet"), more=5, slots=30),
    "JetNet, 150": Format("jetnet150.hdf5", jetnet(150), "particle_features+jet_features", (*SAME, "jetnet"), slots=150),
    "EnergyFlow, stored": Format("energyflow.npz", energyflow(np.savez), "X+y", ("NumPy", "the same columns")),
    "EnergyFlow, deflated": Format("energyflow_deflated.npz", energyflow(np.savez_compressed), "X+y", ("NumPy", "the same columns")),
    "own layout, HDF5": Format("own.h5", plain(), "constituents+label", SAME, layout=PLAIN),
    "own layout, HDF5 in blocks": Format("own_blocks.h5", plain(chunks=(256, 200, 4)), "constituents+label", SAME, layout=PLAIN),
    "own layout, HDF5 gzip": Format("own_gzip.h5", plain(chunks=(256, 200, 4), compression="gzip", shuffle=True), "constituents+label", SAME, layout=PLAIN),
    "own layout, HDF5 float64": Format("own_double.h5", plain("float64"), "constituents+label", SAME, layout=PLAIN),
    "own layout, npy": Format("own.npy", numpy_file, "", ("NumPy", "the same columns"), layout=PLAIN),
}

if __name__ == "__main__":
  chosen = FORMATS[sys.argv[1]]
  chosen.make(sys.argv[2], int(sys.argv[3]) * chosen.more)
