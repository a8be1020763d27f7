import LuaBindings
import TensorCore

/// What the executable says of itself.
enum Texts {
  static let luaVersion = "Lua 5.4.4  Copyright (C) 1994-2022 Lua.org, PUC-Rio\n"

  static func version() -> String {
    "jetlua \(jetluaVersion) (Lua 5.4.4, loops \(Processor.instructionSet), OpenBLAS kernels \(Processor.blasKernel))\n"
  }

  private static let options = """
      -e stat   execute string 'stat'
      -i        enter interactive mode after executing 'script'
      -l mod    require library 'mod' into global 'mod'
      -l g=mod  require library 'mod' into global 'g'
      -v        show version information
      -E        ignore environment variables
      -W        turn warnings on
      --        stop handling options
      -         stop handling options and execute stdin

    """

  static func usage(_ program: String, badOption: String) -> String {
    let complaint =
      badOption.hasPrefix("-e") || badOption.hasPrefix("-l")
      ? "'\(badOption)' needs argument" : "unrecognized option '\(badOption)'"
    return "\(program): \(complaint)\nusage: \(program) [options] [script [args]]\nAvailable options are:\n\(options)"
  }

  static func help(_ program: String) -> String {
    """
    usage: \(program) [options] [script [args]]
           \(program) [options] COMMAND [args]: \(program) help lists the commands
    Runs Lua scripts for jet-anomaly experiments; with no script on a terminal it reads statements.
    Options, as those of lua 5.4:
    \(options)Options of its own:
      --threads N   compute with N threads
      --seed N      seed of all random numbers, and what a script's own option seed is unless it is given
      --quiet       show no progress
      --strict      raise where an undeclared global is used
      --restricted  run a script of others: no system, no files but its run's, limits
      --isolated    the same in a process of its own, without a network
      --data PATH   what such a script may read (again for each)
      --memory GB   and the memory and
      --time S      the seconds that it may take
      --profile     say at the end where time and memory went, and write SCRIPT.trace.json (--profile=FILE: there)
      --version     show the version of jetlua
      --help        show this help
    A script's own options follow its name: \(program) script.lua --help

    """
  }
}
