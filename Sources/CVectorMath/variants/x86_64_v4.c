#if defined(__x86_64__)
#define VARIANT jvm_kernels_v4
#define VARIANT_NAME "x86-64-v4"
#define VARIANT_HAS_FMA 1
#define VARIANT_HAS_ESTIMATES 1
#define VARIANT_HAS_MASKS 1
#include <immintrin.h>
#define VARIANT_TARGET target("arch=x86-64-v4"), min_vector_width(512)
#include "../kernels/kernels.h"
#endif
