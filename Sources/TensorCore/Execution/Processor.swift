import CBLAS
import CVectorMath

/// Which code computes on this processor.
public enum Processor {
  /// The instruction set of the element-wise loops: "x86-64-v4", "x86-64-v3" or "baseline".
  public static var instructionSet: String { String(cString: jvm_kernels_in_use().pointee.instruction_set) }

  /// The name of OpenBLAS's kernels, or why there are none; opens the library.
  public static var blasKernel: String { String(cString: jblas_core_name()) }

  /// OpenBLAS's description of itself, or "".
  public static var blasConfiguration: String { String(cString: jblas_configuration()) }

  /// The Swift compiler this was built with.
  public static var compiler: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2 or earlier"
    #endif
  }
}
