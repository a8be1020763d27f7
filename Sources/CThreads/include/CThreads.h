#pragma once
// The threads of jetlua's array loops. Nothing here allocates per call or knows what the loops compute.
#include "thread_pool.h"
