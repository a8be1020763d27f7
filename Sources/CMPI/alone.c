// One process alone, in a build without MPI.
#ifndef JETLUA_MPI
#include <string.h>

#include "CMPI.h"

bool jmpi_is_built_in(void) { return false; }
const char *jmpi_start(void) { return 0; }
int jmpi_rank(void) { return 0; }
int jmpi_size(void) { return 1; }
int jmpi_processors(void) { return 1; }

static jmpi_errand last;

int jmpi_meet(const jmpi_errand *errand) {
  last = *errand;
  return JMPI_AGREED;
}

jmpi_errand jmpi_errand_of(int rank) {
  (void)rank;
  return last;
}

const char *jmpi_problem(void) { return ""; }

bool jmpi_sum_f32(float *numbers, int64_t count, const double *weights) {
  (void)numbers, (void)count, (void)weights;
  return true;
}

bool jmpi_sum_f64(double *numbers, int64_t count, const double *weights) {
  (void)numbers, (void)count, (void)weights;
  return true;
}

bool jmpi_broadcast(void *bytes, int64_t count, int from) {
  (void)bytes, (void)count, (void)from;
  return true;
}

jmpi_cost jmpi_cost_so_far(void) {
  jmpi_cost none;
  memset(&none, 0, sizeof none);
  return none;
}
#endif
