// The HDF5 library, opened at first use: linking it would cost every start 5 ms (it pulls in curl and LDAP).
// Here are only its functions as pointers, its error texts and the Blosc filter; what a file means is ArrayFiles' business.
#pragma once

#include <stddef.h>

// By its path: pkg-config would add the library to the link.
#include <hdf5/serial/hdf5.h>

/// Every function of the library that is used.
#define HDF5_FUNCTIONS(X) \
  X(H5Aclose) X(H5Acreate2) X(H5Awrite) \
  X(H5Dclose) X(H5Dcreate2) X(H5Dget_chunk_storage_size) X(H5Dget_create_plist) X(H5Dget_offset) X(H5Dget_space) X(H5Dget_storage_size) X(H5Dget_type) X(H5Dopen2) \
  X(H5Dread) X(H5Dread_chunk) X(H5Dwrite) \
  X(H5Eclear2) X(H5Eset_auto2) X(H5Ewalk2) \
  X(H5Fclose) X(H5Fcreate) X(H5Fflush) X(H5Fget_vfd_handle) X(H5Fis_hdf5) X(H5Fopen) \
  X(H5Gclose) X(H5Gget_info) X(H5Gopen2) \
  X(H5Iget_type) \
  X(H5Lexists) X(H5Lget_info) X(H5Lget_name_by_idx) X(H5Lunregister) \
  X(H5Oclose) X(H5Oopen) \
  X(H5PLset_loading_state) \
  X(H5Pclose) X(H5Pcreate) X(H5Pget_chunk) X(H5Pget_external_count) X(H5Pget_filter2) X(H5Pget_layout) X(H5Pget_nfilters) \
  X(H5Pset_chunk) X(H5Pset_chunk_cache) X(H5Pset_create_intermediate_group) X(H5Pset_deflate) X(H5Pset_fclose_degree) \
  X(H5Pset_file_locking) X(H5Pset_obj_track_times) \
  X(H5Sclose) X(H5Screate) X(H5Screate_simple) X(H5Sget_simple_extent_dims) X(H5Sget_simple_extent_ndims) \
  X(H5Sget_simple_extent_type) X(H5Sselect_hyperslab) \
  X(H5Tarray_create2) X(H5Tclose) X(H5Tcopy) X(H5Tcreate) X(H5Tenum_create) X(H5Tenum_insert) X(H5Tequal) X(H5Tget_array_dims2) X(H5Tget_array_ndims) X(H5Tget_class) \
  X(H5Tget_member_name) X(H5Tget_member_offset) X(H5Tget_member_type) X(H5Tget_nmembers) X(H5Tget_sign) \
  X(H5Tget_size) X(H5Tget_super) X(H5Tset_cset) X(H5Tset_size) X(H5Tvlen_create) X(H5Tinsert) X(H5Tis_variable_str) \
  X(H5Zfilter_avail) X(H5Zregister) X(H5free_memory) X(H5dont_atexit) X(H5get_libversion) X(H5open)

/// The library's functions under their own names, and the values that its macros read from globals.
typedef struct {
#define X(name) __typeof__(name) *_Nonnull name;
  HDF5_FUNCTIONS(X)
#undef X
  hid_t fileAccess, datasetAccess, datasetCreation, linkCreation;
  hid_t nativeFloat, nativeDouble, nativeInt64, nativeInt32, nativeUInt8, nativeUInt64, nativeBits8, text;
  // h5py's truth values: bytes named FALSE and TRUE.
  hid_t truth;
  unsigned version[3];
} hdf5_functions;

/// What came of opening the library.
typedef enum { HDF5_OPEN, HDF5_MISSING, HDF5_OTHER_VERSION, HDF5_INCOMPLETE } hdf5_state;

/// Opens the library at the first call and hands out the same table ever after; null unless the state is HDF5_OPEN.
///
/// External links and the loading of plugins are switched off for the whole process, whatever the environment says.
const hdf5_functions *_Nullable hdf5_open_library(hdf5_state *_Nonnull state);

/// Takes and gives back the one lock under which this process calls the library; a thread may take it again.
void hdf5_lock(void);
void hdf5_unlock(void);

/// Registers the Blosc filter from Debian's plugin file; 1 if Blosc can be read now.
int hdf5_register_blosc(const hdf5_functions *_Nonnull hdf5);

/// The registered number of Blosc among HDF5's filters.
enum { HDF5_FILTER_BLOSC = 32001 };

/// Whether `hdf5_undo` can undo the filter: the byte shuffle always, zlib and Blosc where their libraries are installed.
int hdf5_undoes(int filter);

/// Decodes the `count` stored bytes of a block to exactly `size` at `out`: `compression` is 0 or the filter that was applied last,
/// `shuffled` the bytes of an element that was shuffled before it, or 0; `scratch` has room for `size` bytes where that is not 0.
///
/// Returns 1 if the bytes are sound. Unlike the library, which decodes under its one lock, this runs in any number of threads.
int hdf5_undo(
  int compression, size_t shuffled, const void *_Nonnull stored, size_t count, void *_Nonnull out, void *_Nullable scratch, size_t size);

/// Lets all that is still written to a file go to memory instead, before a file is closed that its disk has no room for:
/// the library crashes when it closes a data set whose file it could not write.
void hdf5_divert(const hdf5_functions *_Nonnull hdf5, hid_t file);

/// Writes the innermost and the outermost message of the calling thread's last error to `text`; of a system call's failure what the system says of it.
void hdf5_error_text(const hdf5_functions *_Nonnull hdf5, char *_Nonnull text, size_t size);
