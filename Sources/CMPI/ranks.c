// Ranks that train one model together, through MPI.
#ifdef JETLUA_MPI
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

// Debian and others keep MPI's headers in a folder of their own, which pkg-config would name.
#if __has_include(<mpi.h>)
#include <mpi.h>
#else
#include <mpi/mpi.h>
#endif

#include "CMPI.h"

enum {
  THE_END = 0,
  LAST_WORDS = 1024,       // bytes of what a rank that failed tells the others
  PATIENCE_SECONDS = 30,   // that it waits for them to come and hear it
  LARGEST_MESSAGE = 1 << 28
};

// How a rank ended comes in place of what it came for.
typedef struct {
  jmpi_errand errand;
  int32_t status;
  int32_t unused;
} notice;

static struct {
  int rank, size;
  pid_t process, launcher;
  MPI_Comm world;
  notice *notices;       // of the last meeting, one for each rank
  void *received;        // parts of the numbers that this rank adds up, from all ranks
  size_t received_bytes;
  int *counts;           // four lists of `size` numbers for MPI
  int silenced, shown;   // what a rank other than 0 writes to stderr, and stderr itself; -1 for none
  jmpi_cost cost;
  char problem[LAST_WORDS + 200];
} ranks = {.rank = 0, .size = 1, .silenced = -1, .shown = -1};

bool jmpi_is_built_in(void) { return true; }
int jmpi_rank(void) { return ranks.rank; }
int jmpi_size(void) { return ranks.size; }
const char *jmpi_problem(void) { return ranks.problem; }
jmpi_cost jmpi_cost_so_far(void) { return ranks.cost; }

