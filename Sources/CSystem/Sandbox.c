// Walls around this process and all that it starts: Landlock for files and TCP, seccomp for the network and the kernel's sharper
// tools, limits, and a watch over memory and time that no script can catch.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "CSystem.h"

// Debian 12's headers know Landlock up to version 2; the numbers below are the kernel's interface, which does not change.
enum {
  READ_RIGHTS = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
  VERSION_1_RIGHTS = (1 << 13) - 1,
  REFER = 1 << 13,     // from version 2
  TRUNCATE = 1 << 14,  // from version 3
  IOCTL = 1 << 15,     // from version 5
  FILE_RIGHTS = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE | IOCTL,
  TCP_RIGHTS = 3,      // bind and connect, from version 4
  SCOPES = 3,          // abstract sockets and signals, from version 6
};

typedef struct {
  uint64_t files, network, scopes;
} Ruleset;

int system_landlock_version(void) {
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version < 0 ? 0 : (int)version;
}

static uint64_t known_rights(void) {
  int version = system_landlock_version();
  uint64_t rights = VERSION_1_RIGHTS;
  if (version >= 2) rights |= REFER;
  if (version >= 3) rights |= TRUNCATE;
  if (version >= 5) rights |= IOCTL;
  return rights;
}

int system_landlock_begin(int *ruleset) {
  int version = system_landlock_version();
  Ruleset rules = {.files = known_rights(), .network = version >= 4 ? TCP_RIGHTS : 0, .scopes = version >= 6 ? SCOPES : 0};
  size_t size = version >= 6 ? sizeof rules : version >= 4 ? 16 : 8;
  long made = syscall(SYS_landlock_create_ruleset, &rules, size, 0);
  if (made < 0) return errno;
  *ruleset = (int)made;
  return 0;
}

int system_landlock_allow(int ruleset, const char *path, int writes, int executes) {
  int descriptor = open(path, O_PATH | O_CLOEXEC);
  if (descriptor < 0) return errno;
  struct stat status;
  uint64_t rights = READ_RIGHTS;
  if (writes) rights = known_rights() & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE & ~(uint64_t)(LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK);
  if (executes) rights |= LANDLOCK_ACCESS_FS_EXECUTE;
  int error = fstat(descriptor, &status) == 0 ? 0 : errno;
  if (!error && !S_ISDIR(status.st_mode)) rights &= FILE_RIGHTS;
  struct landlock_path_beneath_attr rule = {.allowed_access = rights & known_rights(), .parent_fd = descriptor};
  if (!error && syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) error = errno;
  close(descriptor);
  return error;
}

int system_landlock_enforce(int ruleset) {
  int error = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_landlock_restrict_self, ruleset, 0) != 0 ? errno : 0;
  close(ruleset);
  return error;
}

#if defined(__x86_64__)
enum { ARCHITECTURE = AUDIT_ARCH_X86_64 };
#elif defined(__aarch64__)
enum { ARCHITECTURE = AUDIT_ARCH_AARCH64 };
#endif

int system_refuse_calls(void) {
  static const int refused[] = {
    SYS_socket, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_setns, SYS_unshare,
    SYS_keyctl, SYS_add_key, SYS_request_key, SYS_bpf, SYS_perf_event_open, SYS_kexec_load, SYS_init_module, SYS_finit_module, SYS_delete_module,
    SYS_io_uring_setup, SYS_userfaultfd, SYS_open_by_handle_at, SYS_name_to_handle_at, SYS_swapon, SYS_swapoff, SYS_reboot, SYS_settimeofday,
    SYS_clock_settime, SYS_sethostname, SYS_setdomainname, SYS_acct, SYS_personality, SYS_pidfd_getfd, SYS_pidfd_open,
  };
  enum { COUNT = sizeof refused / sizeof *refused };
  struct sock_filter code[COUNT + 8];
  int n = 0;
  code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
  code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
  code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
  // The calls of the x32 interface have other numbers.
  code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, COUNT + 1, 0);
#endif
  for (int i = 0; i < COUNT; i++)
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)refused[i], (unsigned char)(COUNT - i), 0);
  code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES);
  struct sock_fprog program = {.len = (unsigned short)n, .filter = code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 ? 0 : errno;
}

