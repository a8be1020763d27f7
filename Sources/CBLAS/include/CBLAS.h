#pragma once
#include <stddef.h>

// OpenBLAS, opened at first use and never linked: its choice of kernels is read from the environment when it is
// loaded, and version 0.3.21 takes recent Intel processors for a Prescott. cblas.c names the kernels that fit the
// processor, loads the library with one thread, and restores the environment so that child processes never see it.

/// C := alpha op(A) op(B) + beta C, row-major; op is the transpose where the flag is set. m × k times k × n.
/// Single-threaded and safe to call from several threads. Returns 0, or -1 if OpenBLAS is not there.
int jblas_sgemm(int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
                const float *b, int ldb, float beta, float *c, int ldc);
int jblas_dgemm(int transpose_a, int transpose_b, int m, int n, int k, double alpha, const double *a, int lda,
                const double *b, int ldb, double beta, double *c, int ldc);

/// 1 if OpenBLAS could be opened.
int jblas_available(void);

/// The name of OpenBLAS's kernels in use ("SkylakeX"), or why there are none.
const char *jblas_core_name(void);

/// OpenBLAS's own description of itself, or "".
const char *jblas_configuration(void);

/// Threads that OpenBLAS would use by itself; 0 if it cannot say.
int jblas_thread_count(void);

/// The kernels that jetlua asked for, "" if it left the choice to OpenBLAS or the user set OPENBLAS_CORETYPE.
const char *jblas_requested_core(void);