jmpi_errand jmpi_errand_of(int rank) {
  if (rank < 0 || rank >= ranks.size || !ranks.notices) return (jmpi_errand){.operation = 0};
  return ranks.notices[rank].errand;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// What this rank wrote to stderr last.
static void read_last_words(char words[LAST_WORDS]) {
  memset(words, 0, LAST_WORDS);
  if (ranks.silenced < 0) return;
  off_t end = lseek(ranks.silenced, 0, SEEK_END);
  off_t from = end > LAST_WORDS - 1 ? end - (LAST_WORDS - 1) : 0;
  if (end <= 0 || pread(ranks.silenced, words, (size_t)(end - from), from) < 0) words[0] = 0;
}

static void show(const char *text) {
  int descriptor = ranks.shown >= 0 ? ranks.shown : STDERR_FILENO;
  if (write(descriptor, text, strlen(text)) < 0) return;
}

// A rank that failed while another never comes to a meeting ends all of them.
static void give_up(int status) {
  char words[LAST_WORDS], line[LAST_WORDS + 100];
  read_last_words(words);
  snprintf(line, sizeof line, "jetlua: rank %d ended with status %d and the others do not come to hear it; ending all\n%s", ranks.rank, status, words);
  show(line);
  MPI_Abort(ranks.world, status);
}

// Waits for a request as long as it takes, without keeping a processor busy for long.
static bool await(MPI_Request *request, int status) {
  double began = now();
  for (int turn = 0;; turn++) {
    int done = 0;
    if (MPI_Test(request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) return false;
    if (done) return true;
    if (turn < 2000) continue;
    double waited = now() - began;
    if (waited < 0.02) {
      sched_yield();
    } else {
      struct timespec nap = {.tv_nsec = waited < 1 ? 50000 : 2000000};
      nanosleep(&nap, NULL);
    }
    if (status != 0 && waited > PATIENCE_SECONDS) give_up(status);
    // mpirun is gone: nobody will come, and nobody would end this rank. As after a signal, the run can be gone on with.
    if (getppid() != ranks.launcher) _exit(75);
  }
}

// One line of a rank's last words: without "jetlua: " before it and the traceback behind.
static void first_line(char *words) {
  char *traceback = strstr(words, "\nstack traceback:");
  if (traceback) *traceback = 0;
  for (char *at = words; *at; at++)
    if (*at == '\n' || *at == '\r' || *at == '\t') *at = ' ';
  size_t length = strlen(words);
  while (length > 0 && words[length - 1] == ' ') words[--length] = 0;
}

static int fail(const char *what) {
  snprintf(ranks.problem, sizeof ranks.problem, "MPI could not %s", what);
  return JMPI_FAILED;
}

// One meeting; `status` is that of a rank that ends. Returns JMPI_ENDED where some have ended and others not.
static int meet(const jmpi_errand *errand, int status) {
  notice mine = {.errand = *errand, .status = status};
  MPI_Request request;
  double began = now();
  if (MPI_Iallgather(&mine, sizeof mine, MPI_BYTE, ranks.notices, sizeof mine, MPI_BYTE, ranks.world, &request) != MPI_SUCCESS) return fail("gather");
  if (!await(&request, status)) return fail("gather");
  ranks.cost.waiting += now() - began;

  int ended = 0, speaker = -1;
  for (int i = 0; i < ranks.size; i++) {
    if (ranks.notices[i].errand.operation != THE_END) continue;
    ended++;
    if (speaker < 0 || (ranks.notices[speaker].status == 0 && ranks.notices[i].status != 0)) speaker = i;
  }
  if (ended == ranks.size) return JMPI_AGREED;
  if (ended > 0) {
    char words[LAST_WORDS];
    if (ranks.rank == speaker) read_last_words(words);
    if (MPI_Bcast(words, LAST_WORDS, MPI_BYTE, speaker, ranks.world) != MPI_SUCCESS) return fail("broadcast");
    words[LAST_WORDS - 1] = 0;
    first_line(words);
    if (ranks.notices[speaker].status == 0)
      snprintf(ranks.problem, sizeof ranks.problem,
        "rank %d has ended its script while others go on; every rank must take the same steps", speaker);
    else
      snprintf(ranks.problem, sizeof ranks.problem, "rank %d ended with status %d%s%s", speaker, ranks.notices[speaker].status, words[0] ? ": " : "", words);
    return JMPI_ENDED;
  }
  for (int i = 1; i < ranks.size; i++) {
    const jmpi_errand *a = &ranks.notices[0].errand, *b = &ranks.notices[i].errand;
    if (a->operation != b->operation || a->count != b->count || a->check != b->check) {
      snprintf(ranks.problem, sizeof ranks.problem,
        "rank %d came with other numbers than rank 0 (%lld of them, not %lld); every rank must take the same steps", i, (long long)b->count, (long long)a->count);
      return JMPI_DIFFER;
    }
    if (a->check_values != b->check_values && a->check_values != 0 && b->check_values != 0) {
      snprintf(ranks.problem, sizeof ranks.problem, "rank %d has other values than rank 0", i);
      return JMPI_VALUES_DIFFER;
    }
  }
  return JMPI_AGREED;
}

int jmpi_meet(const jmpi_errand *errand) {
  if (ranks.size == 1) {
    if (ranks.notices) ranks.notices[0].errand = *errand;
    return JMPI_AGREED;
  }
  return meet(errand, 0);
}

// At the end of the program: tells the others until all of them have ended.
static void at_end(int status, void *unused) {
  (void)unused;
  if (getpid() != ranks.process) return;
  jmpi_errand end = {.operation = THE_END};
  int met = JMPI_ENDED;
  while (ranks.size > 1 && met == JMPI_ENDED) met = meet(&end, status);
  if (met == JMPI_FAILED) MPI_Abort(ranks.world, status ? status : 1);
  MPI_Finalize();
}

// Ranks other than 0 compute and say nothing. What they write to stderr is kept for the case that they fail.
static void fall_silent(void) {
  const char *all = getenv("JETLUA_EVERY_RANK");
  if (all && *all && strcmp(all, "0") != 0) return;
  int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC), kept = memfd_create("stderr", MFD_CLOEXEC);
  int shown = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (nothing < 0 || kept < 0 || shown < 0) return;
  dup2(nothing, STDOUT_FILENO);
  dup2(kept, STDERR_FILENO);
  close(nothing);
  ranks.silenced = kept;
  ranks.shown = shown;
}

const char *jmpi_start(void) {
  int provided = 0, launched = jmpi_launched_count();
  // A rank that waits must leave its processor to others: on a busy machine a step then takes a third of the time.
  setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) return "MPI could not be started";
  ranks.world = MPI_COMM_WORLD;
  MPI_Comm_set_errhandler(ranks.world, MPI_ERRORS_RETURN);
  MPI_Comm_rank(ranks.world, &ranks.rank);
  MPI_Comm_size(ranks.world, &ranks.size);
  ranks.process = getpid();
  ranks.launcher = getppid();
  if (on_exit(at_end, NULL) != 0) return "MPI could not be started: no memory";
  if (ranks.size != launched) {
    snprintf(ranks.problem, sizeof ranks.problem, "the launcher started %d processes and MPI knows of %d; with srun say --mpi=pmix", launched, ranks.size);
    ranks.rank = jmpi_launched_rank();
    ranks.size = 1;
    return ranks.problem;
  }
  ranks.notices = calloc((size_t)ranks.size, sizeof *ranks.notices);
  ranks.counts = calloc((size_t)ranks.size * 4, sizeof *ranks.counts);
  if (!ranks.notices || !ranks.counts) return "MPI could not be started: no memory";
  if (ranks.rank > 0) fall_silent();
  // Programs that the script starts are no ranks.
  static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "PMI_SIZE", "PMI_RANK", "SLURM_STEP_NUM_TASKS", "PMIX_RANK"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) unsetenv(names[i]);
  return NULL;
}

