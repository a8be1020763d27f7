// Programs that run beside this one.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Starts a program found on PATH as the leader of a process group of its own: descriptor 0 is `input`, 1 and 2 are `output`,
/// 3 is `kept` (none if it is negative), every other one is closed; the three must be 3 or more.
///
/// `directory` may be null. The child starts with no signal blocked and with SIGPIPE at its default. Returns 0 or an error number.
int system_start(
  pid_t *pid, char *const arguments[], char *const environment[], const char *directory, int input, int output, int kept);

/// Waits until one of the children has ended, a signal came, or `milliseconds` went by.
void system_wait_for_any(const pid_t pids[], size_t count, int milliseconds);

/// Whether the child `pid` has ended: 1 and its status, peak memory in bytes; 0 while it runs; -1 where it is no child.
int system_reap(pid_t pid, int *status, int64_t *peak);

/// Limits the memory that a process may ask for. Returns 0 or an error number.
int system_limit_memory(pid_t pid, uint64_t bytes);

/// From now on SIGINT, SIGTERM and SIGUSR1 are only noted; the fourth SIGINT ends the process all the same.
void system_catch_stops(void);

/// What these signals did before is done again.
void system_release_stops(void);

/// The last signal noted, which is forgotten then; 0 if none came.
int system_caught_stop(void);
