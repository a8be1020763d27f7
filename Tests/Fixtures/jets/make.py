"""Makes the files beside this script, one per format: python make.py (needs numpy, h5py, tables, pandas; a few seconds).

Each holds a few jets of massless constituents with the momenta of jets.npy, [12, 8, 3] = pT, eta, phi in descending order of pT, zero
padded; jet i has 1 + i % 8 of them, and its label is i % 2. The tests compare what is read with jets.npy.
"""
import os

import h5py
import numpy as np
import pandas as pd

os.chdir(os.path.dirname(os.path.abspath(__file__)))
random = np.random.default_rng(5)
N, M = 12, 8
pt = -np.sort(-random.uniform(20, 200, (N, M)), axis=1)
eta = random.uniform(-0.3, 0.3, (N, M)) + random.uniform(-1, 1, (N, 1))
phi = random.uniform(-0.3, 0.3, (N, M))
present = np.arange(M) < 1 + np.arange(N)[:, None] % M
jets = np.where(present[..., None], np.stack([pt, eta, phi], -1), 0)
np.save("jets.npy", jets)
label = np.arange(N) % 2
weight = 0.5 + np.arange(N) / 4
pt, eta, phi = np.moveaxis(jets, -1, 0)
momenta = np.stack([pt * np.cosh(eta), pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)], -1)


def shuffled(values):
    """Constituents of each jet in another order: readers sort by pT."""
    return np.stack([values[i, np.random.default_rng(i).permutation(M)] for i in range(N)])


# LHC Olympics: one event per row. A second jet lies opposite to the first.
events = np.zeros((N, 2101))
for i in range(N):
    first = jets[i, : 1 + i % M]
    second = first * [0.5, 1, 1] + [0, 0, np.pi]
    events[i, : 6 * len(first)] = np.concatenate([second, first]).ravel()
    events[i, -1] = label[i]
pd.DataFrame(events).to_hdf("lhc_olympics.h5", key="df", mode="w", complevel=9)

observables = np.tile(np.arange(9.0), (N, 2, 1)) + np.arange(N)[:, None, None] * 10
with h5py.File("vae_jet_test.h5", "w") as file:
    lists = file.create_dataset("objects/jets/constituents", (N, 2), dtype=h5py.vlen_dtype(np.float32))
    for i in range(N):
        rows = np.concatenate([momenta[i, : 1 + i % M], np.ones((1 + i % M, 1))], 1).astype("float32")
        lists[i, 0] = rows.ravel()
        lists[i, 1] = rows[:1].ravel()
    file["objects/jets/obs"] = observables

prepared = np.zeros((N, 84), "float32")
prepared[:, : 4 * M] = momenta.reshape(N, -1)
prepared[:, 80:] = 7
with h5py.File("vae_jet_prepared.h5", "w") as file:
    file["table"] = prepared
    file["labels"] = label
    file["obs"] = observables[:, 0]

# JetNet: relative to the jet's pT and eta, phi as it is since the jet lies at 0.
total = momenta.sum(1)
jet_pt = np.hypot(total[:, 1], total[:, 2])
jet_eta = np.arcsinh(total[:, 3] / jet_pt)
features = np.stack([eta - jet_eta[:, None], phi, pt / jet_pt[:, None], present], -1)
features[~present] = [0.5, 0.5, 0.5, 0]
with h5py.File("jetnet.hdf5", "w") as file:
    file["particle_features"] = features.astype("float32")
    file["jet_features"] = np.stack([jet_pt, jet_eta, np.zeros(N), present.sum(1)], 1).astype("float32")

charged = shuffled(np.concatenate([jets, np.where(present, 211.0, 0)[..., None]], -1))
photons = shuffled(np.concatenate([jets, np.where(present, 22.0, 0)[..., None]], -1))
np.savez("energyflow.npz", X=photons, y=label)
np.savez_compressed("energyflow_pions.npz", X=charged, y=label.astype("float64"))

with h5py.File("own.h5", "w") as file:
    own = np.concatenate([jets * [1000, 1, 1], np.zeros((N, M, 1))], -1)
    own[~present] = 3
    file.create_dataset("pfcands", data=shuffled(np.concatenate([own, present[..., None]], -1))[..., :4], chunks=(5, M, 4), compression="gzip")
    file["pfmask"] = shuffled(present[..., None].astype("uint8"))[..., 0]
    table = np.zeros(N, [("is_sig", "i4"), ("w", "f4"), ("fj_tau21", "f8")])
    table["is_sig"], table["w"], table["fj_tau21"] = label, weight, np.arange(N) / 16
    file["jets"] = table
np.save("own.npy", momenta.reshape(N, -1).astype(">f4"))
np.savez("own.npz", constituents=momenta[:, :, [1, 2, 3, 0]], label=label, fortran=np.asfortranarray(momenta.reshape(N, -1)))
bad = momenta.astype("float32")
bad[3, 0, 1], bad[5, 0, 0] = np.nan, -1
np.savez("bad.npz", constituents=bad, objects=np.array([{}] * N, dtype=object))

pixels = np.zeros((N, 1600))
for i in range(N):
    pixels[i, [40 * 20 + 20, 3 * i]] = [0.75, 0.25]
frame = pd.DataFrame(np.column_stack([pixels, label, 100 + np.arange(N)]), columns=[f"img_{i}" for i in range(1600)] + ["is_signal_new", "mass"])
with pd.HDFStore("images.h5", "w", complevel=5, complib="blosc") as store:
    store.append("table", frame, format="table", index=False, expectedrows=N)

open("tree.root", "wb").write(b"root" + bytes(60))
open("table.parquet", "wb").write(b"PAR1" + bytes(60))
