// Nanoseconds of an empty parallel loop of as many indices as threads, by jetlua's own pool: after no pause, while its workers still spin, and
// after one that lets them sleep. Prints one line of JSON. `bench waste` compiles it with Sources/CThreads.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "CThreads.h"

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void nothing(void *context, size_t index) { (void)context; (void)index; }

static int ascending(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static int64_t median(int threads, int64_t pause, int runs) {
  static int64_t times[100000];
  for (int i = 0; i < runs; i++) {
    const int64_t until = now() + pause;
    while (now() < until) {}
    const int64_t started = now();
    jt_parallel((size_t)threads, nothing, NULL);
    times[i] = now() - started;
  }
  qsort(times, (size_t)runs, sizeof *times, ascending);
  return times[runs / 2];
}

int main(int count, char **arguments) {
  const int threads = count > 1 ? atoi(arguments[1]) : 2;
  jt_set_thread_count(threads);
  median(threads, 0, 10000);
  printf("{\"clock\": %lld, ", (long long)({ const int64_t a = now(); for (int i = 0; i < 1000; i++) now(); (now() - a) / 1000; }));
  printf("\"at_once\": %lld, ", (long long)median(threads, 0, 100000));
  printf("\"after_10_us\": %lld, ", (long long)median(threads, 10000, 20000));
  printf("\"after_1_ms\": %lld}\n", (long long)median(threads, 1000000, 500));
}
