#pragma once
// The threads of jetlua's array loops, and the flag by which Ctrl-C stops them. Nothing here knows what the loops compute.
#include "interrupt.h"
#include "thread_pool.h"
