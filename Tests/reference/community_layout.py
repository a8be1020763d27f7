"""Reads with pandas what `set:save` writes, and compares it with the file it came from (needs pandas, tables).

    python Tests/reference/community_layout.py path/to/jetlua
"""
import subprocess
import sys
import tempfile

import pandas as pd

with tempfile.TemporaryDirectory() as folder:
    script = "local s = require('jets').sample(); s:shuffle():take(50):save('mine.h5'); print(s.path)"
    sample = subprocess.run([sys.argv[1], "-e", script], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()
    mine, source = pd.read_hdf(folder + "/mine.h5", key="table"), pd.read_hdf(sample, key="table")
assert list(mine.columns) == list(source.columns) and (mine.dtypes == source.dtypes).all()
momenta = [name for name in mine.columns if "_" in name and name != "is_signal_new"] + ["is_signal_new"]
expected = source.iloc[mine.index]
assert len(momenta) == 801 and (mine[momenta].to_numpy() == expected[momenta].to_numpy()).all()
print(f"pandas {pd.__version__} reads {len(mine)} jets, equal to the source's rows")
