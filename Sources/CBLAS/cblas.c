#define _GNU_SOURCE
#include "CBLAS.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { row_major = 101, not_transposed = 111, transposed = 112 };

typedef void (*sgemm_function)(int, int, int, int, int, int, float, const float *, int, const float *, int, float,
                               float *, int);
typedef void (*dgemm_function)(int, int, int, int, int, int, double, const double *, int, const double *, int, double,
                               double *, int);

static struct {
  sgemm_function sgemm;
  dgemm_function dgemm;
  int (*thread_count)(void);
  const char *core, *configuration, *requested;
} blas = {.core = "not loaded", .configuration = "", .requested = ""};

static pthread_once_t once = PTHREAD_ONCE_INIT;

// Measured on a two-core Sapphire Rapids machine (sgemm 2048, two threads): as found 32-44 GFLOP/s, HASWELL 109, SKYLAKEX 206.
static const char *fitting_core(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl"))
    return "SKYLAKEX";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return __builtin_cpu_is("amd") ? "ZEN" : "HASWELL";
#endif
  return NULL;
}

static char *copy_of_environment(const char *name) {
  const char *value = getenv(name);
  return value ? strdup(value) : NULL;
}

static void restore_environment(const char *name, char *value) {
  if (value) setenv(name, value, 1); else unsetenv(name);
  free(value);
}

static void load(void) {
  char *core = copy_of_environment("OPENBLAS_CORETYPE");
  char *threads = copy_of_environment("OPENBLAS_NUM_THREADS");
  if (!core) {
    const char *fitting = fitting_core();
    if (fitting) {
      setenv("OPENBLAS_CORETYPE", fitting, 1);
      blas.requested = fitting;
    }
  }
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  restore_environment("OPENBLAS_CORETYPE", core);
  restore_environment("OPENBLAS_NUM_THREADS", threads);
  if (!library) {
    blas.core = "none: libopenblas.so.0 was not found (Debian's package is libopenblas0)";
    return;
  }
  blas.sgemm = (sgemm_function)dlsym(library, "cblas_sgemm");
  blas.dgemm = (dgemm_function)dlsym(library, "cblas_dgemm");
  const char *(*core_name)(void) = (const char *(*)(void))dlsym(library, "openblas_get_corename");
  const char *(*configuration)(void) = (const char *(*)(void))dlsym(library, "openblas_get_config");
  blas.thread_count = (int (*)(void))dlsym(library, "openblas_get_num_threads");
  blas.core = core_name ? core_name() : "unknown";
  if (configuration) blas.configuration = configuration();
}

int jblas_available(void) {
  pthread_once(&once, load);
  return blas.sgemm && blas.dgemm;
}

int jblas_sgemm(int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
                const float *b, int ldb, float beta, float *c, int ldc) {
  if (!jblas_available()) return -1;
  blas.sgemm(row_major, transpose_a ? transposed : not_transposed, transpose_b ? transposed : not_transposed, m, n, k,
             alpha, a, lda, b, ldb, beta, c, ldc);
  return 0;
}

int jblas_dgemm(int transpose_a, int transpose_b, int m, int n, int k, double alpha, const double *a, int lda,
                const double *b, int ldb, double beta, double *c, int ldc) {
  if (!jblas_available()) return -1;
  blas.dgemm(row_major, transpose_a ? transposed : not_transposed, transpose_b ? transposed : not_transposed, m, n, k,
             alpha, a, lda, b, ldb, beta, c, ldc);
  return 0;
}

const char *jblas_core_name(void) { jblas_available(); return blas.core; }
const char *jblas_configuration(void) { jblas_available(); return blas.configuration; }
int jblas_thread_count(void) { return jblas_available() && blas.thread_count ? blas.thread_count() : 0; }
const char *jblas_requested_core(void) { jblas_available(); return blas.requested; }
