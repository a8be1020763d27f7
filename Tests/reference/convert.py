"""Converts a ROOT and a Parquet file made here and reads what scripts/convert/to_hdf5.py made of them with h5py (needs scripts/convert/requirements.txt).

    python Tests/reference/convert.py
"""
import os
import subprocess
import sys
import tempfile

import awkward as ak
import h5py
import numpy as np
import uproot

script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/convert/to_hdf5.py")
random = np.random.default_rng(1)
counts = random.integers(0, 9, 500)
total = counts.sum()
table = ak.Array({name: ak.unflatten(random.random(total).astype("float32"), counts) for name in ("part_pt", "part_eta", "part_phi")})
table["label"] = random.integers(0, 2, 500)
with tempfile.TemporaryDirectory() as folder:
    ak.to_parquet(table, folder + "/jets.parquet")
    with uproot.recreate(folder + "/jets.root") as file:
        file.mktree("tree", {name: table[name] for name in table.fields})
    with uproot.recreate(folder + "/ntuple.root") as file:
        file.mkrntuple("jets", {name: table[name] for name in table.fields})
    for name in ("jets.parquet", "jets.root", "ntuple.root"):
        command = [sys.executable, script, f"{folder}/{name}", folder + "/out.h5", "--most", "5", "--step", "64"]
        command += ["--constituents", "pt=part_pt", "eta=part_eta", "phi=part_phi", "--columns", "label=label"]
        print(name, subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())
        with h5py.File(folder + "/out.h5") as file:
            got, label = file["constituents"][:], file["label"][:]
        assert got.shape == (500, 5, 3) and (label == np.asarray(table["label"])).all()
        for jet in range(500):
            expected = np.stack([np.asarray(table[column][jet]) for column in ("part_pt", "part_eta", "part_phi")], -1)
            expected = expected[np.argsort(-expected[:, 0], kind="stable")][:5]
            assert (got[jet, : len(expected)] == expected).all() and (got[jet, len(expected) :] == 0).all(), (name, jet)
        os.remove(folder + "/out.h5")
print("all files convert")
