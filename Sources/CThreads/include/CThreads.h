#pragma once
#include "interrupt.h"
