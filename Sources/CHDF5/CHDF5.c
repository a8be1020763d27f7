#define _GNU_SOURCE
#include "CHDF5.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static hdf5_functions functions;
static hdf5_state state = HDF5_MISSING;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int resolve(void *library) {
  struct {
    const char *name;
    void **place;
  } wanted[] = {
#define X(name) {#name, (void **)&functions.name},
    HDF5_FUNCTIONS(X)
#undef X
  };
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    *wanted[i].place = dlsym(library, wanted[i].name);
    if (!*wanted[i].place) return 0;
  }
  return 1;
}

static int read_globals(void *library) {
  struct {
    const char *name;
    hid_t *place;
  } wanted[] = {
    {"H5P_CLS_FILE_ACCESS_ID_g", &functions.fileAccess},       {"H5P_CLS_DATASET_ACCESS_ID_g", &functions.datasetAccess},
    {"H5P_CLS_DATASET_CREATE_ID_g", &functions.datasetCreation}, {"H5P_CLS_LINK_CREATE_ID_g", &functions.linkCreation},
    {"H5T_NATIVE_FLOAT_g", &functions.nativeFloat},             {"H5T_NATIVE_DOUBLE_g", &functions.nativeDouble},
    {"H5T_NATIVE_INT64_g", &functions.nativeInt64},             {"H5T_NATIVE_INT32_g", &functions.nativeInt32},
    {"H5T_NATIVE_UINT8_g", &functions.nativeUInt8},             {"H5T_NATIVE_B8_g", &functions.nativeBits8},
    {"H5T_NATIVE_UINT64_g", &functions.nativeUInt64},           {"H5T_C_S1_g", &functions.text},
  };
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    hid_t *global = dlsym(library, wanted[i].name);
    if (!global) return 0;
    *wanted[i].place = *global;
  }
  return 1;
}

static int make_truth(void) {
  signed char no = 0, yes = 1;
  functions.truth = functions.H5Tenum_create(functions.nativeUInt8);
  return functions.truth >= 0 && functions.H5Tenum_insert(functions.truth, "FALSE", &no) >= 0 &&
         functions.H5Tenum_insert(functions.truth, "TRUE", &yes) >= 0;
}

static void open_library(void) {
  void *library = dlopen("libhdf5_serial.so.103", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  state = HDF5_INCOMPLETE;
  // At the end of the process the library closes what is open once more, and dies of a file that a full disk kept it from writing;
  // ours are closed by their owners.
  if (!resolve(library) || functions.H5dont_atexit() < 0 || functions.H5open() < 0 || !read_globals(library) || !make_truth()) return;
  unsigned *version = functions.version;
  if (functions.H5get_libversion(&version[0], &version[1], &version[2]) < 0) return;
  // Structures of the header are handed to the library: they agree within a minor version.
  if (version[0] != H5_VERS_MAJOR || version[1] != H5_VERS_MINOR) {
    state = HDF5_OTHER_VERSION;
    return;
  }
  functions.H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  // A data file must not choose which code runs or which other files are read.
  if (functions.H5PLset_loading_state(0) < 0 || functions.H5Lunregister(H5L_TYPE_EXTERNAL) < 0) return;
  state = HDF5_OPEN;
}

const hdf5_functions *hdf5_open_library(hdf5_state *result) {
  pthread_once(&once, open_library);
  *result = state;
  return state == HDF5_OPEN ? &functions : NULL;
}

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

void hdf5_lock(void) { pthread_mutex_lock(&lock); }

void hdf5_unlock(void) { pthread_mutex_unlock(&lock); }

int hdf5_register_blosc(const hdf5_functions *hdf5) {
  // Fixed places and the loader's own (where a bundle has it): HDF5_PLUGIN_PATH would let an environment meant for another
  // program load code into this one.
  static const char *const places[] = {
    "/usr/lib/x86_64-linux-gnu/hdf5/serial/plugins/libH5Zblosc.so",
    "/usr/lib/aarch64-linux-gnu/hdf5/serial/plugins/libH5Zblosc.so",
    "/usr/lib/hdf5/serial/plugins/libH5Zblosc.so",
    "libH5Zblosc.so",
  };
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    void *plugin = dlopen(places[i], RTLD_NOW | RTLD_LOCAL);
    if (!plugin) continue;
    const void *(*info)(void);
    *(void **)&info = dlsym(plugin, "H5PLget_plugin_info");
    if (info && hdf5->H5Zregister(info()) >= 0) return 1;
    dlclose(plugin);
  }
  return 0;
}

void hdf5_divert(const hdf5_functions *hdf5, hid_t file) {
  void *handle = NULL;
  if (hdf5->H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) < 0 || !handle) return;
  int memory = memfd_create("jetlua", MFD_CLOEXEC);
  if (memory < 0) return;
  dup3(memory, *(int *)handle, O_CLOEXEC);
  close(memory);
}

struct messages {
  const char *outermost, *innermost;
  char copies[2][300];
};

static herr_t collect(unsigned n, const H5E_error2_t *error, void *data) {
  struct messages *messages = data;
  if (!error->desc || !*error->desc) return 0;
  char *copy = messages->copies[n > 0];
  // Of a system call's failure what failed and the system's own words; between them stand times, addresses and temporary names.
  static const char mark[] = "error message = '";
  const char *said = strstr(error->desc, mark);
  const char *end = said ? strchr(said + sizeof mark - 1, '\'') : NULL;
  if (end) {
    said += sizeof mark - 1;
    snprintf(copy, sizeof messages->copies[0], "%.*s: %.*s", (int)strcspn(error->desc, ":,"), error->desc, (int)(end - said), said);
  } else {
    snprintf(copy, sizeof messages->copies[0], "%s", error->desc);
  }
  *(n > 0 ? &messages->innermost : &messages->outermost) = copy;
  return 0;
}

void hdf5_error_text(const hdf5_functions *hdf5, char *text, size_t size) {
  struct messages messages = {0};
  hdf5->H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, collect, &messages);
  hdf5->H5Eclear2(H5E_DEFAULT);
  const char *first = messages.innermost ? messages.innermost : messages.outermost;
  const char *second = messages.innermost ? messages.outermost : NULL;
  snprintf(text, size, "%s%s%s", first ? first : "HDF5 gives no reason", second ? ", " : "", second ? second : "");
  for (char *c = text; *c; c++) {
    if ((unsigned char)*c < 32) *c = ' ';
  }
}
