#include "CHDF5.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

static struct {
  __typeof__(inflateInit_) *inflateInit_;
  __typeof__(inflate) *inflate;
  __typeof__(inflateEnd) *inflateEnd;
  int (*blosc_cbuffer_validate)(const void *, size_t, size_t *);
  int (*blosc_decompress_ctx)(const void *, void *, size_t, int);
} library;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_libraries(void) {
  void *zlib = dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL), *blosc = dlopen("libblosc.so.1", RTLD_NOW | RTLD_LOCAL);
  if (zlib) {
    *(void **)&library.inflateInit_ = dlsym(zlib, "inflateInit_");
    *(void **)&library.inflate = dlsym(zlib, "inflate");
    *(void **)&library.inflateEnd = dlsym(zlib, "inflateEnd");
  }
  if (blosc) {
    *(void **)&library.blosc_cbuffer_validate = dlsym(blosc, "blosc_cbuffer_validate");
    *(void **)&library.blosc_decompress_ctx = dlsym(blosc, "blosc_decompress_ctx");
  }
}

int hdf5_undoes(int filter) {
  pthread_once(&once, open_libraries);
  switch (filter) {
    case H5Z_FILTER_SHUFFLE: return 1;
    case H5Z_FILTER_DEFLATE: return library.inflateInit_ && library.inflate && library.inflateEnd;
    case HDF5_FILTER_BLOSC: return library.blosc_cbuffer_validate && library.blosc_decompress_ctx;
    default: return 0;
  }
}

static int inflate_all(const void *stored, size_t count, void *out, size_t size) {
  z_stream z = {.next_in = (Bytef *)stored, .avail_in = (uInt)count, .next_out = out, .avail_out = (uInt)size};
  if (library.inflateInit_(&z, ZLIB_VERSION, (int)sizeof z) != Z_OK) return 0;
  int status = library.inflate(&z, Z_FINISH);
  library.inflateEnd(&z);
  return status == Z_STREAM_END && z.total_out == size;
}

static int unblosc(const void *stored, size_t count, void *out, size_t size) {
  size_t claimed = 0;
  return library.blosc_cbuffer_validate(stored, count, &claimed) == 0 && claimed == size &&
         library.blosc_decompress_ctx(stored, out, size, 1) == (int)size;
}

typedef uint8_t bytes16 __attribute__((vector_size(16)));

#define LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

// Transposes 16 rows of 16 bytes: each of the four rounds deals two rows out to each other.
static void transpose16(const uint8_t *from, size_t from_step, uint8_t *to, size_t to_step) {
  bytes16 rows[16], dealt[16];
  for (int i = 0; i < 16; i++) memcpy(&rows[i], from + (size_t)i * from_step, 16);
  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < 8; i++) {
      dealt[2 * i] = LOW(rows[i], rows[i + 8]);
      dealt[2 * i + 1] = HIGH(rows[i], rows[i + 8]);
    }
    memcpy(rows, dealt, sizeof rows);
  }
  for (int i = 0; i < 16; i++) memcpy(to + (size_t)i * to_step, &rows[i], 16);
}

// The first bytes of all elements, then all second bytes, …; what is left over at the end stays in its place.
static void unshuffle(const uint8_t *from, uint8_t *to, size_t size, size_t element) {
  const size_t count = element > 0 ? size / element : 0;
  const size_t wide = element / 16 * 16, long16 = count / 16 * 16;
  for (size_t byte = 0; byte < wide; byte += 16) {
    for (size_t i = 0; i < long16; i += 16) transpose16(from + byte * count + i, count, to + i * element + byte, element);
    for (size_t i = long16; i < count; i++) {
      for (size_t k = 0; k < 16; k++) to[i * element + byte + k] = from[(byte + k) * count + i];
    }
  }
  if (wide == 0 && element == 4) {
    const uint8_t *a = from, *b = from + count, *c = b + count, *d = c + count;
    for (size_t i = 0; i < count; i++) {
      const uint32_t value = (uint32_t)a[i] | (uint32_t)b[i] << 8 | (uint32_t)c[i] << 16 | (uint32_t)d[i] << 24;
      memcpy(to + 4 * i, &value, 4);
    }
  } else {
    for (size_t byte = wide; byte < element; byte++) {
      for (size_t i = 0; i < count; i++) to[i * element + byte] = from[byte * count + i];
    }
  }
  memcpy(to + count * element, from + count * element, size - count * element);
}

int hdf5_undo(int compression, size_t shuffled, const void *stored, size_t count, void *out, void *scratch, size_t size) {
  if (count > INT32_MAX || size > INT32_MAX) return 0;
  void *plain = shuffled > 0 ? scratch : out;
  switch (compression) {
    case 0:
      if (count != size) return 0;
      memcpy(plain, stored, size);
      break;
    case H5Z_FILTER_DEFLATE:
      if (!inflate_all(stored, count, plain, size)) return 0;
      break;
    case HDF5_FILTER_BLOSC:
      if (!unblosc(stored, count, plain, size)) return 0;
      break;
    default: return 0;
  }
  if (shuffled > 0) unshuffle(plain, out, size, shuffled);
  return 1;
}
