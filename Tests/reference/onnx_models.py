"""Compares exported models with what jetlua computed: python onnx_models.py FILE.onnx ...; beside each lies FILE.npz.

Needs onnx, onnxruntime and numpy. Prints a line per file and fails where an output differs by more than 1e-5 (absolute, and
relative to the output's largest number)."""
import sys

import numpy
import onnx
import onnxruntime

failed = False
for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    expected = numpy.load(path[: -len("onnx")] + "npz")
    names = [output.name for output in session.get_outputs()]
    assert set(names) == set(expected.files) - {"x"}, (names, expected.files)
    worst = 0.0
    for name, value in zip(names, session.run(None, {"x": expected["x"]})):
        wanted = expected[name]
        assert value.shape == wanted.shape and value.dtype == numpy.float32, (name, value.shape, wanted.shape)
        assert len(wanted) == 1 or numpy.ptp(wanted, axis=0).max() > 0, f"{name} is the same for all jets"
        worst = max(worst, float(numpy.abs(value - wanted).max() / max(1.0, numpy.abs(wanted).max())))
    drawn = {node.op_type for node in model.graph.node} & {"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}
    failed = failed or worst > 1e-5 or bool(drawn)
    print(path.split("/")[-1], " ".join(names), f"{worst:.1e}")
sys.exit(failed)
