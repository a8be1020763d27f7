// SystemServices: what a program needs of the operating system: files that are whole or absent, child processes, checksums,
// the clock, the terminal and the machine's description. It knows no tensor, no Lua and no jet, and it imports nothing but
// Glibc and CSystem: Foundation would double the time the program takes to start.
//
// Every failure is a `SystemError`, one line worded for the person at the terminal. Nothing here keeps state between calls
// except libcrypto's function table, so every function may be called from any thread.
//
// Rejected: a memory-mapped reader for text and a process class with live pipes. Nothing needs either; a child runs to its end
// under one poll loop, which has no deadlock to get wrong.
