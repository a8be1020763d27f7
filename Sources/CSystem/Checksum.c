#define _GNU_SOURCE
#include "CSystem.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

// libcrypto has SHA-256 in the processor's own instructions. It is opened, not linked: loading it costs milliseconds that a
// script without a checksum should not pay, and a Swift package for it costs a minute and a half of every fresh build.
static struct {
  int opened;
  void *(*context_new)(void);
  void (*context_free)(void *);
  const void *(*sha256)(void);
  int (*start)(void *, const void *, void *);
  int (*add)(void *, const void *, size_t);
  int (*finish)(void *, unsigned char *, unsigned int *);
} crypto;

static pthread_once_t crypto_once = PTHREAD_ONCE_INIT;

static void open_crypto(void) {
  void *library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  *(void **)&crypto.context_new = dlsym(library, "EVP_MD_CTX_new");
  *(void **)&crypto.context_free = dlsym(library, "EVP_MD_CTX_free");
  *(void **)&crypto.sha256 = dlsym(library, "EVP_sha256");
  *(void **)&crypto.start = dlsym(library, "EVP_DigestInit_ex");
  *(void **)&crypto.add = dlsym(library, "EVP_DigestUpdate");
  *(void **)&crypto.finish = dlsym(library, "EVP_DigestFinal_ex");
  crypto.opened = crypto.context_new && crypto.context_free && crypto.sha256 && crypto.start && crypto.add && crypto.finish;
}

struct system_sha256 {
  void *context;
};

system_sha256 *system_sha256_start(int *opened) {
  pthread_once(&crypto_once, open_crypto);
  *opened = crypto.opened;
  if (!crypto.opened) return NULL;
  system_sha256 *sum = malloc(sizeof *sum);
  if (!sum) return NULL;
  sum->context = crypto.context_new();
  if (!sum->context || crypto.start(sum->context, crypto.sha256(), NULL) != 1) {
    crypto.context_free(sum->context);
    free(sum);
    return NULL;
  }
  return sum;
}

int system_sha256_add(system_sha256 *sum, const void *bytes, size_t count) {
  return crypto.add(sum->context, bytes, count) == 1;
}

int system_sha256_finish(system_sha256 *sum, uint8_t digest[32]) {
  int well = digest == NULL || crypto.finish(sum->context, digest, NULL) == 1;
  crypto.context_free(sum->context);
  free(sum);
  return well;
}
