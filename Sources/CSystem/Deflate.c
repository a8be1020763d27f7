#define _GNU_SOURCE
#include "CSystem.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <zlib.h>

// Opened, not linked, as libcrypto is: few scripts read or write a compressed file.
static struct {
  int opened;
  __typeof__(crc32_z) *crc32_z;
  __typeof__(deflateInit2_) *deflateInit2_;
  __typeof__(deflate) *deflate;
  __typeof__(deflateEnd) *deflateEnd;
  __typeof__(inflateInit2_) *inflateInit2_;
  __typeof__(inflate) *inflate;
  __typeof__(inflateEnd) *inflateEnd;
} zlib;

static pthread_once_t zlib_once = PTHREAD_ONCE_INIT;

static void open_zlib(void) {
  void *library = dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  *(void **)&zlib.crc32_z = dlsym(library, "crc32_z");
  *(void **)&zlib.deflateInit2_ = dlsym(library, "deflateInit2_");
  *(void **)&zlib.deflate = dlsym(library, "deflate");
  *(void **)&zlib.deflateEnd = dlsym(library, "deflateEnd");
  *(void **)&zlib.inflateInit2_ = dlsym(library, "inflateInit2_");
  *(void **)&zlib.inflate = dlsym(library, "inflate");
  *(void **)&zlib.inflateEnd = dlsym(library, "inflateEnd");
  zlib.opened = zlib.crc32_z && zlib.deflateInit2_ && zlib.deflate && zlib.deflateEnd && zlib.inflateInit2_ && zlib.inflate &&
                zlib.inflateEnd;
}

uint32_t system_crc32(uint32_t sum, const void *bytes, size_t count, int *opened) {
  pthread_once(&zlib_once, open_zlib);
  *opened = zlib.opened;
  return zlib.opened && count > 0 ? (uint32_t)zlib.crc32_z(sum, bytes, count) : sum;
}

struct system_deflate {
  z_stream stream;
  int compresses;
};

system_deflate *system_deflate_start(int level, int *opened) {
  pthread_once(&zlib_once, open_zlib);
  *opened = zlib.opened;
  if (!zlib.opened) return NULL;
  system_deflate *new = calloc(1, sizeof *new);
  if (!new) return NULL;
  new->compresses = level > 0;
  // A negative size of the window stands for raw deflate, without zlib's own header.
  int status = level > 0
    ? zlib.deflateInit2_(&new->stream, level, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, (int)sizeof new->stream)
    : zlib.inflateInit2_(&new->stream, -MAX_WBITS, ZLIB_VERSION, (int)sizeof new->stream);
  if (status == Z_OK) return new;
  free(new);
  return NULL;
}

system_deflate_state system_deflate_step(
  system_deflate *stream, const uint8_t **input, size_t *input_count, uint8_t **output, size_t *output_count, int last) {
  z_stream *z = &stream->stream;
  // zlib counts in 32 bits.
  uInt in = *input_count > 1 << 30 ? 1 << 30 : (uInt)*input_count, out = *output_count > 1 << 30 ? 1 << 30 : (uInt)*output_count;
  z->next_in = (Bytef *)*input;
  z->avail_in = in;
  z->next_out = *output;
  z->avail_out = out;
  int finishes = last && in == *input_count;
  int status = stream->compresses ? zlib.deflate(z, finishes ? Z_FINISH : Z_NO_FLUSH) : zlib.inflate(z, Z_NO_FLUSH);
  *input += in - z->avail_in;
  *input_count -= in - z->avail_in;
  *output += out - z->avail_out;
  *output_count -= out - z->avail_out;
  if (status == Z_STREAM_END) return SYSTEM_DEFLATE_END;
  // Z_BUF_ERROR says only that it needs more input or more room.
  return status == Z_OK || status == Z_BUF_ERROR ? SYSTEM_DEFLATE_MORE : SYSTEM_DEFLATE_DAMAGED;
}

void system_deflate_end(system_deflate *stream) {
  if (stream->compresses) {
    zlib.deflateEnd(&stream->stream);
  } else {
    zlib.inflateEnd(&stream->stream);
  }
  free(stream);
}
