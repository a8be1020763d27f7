"""Makes the HDF5 files beside this script: python make.py (needs h5py, tables, pandas; a few seconds).

The jets follow a formula of whole and quarter numbers, exact in float32, that the tests repeat: constituent j < 1 + i % 7
of jet i is E = 1000 + i - 10 j, px = 3 i - 7 j, py = (i + j) / 4, pz = 2 j - i; the label is 1 where i % 3 == 0, ttv is 1.
"""
import os

import h5py
import numpy as np
import pandas as pd
import tables

os.chdir(os.path.dirname(os.path.abspath(__file__)))
NAMES = [f"{q}_{j}" for j in range(200) for q in ("E", "PX", "PY", "PZ")]
TRUTH = ["truthE", "truthPX", "truthPY", "truthPZ"]


def frame(count, dtype="float32"):
    values = np.zeros((count, 804), dtype)
    for i in range(count):
        for j in range(1 + i % 7):
            values[i, 4 * j : 4 * j + 4] = (1000 + i - 10 * j, 3 * i - 7 * j, (i + j) / 4, 2 * j - i)
    columns = pd.DataFrame(values, columns=NAMES + TRUTH)
    labels = pd.DataFrame({"ttv": np.ones(count, "int64"), "is_signal_new": (np.arange(count) % 3 == 0).astype("int64")})
    return pd.concat([columns, labels], axis=1).copy()


def table(name, data, key="table", library="zlib", level=9, columns=None):
    if os.path.exists(name):
        os.remove(name)
    with pd.HDFStore(name, "w", complevel=level, complib=library) as store:
        store.append(key, data, format="table", data_columns=columns, index=False, expectedrows=max(len(data), 1))


table("plain.h5", frame(6), library=None, level=0)
table("zlib.h5", frame(60))
for codec in ("blosclz", "zstd", "lz4"):
    table(f"blosc_{codec}.h5", frame(60), library=f"blosc:{codec}")
table("blosc2.h5", frame(6), library="blosc2:zstd")
table("data_column_label.h5", frame(20), columns=["is_signal_new"])
table("data_columns_several.h5", frame(20), columns=["is_signal_new", "ttv", "E_0", "PX_3", "PZ_199", "truthPX"])
table("data_column_energy.h5", frame(20), columns=["E_0"])
swapped = frame(20)
swapped[["E_0", "PZ_0"]] = swapped[["PZ_0", "E_0"]]
table("wrong_order.h5", swapped)
gaps = frame(20)
gaps.index = np.arange(20) * 3 + 5
table("index_gaps.h5", gaps)
table("float64.h5", frame(20, "float64"))
table("one_block.h5", frame(20).astype("float32"))
table("no_label.h5", frame(10)[NAMES + TRUTH])
table("no_truth.h5", frame(10)[NAMES + ["ttv", "is_signal_new"]])
table("label_ambiguous.h5", frame(10)[NAMES + TRUTH + ["is_signal_new"]])
table("narrow.h5", frame(10)[NAMES[:400] + TRUTH + ["ttv", "is_signal_new"]])
table("other_key.h5", frame(10), key="jets")
table("wrong_columns.h5", pd.DataFrame({"pt": np.ones(4, "float32"), "eta": np.ones(4, "float32"), "n": np.arange(4)}))
table("zero_rows.h5", frame(3))
with tables.open_file("zero_rows.h5", "a") as file:
    file.root.table.table.remove_rows(0, 3)
bad = frame(6)
bad.loc[1, "E_0"] = np.nan
bad.loc[2, "PX_1"] = np.inf
bad.loc[3, "E_0"] = -5
bad.loc[4, "is_signal_new"] = 300
table("bad_values.h5", bad)
frame(4)[NAMES[:8]].to_hdf("fixed.h5", key="df", mode="w", format="fixed")