static int limit(int what, uint64_t value) {
  struct rlimit limit;
  if (getrlimit((__rlimit_resource_t)what, &limit) != 0) return errno;
  if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > value) limit.rlim_max = value;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit((__rlimit_resource_t)what, &limit) == 0 ? 0 : errno;
}

int system_limit(uint64_t memory, uint64_t file_size) {
  // Mapped files, stacks and libraries take addresses, too; the watch counts what is really used.
  int error = limit(RLIMIT_AS, memory + memory / 2 + (8ull << 30));
  if (!error) error = limit(RLIMIT_FSIZE, file_size);
  if (!error) error = limit(RLIMIT_CORE, 0);
  if (!error) error = limit(RLIMIT_NOFILE, 512);
  return error;
}

enum { TIME_STATUS = 124, MEMORY_STATUS = 125 };

typedef struct {
  uint64_t memory;
  double seconds;
  int statistics;
} Watch;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static _Noreturn void stop(int status, const char *what) {
  static const char prefix[] = "jetlua: the script was ended: ";
  if (write(2, prefix, sizeof prefix - 1) < 0 || write(2, what, strlen(what)) < 0) _exit(status);
  _exit(status);
}

void system_end_for_memory(void) { stop(MEMORY_STATUS, "it needs more memory than it may have; --memory gives it more\n"); }

static void *keep_watch(void *argument) {
  Watch watch = *(Watch *)argument;
  free(argument);
  double end = now() + watch.seconds;
  long page = sysconf(_SC_PAGESIZE);
  for (;;) {
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    if (now() > end) stop(TIME_STATUS, "it takes more time than it may; --time gives it more\n");
    char text[128];
    ssize_t count = pread(watch.statistics, text, sizeof text - 1, 0);
    if (count <= 0) continue;
    text[count] = 0;
    unsigned long long all, resident = 0, shared = 0;
    if (sscanf(text, "%llu %llu %llu", &all, &resident, &shared) == 3 && resident > shared && (resident - shared) * (uint64_t)page > watch.memory)
      system_end_for_memory();
  }
  return NULL;
}

int system_watch(uint64_t memory, double seconds) {
  Watch *watch = malloc(sizeof *watch);
  if (!watch) return ENOMEM;
  *watch = (Watch){memory, seconds, open("/proc/self/statm", O_RDONLY | O_CLOEXEC)};
  int error = watch->statistics < 0 ? errno : 0;
  pthread_t thread;
  // Signals are the script's thread's.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  if (!error) error = pthread_create(&thread, NULL, keep_watch, watch);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (error) {
    free(watch);
    return error;
  }
  pthread_detach(thread);
  return 0;
}

static volatile sig_atomic_t child;

static void pass_on(int signal) {
  if (child > 0) kill((pid_t)child, signal);
}

int system_run_to_end(
  const char *path, char *const arguments[], char *const environment[], const char *directory, int *ending) {
  // What comes before the program is there waits for it.
  sigset_t passed, mask;
  sigemptyset(&passed);
  sigaddset(&passed, SIGTERM);
  sigaddset(&passed, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &passed, &mask);
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    if (!directory || chdir(directory) == 0) execve(path, arguments, environment);
    _exit(127);
  }
  int error = pid < 0 ? errno : 0;
  struct sigaction action, before[3];
  if (!error) {
    child = pid;
    memset(&action, 0, sizeof action);
    action.sa_handler = pass_on;
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, &before[0]);
    sigaction(SIGUSR1, &action, &before[1]);
    // A terminal sends it to both.
    action.sa_handler = SIG_IGN;
    sigaction(SIGINT, &action, &before[2]);
  }
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  if (error) return error;
  while (!error && waitpid(pid, ending, 0) < 0)
    if (errno != EINTR) error = errno;
  sigaction(SIGTERM, &before[0], NULL);
  sigaction(SIGUSR1, &before[1], NULL);
  sigaction(SIGINT, &before[2], NULL);
  child = 0;
  *ending = WIFEXITED(*ending) ? WEXITSTATUS(*ending) : -WTERMSIG(*ending);
  return error;
}
