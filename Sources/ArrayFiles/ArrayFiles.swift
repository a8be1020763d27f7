// ArrayFiles: arrays in files that other programs write and read. It knows formats and element types, no jet and no Lua, and
// it trusts no file: sizes are checked before memory is asked for, nothing in a file is run, and a file leads to no other file.
//
// HDF5 is Debian's library, opened at first use. Rejected: h5py's habit of following external storage, external links and
// virtual data sets, which lets a downloaded file show any file that its reader may see; they are refused by name.
