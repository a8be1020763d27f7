#define _GNU_SOURCE
#include "Processes.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void system_wait_for_any(const pid_t pids[], size_t count, int milliseconds) {
  struct pollfd *polled = calloc(count ? count : 1, sizeof *polled);
  size_t open = 0;
  if (polled) {
    for (size_t i = 0; i < count; i++) {
      int descriptor = (int)syscall(SYS_pidfd_open, pids[i], 0);
      if (descriptor >= 0) polled[open++] = (struct pollfd){descriptor, POLLIN, 0};
    }
  }
  // A kernel without process descriptors, or too many of them, only makes this look more often.
  if (open < count && milliseconds > 5) milliseconds = 5;
  poll(polled, open, milliseconds);
  for (size_t i = 0; i < open; i++) close(polled[i].fd);
  free(polled);
}

int system_reap(pid_t pid, int *status, int64_t *peak) {
  struct rusage usage;
  memset(&usage, 0, sizeof usage);
  pid_t found;
  do found = wait4(pid, status, WNOHANG, &usage);
  while (found < 0 && errno == EINTR);
  if (found < 0) return -1;
  *peak = (int64_t)usage.ru_maxrss * 1024;
  return found == pid;
}

int system_limit_memory(pid_t pid, uint64_t bytes) {
  struct rlimit limit = {(rlim_t)bytes, (rlim_t)bytes};
  return prlimit(pid, RLIMIT_DATA, &limit, NULL) == 0 ? 0 : errno;
}

enum { STOPS = 3, PATIENCE = 3 };
static const int stops[STOPS] = {SIGINT, SIGTERM, SIGUSR1};
static struct sigaction before[STOPS];
static volatile sig_atomic_t catching, caught, interrupts;

static void note(int signal) {
  if (signal == SIGINT && ++interrupts > PATIENCE) _exit(130);
  caught = signal;
}

void system_catch_stops(void) {
  if (catching) return;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = note;
  sigemptyset(&action.sa_mask);
  caught = interrupts = 0;
  for (int i = 0; i < STOPS; i++) sigaction(stops[i], &action, &before[i]);
  catching = 1;
}

void system_release_stops(void) {
  if (!catching) return;
  catching = 0;
  for (int i = 0; i < STOPS; i++) sigaction(stops[i], &before[i], NULL);
}

int system_caught_stop(void) {
  int signal = caught;
  caught = 0;
  return signal;
}
