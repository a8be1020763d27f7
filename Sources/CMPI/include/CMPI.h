#pragma once
#include <stdbool.h>
#include <stdint.h>

// What several processes that train one model need of MPI. Every exchange begins with a meeting, in which all ranks say what they
// came for: a rank that has ended, by an error too, comes to every meeting that is left and says so, and nobody waits for it.
// Without JETLUA_MPI a process is the only one, and what a launcher started as one of several is refused before it begins.
// All of this is called by the thread that runs Lua.

/// Whether this build can talk to other ranks.
bool jmpi_is_built_in(void);

/// How many processes mpirun, srun or another launcher says it started; 1 where none has.
int jmpi_launched_count(void);

/// This process's number among them, from 0, as the launcher says.
int jmpi_launched_rank(void);

/// Joins the others. What other ranks than 0 write is not shown, but the last of it is told where one of them fails.
/// Returns nil, or why there are no others to be found.
const char *jmpi_start(void);

int jmpi_rank(void);
int jmpi_size(void);

/// Processors for each rank of this machine, where ranks may share them; at least 1.
int jmpi_processors(void);

/// What a rank comes to a meeting for. All bring the same operation, count and check; `check_values` only where it is not 0.
typedef struct {
  int32_t operation;     // of the caller's own, from 1; 0 is kept for the end of a rank
  int32_t flags;         // wishes, which the others learn
  int64_t count;         // numbers to be exchanged
  int64_t check;         // of what they mean
  int64_t check_values;  // of what must be alike on all ranks
  int64_t part, whole;   // jets of this rank, and of all
} jmpi_errand;

enum { JMPI_AGREED = 0, JMPI_ENDED = 1, JMPI_DIFFER = 2, JMPI_VALUES_DIFFER = 3, JMPI_FAILED = 4 };

/// Says what this rank came for and learns what the others did: one of JMPI_….
int jmpi_meet(const jmpi_errand *errand);

/// What a rank said in the last meeting.
jmpi_errand jmpi_errand_of(int rank);

/// What the last failed call has to tell, in one line.
const char *jmpi_problem(void);

/// Replaces numbers on all ranks by their sum, sum over ranks of weight times number, added up in the order of ranks in double precision,
/// the same bits everywhere; without weights all are 1. After a meeting. Returns whether it worked.
bool jmpi_sum_f32(float *numbers, int64_t count, const double *weights);
bool jmpi_sum_f64(double *numbers, int64_t count, const double *weights);

/// Replaces bytes by those of one rank. After a meeting. Returns whether it worked.
bool jmpi_broadcast(void *bytes, int64_t count, int from);

/// A number that is different where bytes are.
int64_t jmpi_hash(int64_t before, const void *bytes, int64_t count);

/// What exchanges have cost so far.
typedef struct {
  int64_t exchanges, bytes;  // sums, and bytes of their numbers on one rank
  double waiting, moving;    // seconds until the others came, and for the numbers
} jmpi_cost;
jmpi_cost jmpi_cost_so_far(void);
