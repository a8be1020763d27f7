// What launchers tell the processes that they start.
#include <stdlib.h>

#include "CMPI.h"

static int number(const char *name, int otherwise) {
  const char *text = getenv(name);
  if (!text || !*text) return otherwise;
  char *end;
  long value = strtol(text, &end, 10);
  return *end || value < 0 || value > 1 << 20 ? otherwise : (int)value;
}

// Open MPI's mpirun, MPICH's, and srun, in this order; each with the variable of the process's number.
static const char *const launchers[][2] = {
  {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"}, {"PMI_SIZE", "PMI_RANK"}, {"SLURM_STEP_NUM_TASKS", "SLURM_PROCID"}};

int jmpi_launched_count(void) {
  for (int i = 0; i < 3; i++) {
    int count = number(launchers[i][0], 0);
    if (count >= 1 && number(launchers[i][1], -1) >= 0) return count;
  }
  return 1;
}

int jmpi_launched_rank(void) {
  for (int i = 0; i < 3; i++) {
    if (number(launchers[i][0], 0) >= 1 && number(launchers[i][1], -1) >= 0) return number(launchers[i][1], 0);
  }
  return 0;
}
