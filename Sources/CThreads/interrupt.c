#include "interrupt.h"

#include <stdatomic.h>

// An atomic instead of a sig_atomic_t: worker threads read it while the signal handler of another thread writes.
static atomic_bool requested;

bool jt_interrupt_requested(void) { return atomic_load_explicit(&requested, memory_order_relaxed); }

void jt_interrupt_request(void) { atomic_store_explicit(&requested, true, memory_order_relaxed); }

void jt_interrupt_clear(void) { atomic_store_explicit(&requested, false, memory_order_relaxed); }
