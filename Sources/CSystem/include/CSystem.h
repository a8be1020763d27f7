// What Swift cannot call by itself: variadic system calls, C globals, macros, and libcrypto and zlib, which are opened at
// first use. No function here keeps state but the tables of their functions, and none knows what a script or an array is.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "Processes.h"

/// The text of an error number in English, valid for ever; never null.
const char *system_error_text(int number);

/// The environment of this process; ends with a null pointer. Valid until the environment changes.
char *const *system_environment(void);

/// The file that the kernel was asked to run, or the program that the loader was given: a path, or null. Valid for ever.
const char *system_started_file(void);

/// What main was given, a null pointer at the end; Swift's own reading of it needs /proc, which a chroot may lack.
char **system_command_line(int *count);

/// Columns of the terminal behind `descriptor`, or 0 where there is none.
int system_terminal_columns(int descriptor);

/// Number of processors this process may run on, at least 1.
int system_processor_count(void);

/// Makes a pipe whose ends, the reading one first, are closed in programs that are started. Returns 0 or an error number.
int system_pipe(int ends[2]);

/// Writes to a pipe as write(2) does, but a reader that has gone away is EPIPE alone: no SIGPIPE reaches the process.
ssize_t system_write_no_signal(int descriptor, const void *bytes, size_t count);

/// Starts a program found on PATH with descriptors 0, 1 and 2 as given (each must be 3 or more) and every other one closed.
///
/// `directory` may be null. The child starts with no signal blocked and with SIGPIPE at its default. Returns 0 or an error number.
int system_spawn(
  pid_t *pid, char *const arguments[], char *const environment[], const char *directory, int input, int output, int errors);

/// Becomes the program at `path`, in `directory` if that is not null. Returns only where that fails, with the error number.
int system_execute(const char *path, char *const arguments[], char *const environment[], const char *directory);

/// Version of Landlock in this kernel; 0 where there is none.
int system_landlock_version(void);
/// Starts a set of rules that forbids all files and TCP. Returns 0 or an error number, as all functions below.
int system_landlock_begin(int *ruleset);
/// Lets the file or folder at `path` be read, and also written or executed.
int system_landlock_allow(int ruleset, const char *path, int writes, int executes);
/// Puts this thread and all that it starts under the rules, for ever.
int system_landlock_enforce(int ruleset);
/// Refuses sockets, tracing, mounting and other calls that no computation needs to this thread and all that it starts, for ever.
int system_refuse_calls(void);
/// Limits the address space (to more than `memory`, which `system_watch` keeps exactly), files and descriptors of this process.
int system_limit(uint64_t memory, uint64_t file_size);
/// Ends this process with status 125 as soon as it uses more than `memory` bytes of its own, with 124 after `seconds`.
int system_watch(uint64_t memory, double seconds);
/// Ends this process as `system_watch` does for memory.
void system_end_for_memory(void) __attribute__((noreturn));
/// Runs the program at `path` in `directory`, or where this process is for NULL, to its end, which `*ending` tells: its status, or minus
/// the signal that ended it. It has this process's input and outputs; SIGTERM and SIGUSR1 are passed on to it, and it does not outlive
/// this process.
int system_run_to_end(
  const char *path, char *const arguments[], char *const environment[], const char *directory, int *ending);

/// One SHA-256 being computed.
typedef struct system_sha256 system_sha256;

/// Starts a checksum. Null where libcrypto cannot be opened or memory is short; `*opened` says which (0: not opened).
system_sha256 *system_sha256_start(int *opened);
/// Adds bytes; 1 if it went well.
int system_sha256_add(system_sha256 *sum, const void *bytes, size_t count);
/// Writes the checksum and releases `sum`; 1 if it went well. With a null `digest` it only releases.
int system_sha256_finish(system_sha256 *sum, uint8_t digest[32]);

/// The CRC-32 of bytes whose first part has the CRC-32 `sum` (0 where there is none); `*opened` is 0 where zlib cannot be opened.
uint32_t system_crc32(uint32_t sum, const void *bytes, size_t count, int *opened);

/// Bytes being compressed or decompressed as raw deflate.
typedef struct system_deflate system_deflate;

/// What came of a step.
typedef enum { SYSTEM_DEFLATE_MORE, SYSTEM_DEFLATE_END, SYSTEM_DEFLATE_DAMAGED } system_deflate_state;

/// Starts to compress with `level` from 1 to 9, or to decompress where it is 0. Null where zlib cannot be opened or memory is
/// short; `*opened` says which (0: not opened).
system_deflate *system_deflate_start(int level, int *opened);
/// Takes from `*input` and gives to `*output`, and moves both and their counts along; `last` says that no more input will come.
system_deflate_state system_deflate_step(
  system_deflate *stream, const uint8_t **input, size_t *input_count, uint8_t **output, size_t *output_count, int last);
/// Releases the stream.
void system_deflate_end(system_deflate *stream);
