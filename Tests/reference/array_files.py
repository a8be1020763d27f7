"""Makes Tests/Fixtures/arrays: files of arrays as NumPy, h5py and safetensors write them.

  python array_files.py FOLDER          makes the files
  python array_files.py --check FOLDER  reads what jetlua wrote there (Tests/stdlib/files_test.lua) and compares bit by bit

Every array is the numbers 0 to 5 in shape [2, 3] (times 0.5 - 1 where it has fractions), unless its name says otherwise.
Needs numpy, h5py, safetensors; with torch the check also reads the files with safetensors.torch. The model of torch_model.safetensors
is only made where torch is there.
"""

import io
import json
import struct
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
from safetensors.numpy import load_file, save_file

WHOLE = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FRACTIONS = ["float16", "float32", "float64"]


def arrays():
    grid = np.arange(6).reshape(2, 3)
    result = {name: grid.astype(name) for name in WHOLE}
    result.update({name: (grid * 0.5 - 1).astype(name) for name in FRACTIONS})
    result["bool"] = grid % 2 == 0
    result["scalar"] = np.array(2.5)
    result["whole_scalar"] = np.array(-7)
    result["empty"] = np.zeros((0, 3), np.float32)
    result["special"] = np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324, 1e-45])
    result["large"] = np.array([2**63 - 1, -(2**63)])
    return result


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def zip64(path, name, content):
    """A ZIP file whose directory says its sizes and places in 64 bits, as those of large files do."""
    header = name.encode()
    crc = zipfile.crc32(content)
    local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 45, 0, 0, 0, 0x21, crc, 2**32 - 1, 2**32 - 1, len(header), 20)
    local += header + struct.pack("<HHQQ", 1, 16, len(content), len(content))
    start = len(local) + len(content)
    central = struct.pack(
        "<IHHHHHHIIIHHHHHII", 0x02014B50, 45, 45, 0, 0, 0, 0x21, crc, 2**32 - 1, 2**32 - 1, len(header), 28, 0, 0, 0, 0, 2**32 - 1
    )
    central += header + struct.pack("<HHQQQ", 1, 24, len(content), len(content), 0)
    end = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 1, 1, len(central), start)
    end += struct.pack("<IIQI", 0x07064B50, 0, start + len(central), 1)
    end += struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    Path(path).write_bytes(local + content + central + end)