whole = open("zlib.h5", "rb").read()
open("truncated.h5", "wb").write(whole[: len(whole) // 2])
open("not_hdf5.h5", "w").write("E,px,py,pz\n1,2,3,4\n")
open("empty.h5", "w").close()

with h5py.File("numbers.h5", "w") as file:
    grid = np.arange(60).reshape(12, 5)
    file["double"] = grid / 8
    file["big_endian"] = grid.astype(">f4")
    file["short"] = (grid - 30).astype("i2")
    file["cube"] = np.arange(48, dtype="i4").reshape(4, 3, 4)
    file.create_dataset("chunked", data=grid.astype("i8"), chunks=(5, 2), compression="gzip", shuffle=True, fletcher32=True)
    file["truth"] = np.array([True, False, True])
    file["single"] = 2.5
    file["text"] = "words"
    file["names"] = np.array([b"a", b"bc"])
    file.create_dataset("lists", data=np.array([np.arange(2.0), np.arange(3.0)], dtype=object), dtype=h5py.vlen_dtype("f8"))
    file["arrays"] = np.zeros(3, dtype=[("a", "i1"), ("b", ">f8", (2, 3))])
    file["arrays"][1] = (-7, np.arange(6).reshape(2, 3) / 2)
    mixed = np.empty(2, dtype=[("id", h5py.string_dtype()), ("x", "f4", (2,))])
    mixed["id"], mixed["x"] = ["one", "two"], [[1, 2], [3, 4]]
    file["mixed"] = mixed
    file.create_group("group/inner")
    file["group/data"] = np.arange(3)
    file["group/soft"] = h5py.SoftLink("/double")
    file["group/dangling"] = h5py.SoftLink("/nowhere")
with tables.open_file("truth_bits.h5", "w") as file:
    file.create_array("/", "bits", np.array([True, False, True, True]))
    rows = file.create_table("/", "rows", {"flag": tables.BoolCol(shape=(2,)), "x": tables.Float32Col()}, expectedrows=2)
    rows.append([([True, False], 1.0), ([False, True], 2.0)])

with h5py.File("secret.h5", "w") as file:
    file["data"] = np.arange(4.0)
with h5py.File("external_storage.h5", "w") as file:
    file.create_dataset("data", (4,), "f8", external=[("/etc/passwd", 0, 32)])
with h5py.File("external_link.h5", "w") as file:
    file["data"] = h5py.ExternalLink("secret.h5", "/data")
    file["roundabout"] = h5py.SoftLink("/data")
    file["group"] = h5py.ExternalLink("secret.h5", "/")
with h5py.File("virtual.h5", "w") as file:
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource("secret.h5", "data", (4,))
    file.create_virtual_dataset("data", layout)
with h5py.File("unknown_filter.h5", "w") as file:
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk((4,))
    creation.set_filter(32099, h5py.h5z.FLAG_OPTIONAL, ())
    space = h5py.h5s.create_simple((4,))
    made = h5py.h5d.create(file.id, b"data", h5py.h5t.NATIVE_DOUBLE, space, creation)
    made.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(4.0))

# Blocks that jetlua decodes itself: rows of several widths, 37 in blocks of 16, byte-shuffled, compressed or not.
with h5py.File("blocks.h5", "w") as file:
    def row_type(width):
        return np.dtype([("pad", "u1", (width - 4,)), ("x", "<f4")]) if width > 4 else np.dtype([("x", "<f4")])
    for width in (4, 7, 16, 20, 39, 52):
        rows = np.zeros(37, row_type(width))
        rows["x"] = np.arange(37) / 4
        if width > 4:
            rows["pad"] = np.arange(37)[:, None]
        for name, filters in (("plain", {}), ("shuffle", {"shuffle": True}), ("gzip", {"compression": "gzip"}),
                              ("both", {"shuffle": True, "compression": "gzip"}), ("checked", {"shuffle": True, "fletcher32": True})):
            file.create_dataset(f"{name}{width}", data=rows, chunks=(16,), **filters)
    for kind in ("f4", "f8", "i8"):
        file.create_dataset(f"grid_{kind}", data=np.arange(37 * 6).reshape(37, 2, 3).astype(kind), chunks=(16, 2, 3), shuffle=True, compression="gzip")
    # Blocks that were never written, and one that its filter left as it was.
    holes = file.create_dataset("holes", (48,), "f4", chunks=(16,), compression="gzip", fillvalue=7)
    holes[16:32] = np.arange(16)
    raw = file.create_dataset("left_out", (32,), "f4", chunks=(16,), compression="gzip")
    raw[:16] = np.arange(16)
    raw.id.write_direct_chunk((16,), np.arange(16, 32, dtype="f4").tobytes(), filter_mask=1)

# The format that came with HDF5 1.10: other headers, an index of blocks for each kind of shape, groups and attributes in heaps.
with h5py.File("latest.h5", "w", libver=("v110", "v110")) as file:
    grid = np.arange(60.0).reshape(12, 5)
    file.create_dataset("one", data=grid, chunks=(12, 5), compression="gzip")
    file.create_dataset("fixed", data=grid, chunks=(4, 5), shuffle=True, fletcher32=True)
    file.create_dataset("growing", data=grid, chunks=(4, 5), maxshape=(None, 5))
    file.create_dataset("both_growing", data=grid, chunks=(4, 3), maxshape=(None, None), compression="gzip")
    file.create_dataset("late", (6,), "f4", chunks=(3,), fillvalue=2)
    for i in range(9):
        file.create_group("groups", track_order=True).create_group("inner") if i == 0 else file["groups"].create_dataset(f"n{i}", data=float(i))
    for i in range(9):
        file["one"].attrs[f"a{i}"] = np.arange(i + 1)
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_layout(h5py.h5d.COMPACT)
    made = h5py.h5d.create(file.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((6,)), creation)
    made.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(6, dtype="f4"))
