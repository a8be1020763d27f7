// The executable: reads the command line, prepares a host and runs what the user asked for, as the standalone `lua` 5.4
// does, with the same options, messages and exit statuses. It may not decode tensors or know an experiment.
import Glibc

exit(Program().run())
