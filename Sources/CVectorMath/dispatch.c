#include "CVectorMath.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

extern const jvm_kernels jvm_kernels_baseline;
#if defined(__x86_64__)
extern const jvm_kernels jvm_kernels_v3, jvm_kernels_v4;
#endif

static const jvm_kernels *chosen = &jvm_kernels_baseline;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#if defined(__x86_64__)
static bool has_v3(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}

static bool has_v4(void) {
  return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
}
#endif

const jvm_kernels *jvm_kernels_named(const char *instruction_set) {
  if (strcmp(instruction_set, jvm_kernels_baseline.instruction_set) == 0) return &jvm_kernels_baseline;
#if defined(__x86_64__)
  if (strcmp(instruction_set, jvm_kernels_v3.instruction_set) == 0 && has_v3()) return &jvm_kernels_v3;
  if (strcmp(instruction_set, jvm_kernels_v4.instruction_set) == 0 && has_v4()) return &jvm_kernels_v4;
#endif
  return NULL;
}

static void choose(void) {
#if defined(__x86_64__)
  const char *limit = getenv("JETLUA_INSTRUCTION_SET");
  if (limit && strcmp(limit, "baseline") == 0) return;
  if (has_v3()) chosen = &jvm_kernels_v3;
  if (limit && strcmp(limit, "x86-64-v3") == 0) return;
  if (has_v4()) chosen = &jvm_kernels_v4;
#endif
}

const jvm_kernels *jvm_kernels_in_use(void) {
  pthread_once(&once, choose);
  return chosen;
}
