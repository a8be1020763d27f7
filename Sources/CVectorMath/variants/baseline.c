#define VARIANT jvm_kernels_baseline
#define VARIANT_NAME "baseline"
#include "../kernels/kernels.h"
