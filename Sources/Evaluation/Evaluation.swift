// Evaluation: what a score is worth, from plain lists of numbers: ROC and what follows from it, divergences of spectra, mass dependence.
//
// It may use TensorCore's errors and threads and knows no jet, no model and no Lua. Every function checks its input and names the
// script's function in its error; sums run in Float64. Nothing is repaired on the way: a NaN score is an error that counts them, not a
// jet that quietly fails every cut.