def make(folder):
    folder.mkdir(parents=True, exist_ok=True)
    named = arrays()
    grid = np.arange(6).reshape(2, 3)
    np.save(folder / "float32.npy", named["float32"])
    np.save(folder / "fortran.npy", np.asfortranarray(named["float64"]))
    np.save(folder / "big_endian.npy", named["float32"].astype(">f4"))
    np.save(folder / "big_endian_int16.npy", named["int16"].astype(">i2"))
    np.save(folder / "big_endian_fortran.npy", np.asfortranarray(named["int64"].astype(">i8")))
    np.save(folder / "scalar.npy", named["scalar"])
    with open(folder / "version2.npy", "wb") as file:
        np.lib.format.write_array(file, named["float32"], version=(2, 0))
    np.save(folder / "objects.npy", np.array([{}, None], dtype=object), allow_pickle=True)
    np.save(folder / "text.npy", np.array(["a", "b"]))
    np.save(folder / "complex.npy", np.array([1j]))
    np.save(folder / "times.npy", np.array(["2020-01-01"], dtype="datetime64[D]"))
    np.save(folder / "fields.npy", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i8")]))
    np.save(folder / "uint64.npy", np.array([1, 2**63], np.uint64))
    np.save(folder / "nine_axes.npy", np.zeros((1,) * 9))
    np.savez(folder / "stored.npz", **named)
    np.savez_compressed(folder / "deflated.npz", **named, ramp=np.arange(50000) % 100)
    zip64(folder / "zip64.npz", "float32.npy", npy(named["float32"]))

    tensors = {name: array for name, array in named.items()}
    save_file(tensors, folder / "types.safetensors", metadata={"format": "np"})
    # What jetlua writes too, byte by byte.
    own = {name: named[name] for name in ["float32", "float64", "int64", "bool", "scalar", "empty"]}
    own['quote"\\\u00e9\n'] = grid.astype(np.float32)
    save_file(own, folder / "own.safetensors", metadata={"format": "jetlua"})
    # bfloat16 is no NumPy type: the upper halves of float32.
    upper = (named["float32"].view(np.uint32) >> 16).astype(np.uint16)
    header = json.dumps({"bfloat16": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]}}).encode()
    (folder / "bfloat16.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + upper.tobytes())
    header = json.dumps({"tiny": {"dtype": "F8_E4M3", "shape": [2], "data_offsets": [0, 2]}}).encode()
    (folder / "float8.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\0\0")

    try:
        from safetensors.torch import save_file as save_torch

        net, x, y = torch_model()
        save_torch(net.state_dict(), folder / "torch_model.safetensors")
        save_torch({"x": x, "y": y}, folder / "torch_model_output.safetensors")
    except ImportError:
        print("without torch: torch_model.safetensors stays as it is")

    with h5py.File(folder / "types.h5", "w") as file:
        for name, array in named.items():
            file[name] = array
        file["big_endian"] = named["float32"].astype(">f4")
        file["group/inner/float32"] = named["float32"]
        file.create_dataset("group/packed", data=named["int64"], compression="gzip", chunks=(1, 3))
        file["table"] = np.array([(1.5, 2), (2.5, 3)], dtype=[("x", "<f4"), ("n", "<i4")])
    with h5py.File(folder / "refused.h5", "w") as file:
        file["text"] = "hello"
        file["complex"] = np.array([1j])
        file["uint64"] = np.array([2**63], np.uint64)
        file["good"] = named["float32"]
        file.create_dataset("claims", shape=(10**6, 10**6), chunks=(100, 100), dtype="f4")
    with h5py.File(folder / "cycle.h5", "w") as file:
        file["group/x"] = 1.0
        file["group/again"] = file["group"]


def torch_model():
    """Three layers by name, an input and what PyTorch makes of it."""
    import torch

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = torch.nn.Linear(4, 8), torch.nn.Linear(8, 2)
            self.inner = torch.nn.Module()
            self.inner.last = torch.nn.Linear(2, 3, bias=False)

        def forward(self, x):
            return self.inner.last(self.second(torch.relu(self.first(x))))

    torch.manual_seed(1)
    net = Net().double()
    x = torch.arange(12, dtype=torch.float64).reshape(3, 4) / 10
    return net, x, net(x).detach()


def check(folder):
    """Compares the files that jetlua wrote with the arrays above; prints the number of arrays that agree."""
    named = arrays()
    expected = {name: named[name] for name in ["float32", "float64", "int64", "bool", "scalar", "empty", "special", "large"]}
    count = 0

    def compare(found, source):
        nonlocal count
        assert set(found) == set(expected), f"{source}: {sorted(found)}"
        for name, array in expected.items():
            got = found[name]
            assert got.dtype == array.dtype and got.shape == array.shape, f"{source}: {name}: {got.dtype} {got.shape}"
            assert got.tobytes() == array.tobytes(), f"{source}: {name}: {got}"
            count += 1

    for file in ["stored.npz", "deflated.npz"]:
        with np.load(folder / file) as found:
            compare({name: found[name] for name in found.files}, file)
        assert zipfile.ZipFile(folder / file).testzip() is None
    compare(load_file(folder / "types.safetensors"), "types.safetensors")
    for file in ["types.h5", "deflated.h5"]:
        with h5py.File(folder / file) as found:
            compare({name: found["group"][name][()] if name != "scalar" else np.asarray(found["group"][name][()]) for name in found["group"]}, file)
    compare({name: np.load(folder / f"{name}.npy") for name in expected}, ".npy")
    table = np.genfromtxt(folder / "columns.csv", delimiter=",", names=True, dtype=None, encoding="utf-8")
    assert table.dtype.names == ("b", "a", "truth") and (table["b"].astype(np.float32) == np.float32([0.1, 1e-30, 3])).all(), table
    assert (table["a"] == [1, 2, -3]).all() and (table["truth"] == [True, False, True]).all(), table
    count += 3
    print(f"{count} arrays agree")
    try:
        import torch
        from safetensors.torch import load_file as load_torch
    except ImportError:
        return
    count = 0
    compare({name: tensor.numpy() for name, tensor in load_torch(folder / "types.safetensors").items()}, "safetensors.torch")
    net, x, y = torch_model()
    net.load_state_dict({name: torch.zeros_like(tensor) for name, tensor in net.state_dict().items()})
    net.load_state_dict(load_torch(folder / "model.safetensors"))
    assert torch.allclose(net(x), y, rtol=1e-14, atol=0), net(x) - y
    print(f"safetensors.torch: {count} tensors and a model agree")


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        check(Path(sys.argv[2]))
    else:
        make(Path(sys.argv[1]))
