#define _GNU_SOURCE
#include "thread_pool.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

// A hand-over costs a futex wake (several microseconds) unless the worker is still spinning: a training step
// has some ten parallel loops a few dozen microseconds apart, so workers spin about that long before they sleep.
enum { maximum_threads = 256, spin_rounds = 4000 };

static struct {
  pthread_mutex_t callers;           // one parallel loop at a time
  int wanted;                        // threads, the caller's included; 0 until first asked
  int started;                       // workers running
  _Alignas(64) atomic_uint ticket;   // counts loops; workers wait for it to change
  _Alignas(64) atomic_int sleepers;
  int shares;                        // threads taking part, each with a share of the indices
  _Alignas(64) atomic_uint gate;     // whether the loop lets workers in, and how many are inside
  jt_task task;
  void *context;
} pool = {.callers = PTHREAD_MUTEX_INITIALIZER};

static const unsigned gate_open = 1u << 31;

// Work beside the loops: pieces that a worker takes, one after the other, while it waits for the next loop. Only the
// thread that runs Lua starts and finishes such work.
static struct {
  _Alignas(64) _Atomic uint64_t progress;  // pieces in the upper half; twice the next one, plus 1 while it runs, in the lower
  jt_task task;
  void *context;
} aside;

// The unclaimed indices of each thread's share. A thread works off its own share in order and then helps the others, so
// that the same indices land on the same core loop after loop and find their data in its cache.
static struct { _Alignas(64) atomic_size_t next; size_t end; } shares[maximum_threads];

static _Thread_local bool inside_task;

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void take_indices(int own) {
  for (int i = 0; i < pool.shares; i++) {
    const int share = (own + i) % pool.shares;
    const size_t end = shares[share].end;
    size_t index;
    while ((index = atomic_fetch_add_explicit(&shares[share].next, 1, memory_order_relaxed)) < end)
      pool.task(pool.context, index);
  }
}

static uint32_t pieces_of(uint64_t progress) { return (uint32_t)(progress >> 32); }
static uint32_t next_piece(uint64_t progress) { return (uint32_t)progress >> 1; }

// Runs the next piece of the work beside the loops, unless there is none or the one before it is still under way.
static bool take_piece_aside(void) {
  uint64_t progress = atomic_load_explicit(&aside.progress, memory_order_acquire);
  if (progress & 1 || next_piece(progress) >= pieces_of(progress)) return false;
  if (!atomic_compare_exchange_strong_explicit(&aside.progress, &progress, progress + 1, memory_order_acquire, memory_order_relaxed)) return false;
  aside.task(aside.context, next_piece(progress));
  atomic_store_explicit(&aside.progress, progress + 2, memory_order_release);
  return true;
}

// A worker that comes late, from work aside or because the system gave its processor away, is not waited for.
static bool enter(void) {
  unsigned gate = atomic_load_explicit(&pool.gate, memory_order_acquire);
  do {
    if (!(gate & gate_open)) return false;
  } while (!atomic_compare_exchange_weak_explicit(&pool.gate, &gate, gate + 1, memory_order_acquire, memory_order_acquire));
  return true;
}

static void *worker(void *argument) {
  int number = (int)((uintptr_t)argument >> 32);
  unsigned seen = (unsigned)(uintptr_t)argument;  // loops before it was started are none of its business
  inside_task = true;
  for (;;) {
    int spins = 0;
    unsigned ticket;
    while ((ticket = atomic_load_explicit(&pool.ticket, memory_order_acquire)) == seen) {
      if (take_piece_aside()) { spins = 0; continue; }
      if (++spins < spin_rounds) { pause_briefly(); continue; }
      atomic_fetch_add(&pool.sleepers, 1);
      syscall(SYS_futex, &pool.ticket, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
      atomic_fetch_sub(&pool.sleepers, 1);
      spins = 0;
    }
    seen = ticket;
    if (!enter()) continue;
    if (number + 1 < pool.shares) take_indices(number + 1);
    atomic_fetch_sub_explicit(&pool.gate, 1, memory_order_release);
  }
  return NULL;
}

static int default_threads(void) {
  const char *text = getenv("JETLUA_THREADS");
  if (text) {
    long asked = strtol(text, NULL, 10);
    if (asked >= 1 && asked <= maximum_threads) return (int)asked;
  }
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    int available = CPU_COUNT(&set);
    if (available >= 1) return available < maximum_threads ? available : maximum_threads;
  }
  return 1;
}

int jt_thread_count(void) {
  if (pool.wanted == 0) pool.wanted = default_threads();
  return pool.wanted;
}

void jt_set_thread_count(int count) {
  pthread_mutex_lock(&pool.callers);
  pool.wanted = count < 1 ? 1 : count > maximum_threads ? maximum_threads : count;
  pthread_mutex_unlock(&pool.callers);
}

// Workers must not take the process's signals: Ctrl-C belongs to the thread that runs Lua.
static void start_workers(int needed) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (pool.started < needed) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int failed = pthread_create(&thread, &attributes, worker,
                                (void *)((uintptr_t)pool.started << 32 | atomic_load(&pool.ticket)));
    pthread_attr_destroy(&attributes);
    if (failed) break;  // fewer threads compute the same
    pool.started += 1;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void jt_parallel(size_t count, jt_task task, void *context) {
  if (count == 0) return;
  if (count == 1 || inside_task || jt_thread_count() == 1) {
    for (size_t index = 0; index < count; index++) task(context, index);
    return;
  }
  pthread_mutex_lock(&pool.callers);
  int workers = pool.wanted - 1;
  if (pool.started < workers) start_workers(workers);
  if (workers > pool.started) workers = pool.started;
  pool.task = task;
  pool.context = context;
  pool.shares = workers + 1;
  for (int i = 0; i < pool.shares; i++) {
    atomic_store_explicit(&shares[i].next, count * (size_t)i / (size_t)pool.shares, memory_order_relaxed);
    shares[i].end = count * ((size_t)i + 1) / (size_t)pool.shares;
  }
  atomic_store_explicit(&pool.gate, gate_open, memory_order_release);
  atomic_fetch_add(&pool.ticket, 1);
  if (atomic_load(&pool.sleepers) > 0) syscall(SYS_futex, &pool.ticket, FUTEX_WAKE_PRIVATE, maximum_threads, NULL, NULL, 0);
  inside_task = true;
  take_indices(0);
  inside_task = false;
  // No index is left to claim. Who is inside still works on one; after they have left the loop's fields may be reused.
  atomic_fetch_and_explicit(&pool.gate, ~gate_open, memory_order_acq_rel);
  int spins = 0;
  while (atomic_load_explicit(&pool.gate, memory_order_acquire) > 0) {
    if (++spins < spin_rounds) pause_briefly(); else sched_yield();
  }
  pthread_mutex_unlock(&pool.callers);
}

void jt_aside_start(uint32_t count, jt_task task, void *context) {
  jt_aside_finish();
  aside.task = task;
  aside.context = context;
  atomic_store_explicit(&aside.progress, (uint64_t)count << 32, memory_order_release);
}

void jt_aside_finish(void) {
  const bool was_inside = inside_task;
  inside_task = true;
  int spins = 0;
  for (;;) {
    if (take_piece_aside()) continue;
    const uint64_t progress = atomic_load_explicit(&aside.progress, memory_order_acquire);
    if (next_piece(progress) >= pieces_of(progress)) break;
    if (++spins < spin_rounds) pause_briefly(); else sched_yield();
  }
  inside_task = was_inside;
}
