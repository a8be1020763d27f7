#!/usr/bin/env python3
"""Cut the bundled sample out of a file in the community top-tagging layout.

The first N jets of each class are taken in the order of the file, the classes interleaved as they are found, and written
in the same layout: the pandas/PyTables table `/table/table` with the same fields, attributes and row index. No value changes.

Needs numpy and tables (PyTables), the second for Blosc.
"""

import argparse
import os

import numpy
import tables


def first_of_each_class(label, per_class):
  """Row numbers, ascending, of the first `per_class` jets of label 0 and of label 1."""
  rows = []
  for value in (0, 1):
    found = numpy.flatnonzero(label == value)[:per_class]
    if len(found) < per_class:
      raise SystemExit(f"make_sample: label {value}: expected at least {per_class} jets, got {len(found)}")
    rows.append(found)
  return numpy.sort(numpy.concatenate(rows))


def copy_attributes(source, target):
  """Copy the attributes that pandas needs to rebuild the frame; PyTables writes its own."""
  for name in source._v_attrs._f_list("user"):
    target._v_attrs[name] = source._v_attrs[name]


def make_sample(input_path, output_path, per_class, chunk_rows):
  compression = tables.Filters(complevel=9, complib="blosc:zstd", shuffle=True)
  unfinished = output_path + ".unfinished"
  with tables.open_file(input_path) as source, tables.open_file(unfinished, "w") as target:
    table = source.root.table.table
    rows = first_of_each_class(table.col("values_block_1")[:, 1], per_class)
    group = target.create_group("/", "table")
    copy_attributes(source.root.table, group)
    sample = target.create_table(
      group, "table", table.description, filters=compression, expectedrows=len(rows),
      chunkshape=(chunk_rows,), track_times=False)
    copy_attributes(table, sample)
    # One chunk of the output at a time, so that the memory needed does not grow with the sample.
    for start in range(0, len(rows), chunk_rows):
      sample.append(table.read_coordinates(rows[start:start + chunk_rows]))
  os.replace(unfinished, output_path)


def main():
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument("--input", required=True, help="file in the community layout, e.g. train.h5")
  parser.add_argument("--output", required=True, help="file to write")
  parser.add_argument("--per-class", type=int, default=10_000, help="jets of each class (default 10000)")
  parser.add_argument("--chunk-rows", type=int, default=160,
    help="jets in a compressed chunk (default 160: half the chunk cache that HDF5 gives a data set unless told otherwise)")
  arguments = parser.parse_args()
  make_sample(arguments.input, arguments.output, arguments.per_class, arguments.chunk_rows)


if __name__ == "__main__":
  main()
