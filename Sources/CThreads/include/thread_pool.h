#pragma once
#include <stddef.h>
#include <stdint.h>

/// Work on one index; must not call Lua and must not raise.
typedef void (*jt_task)(void *context, size_t index);

/// Runs task(context, i) for 0 <= i < count on the pool's threads and the caller's, and returns when all are done.
/// Which thread runs an index is not fixed: a task's result may depend on its index only.
/// Called from inside a task it runs the indices one after the other.
void jt_parallel(size_t count, jt_task task, void *context);

/// Threads that share the work, the caller's included (1 ... 256).
int jt_thread_count(void);

/// Sets the number of threads; values outside 1 ... 256 are clamped.
void jt_set_thread_count(int count);

/// Begins work beside the loops: task(context, i) for i = 0 ... count - 1, one after the other, run by workers while they
/// wait for a loop. There is one such work at a time: what was begun before is finished first. A piece that takes longer
/// than some ten microseconds makes the next loop wait for its worker.
/// Only the thread that runs Lua calls this and jt_aside_finish.
void jt_aside_start(uint32_t count, jt_task task, void *context);

/// Returns when the work beside the loops is done; does itself what no worker has taken.
void jt_aside_finish(void);
