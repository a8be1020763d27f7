#define _GNU_SOURCE
#include "CSystem.h"
#include "Processes.h"

#include <signal.h>
#include <spawn.h>

// Starts a program found on PATH with descriptors 0, 1 and 2 and, if it is not negative, 3; as the leader of a group of its own if `leads`.
static int start(
    pid_t *pid, char *const arguments[], char *const environment[], const char *directory, const int descriptors[4], int leads) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int error = posix_spawn_file_actions_init(&actions);
  if (error) return error;
  error = posix_spawnattr_init(&attributes);
  if (error) {
    posix_spawn_file_actions_destroy(&actions);
    return error;
  }
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  if (!error) error = posix_spawnattr_setsigmask(&attributes, &none);
  if (!error) error = posix_spawnattr_setsigdefault(&attributes, &defaults);
  if (!error && leads) error = posix_spawnattr_setpgroup(&attributes, 0);
  if (!error) {
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (leads ? POSIX_SPAWN_SETPGROUP : 0);
    error = posix_spawnattr_setflags(&attributes, flags);
  }
  if (!error && directory) error = posix_spawn_file_actions_addchdir_np(&actions, directory);
  int count = descriptors[3] >= 0 ? 4 : 3;
  for (int i = 0; i < count && !error; i++) error = posix_spawn_file_actions_adddup2(&actions, descriptors[i], i);
  // Lua's io library and HDF5 open files without close-on-exec; a child that keeps them would keep their locks too.
  if (!error) error = posix_spawn_file_actions_addclosefrom_np(&actions, count);
  if (!error) error = posix_spawnp(pid, arguments[0], &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

int system_spawn(
    pid_t *pid, char *const arguments[], char *const environment[], const char *directory, int input, int output, int errors) {
  const int descriptors[4] = {input, output, errors, -1};
  return start(pid, arguments, environment, directory, descriptors, 0);
}

int system_start(
    pid_t *pid, char *const arguments[], char *const environment[], const char *directory, int input, int output, int kept) {
  const int descriptors[4] = {input, output, output, kept};
  return start(pid, arguments, environment, directory, descriptors, 1);
}
