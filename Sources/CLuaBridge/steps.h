// What the steps of the interpreter and its prompt share.
#pragma once

#include "context.h"

// Where the registry keeps the message of the last failure, for the runs that are still open.
#define JL_FAILURE_KEY "jetlua.failure"
// Where it keeps the module that helps at a terminal.
#define JL_PROMPT_KEY "jetlua.prompt"

// One step. Its body runs inside lua_pcall; what it raises itself is reported without a traceback.
typedef struct {
  const char *program;
  const char *text, *name, *path, *spec;
  size_t length;
  char *const *argv;
  int count, script;
  bool with_arguments, fine, last;
  JLRepl answer;
} JLStep;

bool jl_take_step(lua_State *L, lua_CFunction body, JLStep *step);
// Calls what is below `count` arguments with a traceback and Ctrl-C turned into an error.
int jl_run_traced(lua_State *L, int count, int results);
// Writes the message on top of the stack unless `status` is LUA_OK, and keeps it.
bool jl_report(lua_State *L, int status, const char *program);
void jl_write_message(const char *program, const char *message);
// Compiles and runs what was typed through the module at JL_PROMPT_KEY: the body of a step.
int jl_run_assisted(lua_State *L);