int jmpi_processors(void) {
  cpu_set_t mine;
  if (sched_getaffinity(0, sizeof mine, &mine) != 0) return 1;
  int available = CPU_COUNT(&mine), sharers = 0, neighbours = 1;
  MPI_Comm machine;
  if (MPI_Comm_split_type(ranks.world, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine) != MPI_SUCCESS) return available;
  MPI_Comm_size(machine, &neighbours);
  cpu_set_t *all = calloc((size_t)neighbours, sizeof *all);
  if (all && MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all, sizeof mine, MPI_BYTE, machine) == MPI_SUCCESS)
    for (int i = 0; i < neighbours; i++) sharers += CPU_EQUAL(&mine, &all[i]) ? 1 : 0;
  free(all);
  MPI_Comm_free(&machine);
  int each = sharers > 0 ? available / sharers : available;
  return each > 0 ? each : 1;
}

// Memory for the parts that this rank adds up.
static void *received(size_t bytes) {
  if (bytes > ranks.received_bytes) {
    free(ranks.received);
    ranks.received = malloc(bytes);
    ranks.received_bytes = ranks.received ? bytes : 0;
  }
  return ranks.received;
}

// Each rank adds up one part of the numbers: it gets that part from all, and all get the sums.
#define DEFINE_SUM(NAME, TYPE, MPI_NAME)                                                                                             \
  static bool NAME##_block(TYPE *numbers, int count, const double *weights) {                                                       \
    const int size = ranks.size, rank = ranks.rank;                                                                                 \
    int *sent = ranks.counts, *sent_at = sent + size, *got = sent + 2 * size, *got_at = sent + 3 * size;                            \
    for (int i = 0; i < size; i++) {                                                                                                \
      sent_at[i] = (int)((int64_t)count * i / size);                                                                                \
      sent[i] = (int)((int64_t)count * (i + 1) / size) - sent_at[i];                                                                \
    }                                                                                                                               \
    const int own = sent[rank];                                                                                                     \
    for (int i = 0; i < size; i++) got[i] = own;                                                                                    \
    TYPE *parts = received((size_t)own * (size_t)size * sizeof(TYPE) + 1);                                                          \
    if (!parts || (int64_t)own * size > INT32_MAX) return false;                                                                    \
    for (int i = 0; i < size; i++) got_at[i] = own * i;                                                                             \
    if (MPI_Alltoallv(numbers, sent, sent_at, MPI_NAME, parts, got, got_at, MPI_NAME, ranks.world) != MPI_SUCCESS) return false;    \
    TYPE *out = numbers + sent_at[rank];                                                                                            \
    for (int i = 0; i < own; i++) {                                                                                                 \
      double sum = 0;                                                                                                               \
      for (int r = 0; r < size; r++) {                                                                                              \
        /* A rank without jets has no say, whatever its gradient is. */                                                             \
        const double weight = weights ? weights[r] : 1;                                                                             \
        if (weight != 0) sum += weight * (double)parts[(size_t)r * (size_t)own + (size_t)i];                                        \
      }                                                                                                                             \
      out[i] = (TYPE)sum;                                                                                                           \
    }                                                                                                                               \
    return MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_NAME, numbers, sent, sent_at, MPI_NAME, ranks.world) == MPI_SUCCESS;                 \
  }                                                                                                                                 \
  bool NAME(TYPE *numbers, int64_t count, const double *weights) {                                                                  \
    if (ranks.size == 1) return true;                                                                                               \
    double began = now();                                                                                                           \
    bool worked = true;                                                                                                             \
    for (int64_t at = 0; worked && at < count; at += LARGEST_MESSAGE) {                                                             \
      const int64_t left = count - at;                                                                                              \
      worked = NAME##_block(numbers + at, (int)(left < LARGEST_MESSAGE ? left : LARGEST_MESSAGE), weights);                         \
    }                                                                                                                               \
    if (!worked) fail("add up numbers");                                                                                            \
    ranks.cost.moving += now() - began;                                                                                             \
    ranks.cost.exchanges++;                                                                                                         \
    ranks.cost.bytes += count * (int64_t)sizeof(TYPE);                                                                              \
    return worked;                                                                                                                  \
  }

DEFINE_SUM(jmpi_sum_f32, float, MPI_FLOAT)
DEFINE_SUM(jmpi_sum_f64, double, MPI_DOUBLE)

bool jmpi_broadcast(void *bytes, int64_t count, int from) {
  if (ranks.size == 1) return true;
  for (int64_t at = 0; at < count; at += LARGEST_MESSAGE) {
    const int64_t left = count - at;
    if (MPI_Bcast((char *)bytes + at, (int)(left < LARGEST_MESSAGE ? left : LARGEST_MESSAGE), MPI_BYTE, from, ranks.world) != MPI_SUCCESS) {
      fail("broadcast");
      return false;
    }
  }
  return true;
}
#endif
