#!/usr/bin/env python3
"""Turns jets of a ROOT or Parquet file into an HDF5 file that jetlua reads.

    pip install -r scripts/convert/requirements.txt
    python scripts/convert/to_hdf5.py jets.root jets.h5 --tree tree --constituents pt=part_pt eta=part_eta phi=part_phi m=part_mass \
        --columns label=label tau21=jet_tau21

Each of --constituents names a column of lists, one number per constituent; --columns are numbers, one per jet. The data set `constituents`
[jets, M, k] holds the M hardest constituents (--most, 200), zero padded; every column is a data set of its own. The file is read and written
in pieces of --step rows, in memory that does not grow with it, and appears under its name when it is whole. At the end the options of
`jets.open` that read it are printed. Without --constituents the columns of the file are listed.
"""
import argparse
import os
import sys

import awkward as ak
import h5py
import numpy as np

KNOWN = {"e", "px", "py", "pz", "pt", "eta", "y", "phi", "m", "pdgid"}


def pieces(path, tree, columns, step):
    """Awkward arrays of `columns`, `step` rows at a time; with `columns` None the names and types of all of them."""
    with open(path, "rb") as file:
        start = file.read(4)
    if start == b"PAR1":
        import pyarrow.parquet

        file = pyarrow.parquet.ParquetFile(path)
        if columns is None:
            return {field.name: str(field.type) for field in file.schema_arrow}
        return (ak.from_arrow(batch) for batch in file.iter_batches(batch_size=step, columns=columns))
    if start == b"root":
        import uproot

        file = uproot.open(path)
        trees = [key.split(";")[0] for key, kind in file.classnames().items() if kind in ("TTree", "ROOT::RNTuple")]
        tree = tree or (trees[0] if len(set(trees)) == 1 else None)
        if tree is None or tree not in trees:
            sys.exit(f"{path}: name the tree with --tree; the file holds {', '.join(sorted(set(trees))) or 'none'}")
        if columns is None:
            return dict(file[tree].typenames())
        return file[tree].iterate(filter_name=columns, step_size=step)
    sys.exit(f"{path}: neither a ROOT nor a Parquet file")


def named(items, what):
    pairs = {}
    for item in items:
        name, equals, column = item.partition("=")
        if not equals or not name or not column or name in pairs:
            sys.exit(f"--{what}: expected different NAME=COLUMN, got {item}")
        pairs[name] = column
    return pairs


def momentum(order, batch):
    if "pt" in order:
        return batch[order["pt"]]
    return np.hypot(batch[order["px"]], batch[order["py"]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input")
    parser.add_argument("output", nargs="?")
    parser.add_argument("--tree", help="the tree of a ROOT file that holds several")
    parser.add_argument("--constituents", nargs="+", default=[], metavar="QUANTITY=COLUMN", help=f"quantities: {', '.join(sorted(KNOWN))}")
    parser.add_argument("--columns", nargs="+", default=[], metavar="NAME=COLUMN")
    parser.add_argument("--most", type=int, default=200, help="constituents kept of each jet, the hardest")
    parser.add_argument("--step", type=int, default=20000)
    arguments = parser.parse_args()
    order, columns = named(arguments.constituents, "constituents"), named(arguments.columns, "columns")
    wanted = sorted({*order.values(), *columns.values()})
    known = pieces(arguments.input, arguments.tree, None, 1)
    if not order or not arguments.output:
        for name, kind in known.items():
            print(f"{name}: {kind}")
        return
    if not (KNOWN >= set(order) and ({"e", "px", "py", "pz"} <= set(order) or {"pt", "phi"} <= set(order) and {"eta", "y"} & set(order))):
        sys.exit(f"--constituents: expected e, px, py, pz or pt, eta, phi (and m or pdgid), got {', '.join(order)}")
    for column in wanted:
        if column not in known:
            sys.exit(f"{arguments.input}: there is no column {column}; it holds {', '.join(list(known)[:20])}")

    partial = arguments.output + ".part"
    try:
        with h5py.File(partial, "w") as file:
            rows = 0
            shape = (arguments.most, len(order))
            block = max(1, (1 << 18) // (4 * shape[0] * shape[1]))
            file.create_dataset("constituents", (0, *shape), "f4", maxshape=(None, *shape), chunks=(block, *shape), compression="gzip", compression_opts=1, shuffle=True)
            for batch in pieces(arguments.input, arguments.tree, wanted, arguments.step):
                ranks = ak.argsort(momentum(order, batch), ascending=False, stable=True)
                values = [
                    ak.to_numpy(ak.fill_none(ak.pad_none(batch[column][ranks], arguments.most, clip=True), 0)) for column in order.values()
                ]
                count = len(values[0])
                file["constituents"].resize(rows + count, axis=0)
                file["constituents"][rows:] = np.stack(values, axis=-1)
                for name, column in columns.items():
                    data = ak.to_numpy(batch[column])
                    if name not in file:
                        file.create_dataset(name, (0,), data.dtype, maxshape=(None,), chunks=(16384,))
                    file[name].resize(rows + count, axis=0)
                    file[name][rows:] = data
                rows += count
        os.replace(partial, arguments.output)
    finally:
        if os.path.exists(partial):
            os.remove(partial)
    layout = ['constituents = "constituents"', "order = {" + ", ".join(f'"{name}"' for name in order) + "}"]
    layout += [f'{name} = "{name}"' for name in ("label", "weight") if name in columns]
    others = [f'{name} = "{name}"' for name in columns if name not in ("label", "weight")]
    layout += ["columns = {" + ", ".join(others) + "}"] if others else []
    print(f"{rows} jets; jets.open({arguments.output!r}, {{ layout = {{ {', '.join(layout)} }} }})".replace("'", '"'))


if __name__ == "__main__":
    main()
