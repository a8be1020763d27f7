// The steps of the standalone interpreter, with its messages; jetlua puts them in order.
#include <stdio.h>
#include <string.h>

#include "steps.h"

void jl_write_message(const char *program, const char *message) {
  fflush(stdout);
  if (program) fprintf(stderr, "%s: ", program);
  fprintf(stderr, "%s\n", message ? message : "(error message not a string)");
  fflush(stderr);
}

bool jl_take_step(lua_State *L, lua_CFunction body, JLStep *step) {
  int status = jl_protect(L, body, step, 0, 0);
  if (status == JL_OK) return step->fine;
  // The value is a string except where a script put something else into an error of this file's own.
  jl_write_message(step->program, status == JL_NO_MEMORY ? "not enough memory" : lua_tostring(L, -1));
  if (status == JL_ERROR) lua_pop(L, 1);
  return false;
}

int jl_run_traced(lua_State *L, int count, int results) {
  int handler = lua_gettop(L) - count;
  lua_pushcfunction(L, jl_add_traceback);
  lua_insert(L, handler);
  jl_interrupts_begin(L);
  int status = lua_pcall(L, count, results, handler);
  jl_interrupts_end(L);
  lua_remove(L, handler);
  return status;
}

bool jl_report(lua_State *L, int status, const char *program) {
  if (status == LUA_OK) return true;
  jl_write_message(program, lua_tostring(L, -1));
  lua_setfield(L, LUA_REGISTRYINDEX, JL_FAILURE_KEY);  // for the runs that are still open
  return false;
}

static int make_arguments(lua_State *L) {
  JLStep *step = lua_touserdata(L, 1);
  lua_createtable(L, step->count, step->script + 1);
  for (int i = 0; i < step->count; i++) {
    lua_pushstring(L, step->argv[i]);
    lua_rawseti(L, -2, i - step->script);
  }
  lua_setglobal(L, "arg");
  step->fine = true;
  return 0;
}

bool jl_program_arguments(lua_State *L, const char *program, char *const *argv, int count, int script) {
  return jl_take_step(L, make_arguments, &(JLStep){.program = program, .argv = argv, .count = count, .script = script});
}

static int run_text(lua_State *L) {
  JLStep *step = lua_touserdata(L, 1);
  int status = luaL_loadbuffer(L, step->text, strlen(step->text), step->name);
  if (status == LUA_OK) status = jl_run_traced(L, 0, 0);
  step->fine = jl_report(L, status, step->program);
  return 0;
}

bool jl_program_text(lua_State *L, const char *program, const char *text, const char *name) {
  return jl_take_step(L, run_text, &(JLStep){.program = program, .text = text, .name = name});
}

static int push_arguments(lua_State *L) {
  if (lua_getglobal(L, "arg") != LUA_TTABLE) return luaL_error(L, "'arg' is not a table");
  int table = lua_gettop(L);
  lua_Integer count = luaL_len(L, table);
  if (count > INT32_MAX - 100) count = INT32_MAX - 100;
  luaL_checkstack(L, (int)count + 3, "too many arguments to script");
  for (lua_Integer i = 1; i <= count; i++) lua_rawgeti(L, table, i);
  lua_remove(L, table);
  return (int)count;
}

static int run_file(lua_State *L) {
  JLStep *step = lua_touserdata(L, 1);
  int status = luaL_loadfile(L, step->path);
  if (status == LUA_OK) status = jl_run_traced(L, step->with_arguments ? push_arguments(L) : 0, 0);
  step->fine = jl_report(L, status, step->program);
  return 0;
}

bool jl_program_file(lua_State *L, const char *program, const char *path, bool with_arguments) {
  return jl_take_step(L, run_file, &(JLStep){.program = program, .path = path, .with_arguments = with_arguments});
}

static int require_library(lua_State *L) {
  JLStep *step = lua_touserdata(L, 1);
  const char *equals = strchr(step->spec, '=');
  const char *module = equals ? equals + 1 : step->spec;
  const char *end = equals ? equals : step->spec + strlen(step->spec);
  lua_getglobal(L, "require");
  lua_pushstring(L, module);
  int status = jl_run_traced(L, 1, 1);
  if (status == LUA_OK) {
    lua_pushlstring(L, step->spec, (size_t)(end - step->spec));
    lua_insert(L, -2);
    lua_pushglobaltable(L);
    lua_insert(L, -3);
    lua_settable(L, -3);
  }
  step->fine = jl_report(L, status, step->program);
  return 0;
}

bool jl_program_library(lua_State *L, const char *program, const char *spec) {
  return jl_take_step(L, require_library, &(JLStep){.program = program, .spec = spec});
}

void jl_program_warnings_on(lua_State *L) { lua_warning(L, "@on", 0); }

// Tells module "run", if a script has loaded it, how the program ended, so that open runs record it.
static int finish_runs(lua_State *L) {
  JLStep *step = lua_touserdata(L, 1);
  step->fine = true;
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, "run") != LUA_TTABLE && (lua_pop(L, 1), lua_getfield(L, -1, "jetlua.run") != LUA_TTABLE)) return 0;
  if (lua_getfield(L, -1, "finish") != LUA_TFUNCTION) return 0;
  lua_getfield(L, LUA_REGISTRYINDEX, JL_FAILURE_KEY);
  const char *failure = lua_tostring(L, -1);
  // A script that caught the error has not come to its end all the same.
  bool was_interrupted = jl_stopped() || (failure && strstr(failure, "interrupted!"));
  lua_pushstring(L, was_interrupted ? "interrupted" : failure ? "failed" : "finished");
  lua_insert(L, -2);
  step->fine = jl_report(L, jl_run_traced(L, 2, 0), step->program);
  return 0;
}

bool jl_program_finish(lua_State *L, const char *program) { return jl_take_step(L, finish_runs, &(JLStep){.program = program}); }
