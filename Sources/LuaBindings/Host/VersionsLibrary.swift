import ArrayFiles
import CLuaBridge
import Jets
import TensorCore

/// The version of jetlua.
public let jetluaVersion = "0.1.0"

extension LuaHost {
  /// Module `jetlua.core.versions`: what computes, for the record of a run.
  func openVersionsLibrary() throws {
    let library = try library("versions")
    // A function, because asking OpenBLAS for its kernels loads it.
    try library.function("table") { call in
      try call.returns(
        .record([
          ("jetlua", .string(jetluaVersion)), ("lua", .string("5.4.4")), ("openblas", .string(Processor.blasConfiguration)),
          ("blas_kernel", .string(Processor.blasKernel)), ("instruction_set", .string(Processor.instructionSet)),
          ("threads", .integer(ThreadPool.threadCount)), ("swift", .string(Processor.compiler)),
        ]))
    }
    try library.function("hdf5") { call in  // the library's version, and whether it reads Blosc; raises where it is missing
      try call.returns(.string(try HDF5Support.version()), .boolean(try HDF5Support.readsBlosc()))
    }
  }
}
