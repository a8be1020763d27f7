#!/usr/bin/env python3
"""Fits the polynomials of Sources/CVectorMath/kernels/pieces.h and prints its tables."""

import mpmath
import numpy

INTERVALS = 32
mpmath.mp.dps = 40


def middle(f, k, width):
  """Within a hundredth of the interval's middle, the float where f is closest to a float."""
  if k == 0:
    return numpy.float32(0)
  best, least = None, None
  x = numpy.float32((k - 0.01) * width)
  for _ in range(4000):
    if x > numpy.float32((k + 0.01) * width):
      break
    value = f(mpmath.mpf(float(x)))
    error = abs(value - mpmath.mpf(float(numpy.float32(float(value))))) / value
    if least is None or error < least:
      best, least = x, error
    x = numpy.nextafter(x, numpy.float32(100))
  return best


def fit(f, last, degree):
  """Middles and coefficients of rising powers, [degree + 2, 32], by the least squares of the relative error."""
  width, columns = last / (INTERVALS - 1), []
  for k in range(INTERVALS):
    x0 = middle(f, k, width)
    first = numpy.float32(float(f(mpmath.mpf(float(x0)))))
    low, high, n = max(0, (k - 0.5) * width), (k + 0.5) * width, 60
    nodes = [(low + high) / 2 + (high - low) / 2 * float(mpmath.cos(mpmath.pi * (2 * i + 1) / (2 * n))) for i in range(n)]
    exact = numpy.array([float(f(mpmath.mpf(x))) for x in nodes])
    rest = numpy.array([float(f(mpmath.mpf(x)) - mpmath.mpf(float(first))) for x in nodes]) / exact
    scale = width / 2
    powers = numpy.array([[((x - float(x0)) / scale)**j for j in range(1, degree + 1)] for x in nodes]) / exact[:, None]
    found = numpy.linalg.lstsq(powers, rest, rcond=None)[0]
    columns.append([x0, first, *(numpy.float32(c / scale**j) for j, c in enumerate(found, 1))])
  return numpy.array(columns, dtype=numpy.float32).T


def literal(x):
  text = numpy.format_float_scientific(x, trim="-") if x != 0 and abs(x) < 1e-3 else numpy.format_float_positional(x, trim="-")
  return (text if "." in text or "e" in text else text + ".0") + "f"


def show(name, rows):
  print(f"static const float {name}[][{INTERVALS}] = {{")
  for number, row in enumerate(rows):
    line = "    {"
    for i, x in enumerate(row):
      end = ", " if i + 1 < len(row) else "}," if number + 1 < len(rows) else "}};"
      text = literal(x) + end
      if len(line) + len(text.rstrip()) > 148:
        print(line.rstrip())
        line = "     "
      line += text
    print(line)


def main():
  for name, f, last, degree in (
      ("tanh_pieces", lambda x: mpmath.tanh(x) / x if x else mpmath.mpf(1), 9.05, 5),
      ("erf_pieces", lambda x: mpmath.erf(x) / x if x else 2 / mpmath.sqrt(mpmath.pi), 3.95, 4)):
    rows = fit(f, last, degree)
    show(name, rows)


if __name__ == "__main__":
  main()
