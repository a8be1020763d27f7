"""Writes the layout of the community top-tagging set, which pandas reads. Needs numpy, h5py and hdf5plugin.

`/table/table` holds `index` i64, `values_block_0` f32[804] = E_0, PX_0, PY_0, PZ_0, E_1, … of 200 constituents, zero padded, then truthE,
truthPX, truthPY, truthPZ, and `values_block_1` i64[2] = ttv, is_signal_new. Beside it `/classes`, bytes [labels, width], names the labels.
"""
from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from jets import CONSTITUENTS, Jets

ROW = np.dtype([("index", "<i8"), ("values_block_0", "<f4", (4 * CONSTITUENTS + 4,)), ("values_block_1", "<i8", (2,))])
# As small as larger ones, and two of them fit HDF5's usual chunk cache.
ROWS_IN_CHUNK = 160
FLOATS = [f"{name}_{i}" for i in range(CONSTITUENTS) for name in ("E", "PX", "PY", "PZ")] + ["truthE", "truthPX", "truthPY", "truthPZ"]
INTEGERS = ["ttv", "is_signal_new"]


def class_bytes(classes: list[str]) -> np.ndarray:
    """Names as rows of bytes, padded with 0."""
    encoded = [name.encode() for name in classes]
    return np.array([list(name.ljust(max(map(len, encoded)), b"\0")) for name in encoded], dtype=np.uint8)


def rows(jets: Jets, labels: np.ndarray, first: int) -> np.ndarray:
    """Rows of the table; the index counts on from `first`."""
    table = np.zeros(len(jets), ROW)
    table["index"] = first + np.arange(len(jets))
    jet = np.repeat(np.arange(len(jets)), jets.counts)
    place = np.arange(len(jet)) - np.repeat(np.cumsum(jets.counts) - jets.counts, jets.counts)
    momenta = np.zeros((len(jets), CONSTITUENTS, 4), np.float32)
    momenta[jet, place] = jets.constituents
    table["values_block_0"][:, : 4 * CONSTITUENTS] = momenta.reshape(len(jets), -1)
    table["values_block_0"][:, 4 * CONSTITUENTS :] = jets.truth
    table["values_block_1"][:, 1] = labels
    return table


class _Stream:
    """Jets of pieces, taken in any numbers."""

    def __init__(self, pieces: Iterable[Jets]) -> None:
        self._pieces = iter(pieces)
        self._held: Jets | None = None

    def take(self, count: int) -> Jets:
        held = [self._held] if self._held is not None else []
        while not held or sum(map(len, held)) < count:
            held.append(next(self._pieces))
        jets = Jets.joined(held)
        taken = jets.first(count)
        used = len(taken.constituents)
        self._held = Jets(jets.counts[count:], jets.constituents[used:], jets.truth[count:])
        return taken


def interleaved(sources: list[Iterable[Jets]], order: np.ndarray, labels: list[int], block: int = 10 * ROWS_IN_CHUNK) -> Iterator[np.ndarray]:
    """Rows of the table in blocks: row i is the next jet of source `order[i]`, with that source's label."""
    streams = [_Stream(source) for source in sources]
    for start in range(0, len(order), block):
        part = order[start : start + block]
        taken = rows(Jets.joined([stream.take(int((part == k).sum())) for k, stream in enumerate(streams)]), np.zeros(len(part)), start)
        # `taken` is grouped by source; a stable order of the sources says which row each belongs to.
        table = np.empty_like(taken)
        table[np.argsort(part, kind="stable")] = taken
        table["index"] = start + np.arange(len(part))
        table["values_block_1"][:, 1] = np.array(labels)[part]
        yield table


def _text_pickle(value: object) -> np.bytes_:
    return np.bytes_(pickle.dumps(value, 0))


def _attributes(count: int) -> dict[str, dict[str, object]]:
    """What pandas and PyTables expect, by object; lists of columns are pickles of protocol 0."""
    group = {"CLASS": "GROUP", "TITLE": "", "VERSION": "1.0"}
    fills = {"FIELD_0_FILL": np.int64(0), "FIELD_1_FILL": np.float64(0), "FIELD_2_FILL": np.int64(0)}
    fields = {f"FIELD_{i}_NAME": name for i, name in enumerate(ROW.names)}
    blocks: dict[str, object] = {}
    for block, kind, columns in (("values_block_0", "float32", FLOATS), ("values_block_1", "int64", INTEGERS)):
        blocks |= {f"{block}_dtype": kind, f"{block}_meta": _text_pickle(None), f"{block}_kind": _text_pickle(columns)}
    info = {1: {"names": [None], "type": "Index"}, "index": {}, "values_block_0": {}, "values_block_1": {}}
    return {
        "/": group | {"PYTABLES_FORMAT_VERSION": "2.1"},
        "/table": group
        | {"pandas_type": "frame_table", "table_type": "appendable_frame", "encoding": "UTF-8", "errors": "strict", "levels": np.int64(1)}
        | {"data_columns": _text_pickle([]), "index_cols": _text_pickle([(0, "index")]), "info": _text_pickle(info)}
        | {"nan_rep": "nan", "non_index_axes": _text_pickle([(1, FLOATS + INTEGERS)])}
        | {"values_cols": _text_pickle(["values_block_0", "values_block_1"])},
        "/table/table": {"CLASS": "TABLE", "TITLE": "", "VERSION": "2.7", "NROWS": np.int64(count), "index_kind": "integer", **fills, **fields, **blocks},
    }


def write(file: BinaryIO, blocks: Iterable[np.ndarray], count: int, classes: list[str], recipe: str) -> None:
    """Writes `count` rows to an open binary file; `recipe` says how they were made."""
    import h5py
    import hdf5plugin

    with h5py.File(file, "w") as target:
        table = target.create_dataset(
            "table/table", (count,), ROW, chunks=(min(ROWS_IN_CHUNK, count),), **hdf5plugin.Blosc(cname="zstd", clevel=9, shuffle=hdf5plugin.Blosc.SHUFFLE)
        )
        done = 0
        for block in blocks:
            table[done : done + len(block)] = block
            done += len(block)
        target["classes"] = class_bytes(classes)
        for name, attributes in _attributes(count).items():
            for key, value in attributes.items():
                # PyTables gives texts of fixed length in UTF-8 back as texts, and others as bytes.
                kind = h5py.string_dtype("utf-8", max(1, len(value))) if type(value) is str else None
                target[name].attrs.create(key, value, dtype=kind)
        target.attrs["recipe"] = recipe


def recipe_of(path: Path) -> str | None:
    """How a file was made, or None for a file of other origin."""
    import h5py

    try:
        with h5py.File(path) as file:
            found = file.attrs.get("recipe")
            return found if isinstance(found, str) else None
    except OSError:
        return None
