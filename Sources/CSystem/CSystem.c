#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

const char *system_error_text(int number) {
  const char *text = strerrordesc_np(number);
  return text ? text : "unknown error";
}

char *const *system_environment(void) { return environ; }

const char *system_started_file(void) { return (const char *)getauxval(AT_EXECFN); }

static struct {
  int count;
  char **words;
} command_line;

// glibc calls constructors with what it calls main with.
__attribute__((constructor)) static void keep_command_line(int count, char **words) {
  command_line.count = count;
  command_line.words = words;
}

char **system_command_line(int *count) {
  *count = command_line.count;
  return command_line.words;
}

int system_terminal_columns(int descriptor) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

int system_processor_count(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
  }
  int count = CPU_COUNT(&set);
  return count > 0 ? count : 1;
}

int system_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno; }

ssize_t system_write_no_signal(int descriptor, const void *bytes, size_t count) {
  // The signal is blocked and taken back in this thread alone: changing its disposition would change what the
  // whole process does when its own output is closed.
  sigset_t pipe_only, before, pending;
  sigemptyset(&pipe_only);
  sigaddset(&pipe_only, SIGPIPE);
  sigpending(&pending);
  int was_pending = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
  ssize_t written = write(descriptor, bytes, count);
  int error = errno;
  if (written < 0 && error == EPIPE && !was_pending) {
    struct timespec none = {0, 0};
    while (sigtimedwait(&pipe_only, NULL, &none) < 0 && errno == EINTR) {}
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return written;
}

int system_execute(const char *path, char *const arguments[], char *const environment[], const char *directory) {
  if (directory && chdir(directory) != 0) return errno;
  sigset_t none, before;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, &before);
  // What Lua's io library has open stays with this program.
  close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
  execve(path, arguments, environment);
  int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}
