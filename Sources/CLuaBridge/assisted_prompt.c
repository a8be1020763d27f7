// The prompt at a terminal, where jetlua's Lua library helps.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steps.h"

static bool colours;

static int assist(lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "jetlua.internal.prompt");
  lua_call(L, 1, 1);
  luaL_checktype(L, -1, LUA_TTABLE);
  lua_setfield(L, LUA_REGISTRYINDEX, JL_PROMPT_KEY);
  return 0;
}

bool jl_repl_assist(lua_State *L, bool with_colours) {
  int status = jl_protect(L, assist, NULL, 0, 0);
  if (status == JL_ERROR) lua_pop(L, 1);
  colours = with_colours;
  return status == JL_OK;
}

static void write_failure(const char *message) {
  fflush(stdout);
  size_t first = message ? strcspn(message, "\n") : 0;
  if (colours && message)
    fprintf(stderr, "\033[31m%.*s\033[0m%s\n", (int)first, message, message + first);
  else
    fprintf(stderr, "%s\n", message ? message : "(error message not a string)");
  fflush(stderr);
}

static void push_prompt(lua_State *L, const char *function) {
  lua_getfield(L, LUA_REGISTRYINDEX, JL_PROMPT_KEY);
  lua_getfield(L, -1, function);
  lua_remove(L, -2);
}

int jl_run_assisted(lua_State *L) {
  JLStep *step = lua_touserdata(L, 1);
  push_prompt(L, "compile");
  lua_pushlstring(L, step->text, step->length);
  lua_pushboolean(L, step->last);
  lua_call(L, 2, 3);  // a function, or false for more, or nil with a text and whether it tells of a mistake
  if (lua_type(L, -3) == LUA_TBOOLEAN) {
    step->answer = JL_REPL_INCOMPLETE;
    return 0;
  }
  if (lua_type(L, -3) != LUA_TFUNCTION) {
    const char *text = lua_tostring(L, -2);
    if (lua_toboolean(L, -1))
      write_failure(text);
    else if (text)
      puts(text);
    fflush(stdout);
    return 0;
  }
  lua_settop(L, lua_gettop(L) - 2);
  int function = lua_gettop(L);
  if (jl_run_traced(L, 0, LUA_MULTRET) == LUA_OK) {
    int count = lua_gettop(L) - function + 1;
    luaL_checkstack(L, 3, "too many results to print");
    push_prompt(L, "show");
    lua_insert(L, function);
    jl_interrupts_begin(L);
    int status = lua_pcall(L, count, 0, 0);
    jl_interrupts_end(L);
    if (status != LUA_OK) write_failure(lua_pushfstring(L, "error calling 'print' (%s)", lua_tostring(L, -1)));
    step->fine = true;
    return 0;
  }
  push_prompt(L, "failure");
  lua_pushvalue(L, -2);
  write_failure(lua_pcall(L, 1, 1, 0) == LUA_OK ? lua_tostring(L, -1) : lua_tostring(L, -2));
  lua_pop(L, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, JL_FAILURE_KEY);  // for the runs that are still open
  return 0;
}

// Copies a list of strings to memory of its own; NULL at its end.
static char **copied_strings(lua_State *L, int list, int count) {
  char **copies = calloc((size_t)count + 1, sizeof *copies);
  for (int i = 0; copies && i < count; i++) {
    lua_rawgeti(L, list, i + 1);
    const char *text = lua_tostring(L, -1);
    copies[i] = strdup(text ? text : "");
    lua_pop(L, 1);
  }
  return copies;
}

typedef struct {
  const char *line;
  size_t first, last;
  char **found;
} Completion;

static int complete(lua_State *L) {
  Completion *c = lua_touserdata(L, 1);
  push_prompt(L, "complete");
  lua_pushstring(L, c->line);
  lua_pushinteger(L, (lua_Integer)c->first + 1);
  lua_pushinteger(L, (lua_Integer)c->last);
  lua_call(L, 3, 1);
  luaL_checktype(L, -1, LUA_TTABLE);
  lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
  if (count > 100000) count = 100000;
  c->found = count > 0 ? copied_strings(L, lua_gettop(L), (int)count) : NULL;
  return 0;
}

char **jl_repl_complete(lua_State *L, const char *line, size_t first, size_t last) {
  Completion c = {line, first, last, NULL};
  // A completion that fails offers nothing: a message would be written into the line.
  if (jl_protect(L, complete, &c, 0, 0) == JL_ERROR) lua_pop(L, 1);
  return c.found;
}
