"""What a training step of each model must compute and move, for the bounds in the document."""

PIXELS, HIDDEN, SIDE = 1600, 100, 40
CONSTITUENT = ((80, 256), (256, 128), (128, 64), (64, 20), (10, 64), (64, 128), (128, 256), (256, 80))
# Inputs, outputs and side of the images that a convolution of 5 x 5 makes.
CONVOLUTIONS = ((1, 10, 40), (10, 10, 40), (10, 10, 20), (10, 5, 20), (5, 10, 20), (10, 10, 20), (10, 10, 40), (10, 1, 40))
CONVOLUTIONAL_DENSE = ((2000, 100), (100, 2), (1, 100), (100, 2000))
# Adam reads and writes weight, mean and mean square, reads the gradient.
ADAM_BYTES = 28


def dense_parameters(layers):
  return sum(a * b + b for a, b in layers)


def step(model, batch, active, mixtures=2):
  """Parts of a step of so many jets with `active` lit pixels on average: (name, floating-point operations, bytes in the cache, exponentials)."""
  if model == "dvae":
    parameters = PIXELS * HIDDEN + HIDDEN + (HIDDEN + 1) * 2 * mixtures + PIXELS * mixtures
    return [
      ("first layer", 2 * active * HIDDEN * batch, 0, 0), ("first layer, gradient", 2 * active * HIDDEN * batch, 0, 0),
      ("SELU, posterior and its gradient", 12 * HIDDEN * mixtures * batch, 0, HIDDEN * batch),
      ("decoder, softmax, cross-entropy, gradient", 6 * PIXELS * mixtures * batch, 0, PIXELS * batch), ("Adam", 0, ADAM_BYTES * parameters, 0),
    ]
  if model in ("constituent", "disco"):
    # Forward, gradient by weights, gradient by inputs, of which the first layer needs none.
    products = 6 * sum(a * b for a, b in CONSTITUENT) - 2 * 80 * 256
    return [("matrix products", products * batch, 0, 0), ("Adam", 0, ADAM_BYTES * dense_parameters(CONSTITUENT), 0)]
  convolutions = sum(6 * 25 * a * b * side**2 for a, b, side in CONVOLUTIONS) - 2 * 25 * 10 * SIDE**2
  parameters = sum(25 * a * b + b for a, b, _ in CONVOLUTIONS) + dense_parameters(CONVOLUTIONAL_DENSE)
  exponentials = sum(b * side**2 for _, b, side in CONVOLUTIONS[:-1])
  return [
    ("convolutions", convolutions * batch, 0, 0), ("dense layers", 6 * sum(a * b for a, b in CONVOLUTIONAL_DENSE) * batch, 0, 0),
    ("SELU", 0, 0, exponentials * batch), ("Adam", 0, ADAM_BYTES * parameters, 0),
  ]


def microseconds(part, limits):
  """The least time of a part at the machine's measured rates, one after the other."""
  _, operations, moved, exponentials = part
  gemm = max(limits["gemm_2048"], limits["jetlua_gemm_2048"])
  copy, exp = max(limits["copy_cache"], limits["jetlua_copy_cache"]), max(limits["exp"], limits["jetlua_exp"])
  return (operations / gemm + moved / copy + exponentials / exp) / 1e3
