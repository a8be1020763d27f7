// TensorCore: arrays of numbers, their storage, shapes and kernels, threads and random streams.
//
// It may call the C loops (CVectorMath), OpenBLAS (CBLAS) and the thread pool (CThreads); it knows nothing of gradients,
// models, jets, files or Lua. Everything a script can reach throws CallerError, OutOfMemory or Interrupted and never traps.
//
// Tensor/ holds the array itself with its views, element-wise loops and reductions; Sparse/ the CSR rows of image sets;
// Convolutions/ what slides over images; Fused/ the kernels that models call instead of several ops; Execution/ threads,
// random streams, interrupts and the processor.
//
// A Tensor is a value that refers to shared storage, so that a view costs no copy; whoever writes in place marks the
// storage as changed. Rejected: copy-on-write values (views could not share) and a generic Tensor<Element> (every op
// would be specialised four times, and a script's dtype is only known when it runs).
