#pragma once
#include <stdbool.h>

/// True from the moment the user pressed Ctrl-C until the host has returned to its top level.
/// Loops that run for more than a millisecond ask about once a millisecond and throw `Interrupted`.
bool jt_interrupt_requested(void);

/// Sets the flag; safe in a signal handler.
void jt_interrupt_request(void);

/// Takes the request back; only the host's top level does that.
void jt_interrupt_clear(void);
