// The prompt of the standalone interpreter.
#include <stdio.h>
#include <string.h>

#include "steps.h"

typedef struct {
  const char *global, *otherwise;
  char *out;
  size_t size;
} Prompt;

static int make_prompt(lua_State *L) {
  Prompt *p = lua_touserdata(L, 1);
  if (lua_getglobal(L, p->global) == LUA_TNIL) return 0;
  snprintf(p->out, p->size, "%s", luaL_tolstring(L, -1, NULL));
  return 0;
}

void jl_repl_prompt(lua_State *L, const char *global, const char *otherwise, char *out, size_t size) {
  snprintf(out, size, "%s", otherwise);
  Prompt p = {global, otherwise, out, size};
  if (jl_protect(L, make_prompt, &p, 0, 0) == JL_ERROR) {
    jl_write_message(NULL, lua_tostring(L, -1));
    lua_pop(L, 1);
  }
}

static bool is_incomplete(lua_State *L, int status) {
  if (status != LUA_ERRSYNTAX) return false;
  static const char mark[] = "<eof>";
  size_t length;
  const char *message = lua_tolstring(L, -1, &length);
  return message && length >= sizeof mark - 1 && strcmp(message + length - (sizeof mark - 1), mark) == 0;
}

// Puts a text in the place of a table or function that would show an address, where jetlua's Lua library is there.
static int name_results(lua_State *L) {
  int count = lua_gettop(L);
  for (int i = 1; i <= count; i++) {
    if (lua_type(L, i) != LUA_TFUNCTION && (lua_type(L, i) != LUA_TTABLE || luaL_getmetafield(L, i, "__tostring") != LUA_TNIL)) continue;
    lua_settop(L, count);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "jetlua.internal.prompt.shown");
    lua_call(L, 1, 1);
    lua_pushvalue(L, i);
    lua_call(L, 1, 1);
    lua_replace(L, i);
  }
  lua_settop(L, count);
  return count;
}

static void print_results(lua_State *L, int first) {
  int count = lua_gettop(L) - first + 1;
  if (count <= 0) return;
  luaL_checkstack(L, count + LUA_MINSTACK, "too many results to print");
  lua_pushcfunction(L, name_results);
  for (int i = 0; i < count; i++) lua_pushvalue(L, first + i);
  jl_interrupts_begin(L);
  // Where it fails the values are printed as they are.
  if (lua_pcall(L, count, count, 0) == LUA_OK)
    for (int i = count - 1; i >= 0; i--) lua_replace(L, first + i);
  jl_interrupts_end(L);
  lua_settop(L, first + count - 1);
  lua_getglobal(L, "print");
  lua_insert(L, first);
  jl_interrupts_begin(L);
  int status = lua_pcall(L, count, 0, 0);
  jl_interrupts_end(L);
  if (status != LUA_OK) jl_write_message(NULL, lua_pushfstring(L, "error calling 'print' (%s)", lua_tostring(L, -1)));
}

static int load_typed(lua_State *L, const JLStep *step, bool as_expression) {
  // "=x" is the older way to write "x".
  bool equals = step->length > 0 && *step->text == '=';
  lua_settop(L, 1);
  if (!as_expression) return luaL_loadbuffer(L, step->text, step->length, "=stdin");
  lua_pushliteral(L, "return ");
  lua_pushlstring(L, step->text + equals, step->length - equals);
  lua_concat(L, 2);
  size_t length;
  const char *text = lua_tolstring(L, 2, &length);
  return luaL_loadbuffer(L, text, length, "=stdin");
}

static int run_typed(lua_State *L) {
  JLStep *step = lua_touserdata(L, 1);
  if (lua_getfield(L, LUA_REGISTRYINDEX, JL_PROMPT_KEY) == LUA_TTABLE) {
    lua_settop(L, 1);
    return jl_run_assisted(L);
  }
  // One line is an expression if it can be. What was continued is first a statement, as in the standalone interpreter;
  // that an expression over several lines works too goes beyond it.
  bool equals = step->length > 0 && *step->text == '=';
  bool expression_first = equals || memchr(step->text, '\n', step->length) == NULL;
  int status = load_typed(L, step, expression_first);
  if (status != LUA_OK && !equals) {
    int second = load_typed(L, step, !expression_first);
    if (second != LUA_OK && !expression_first) load_typed(L, step, false);
    status = second;
  }
  if (!step->last && is_incomplete(L, status)) {
    step->answer = JL_REPL_INCOMPLETE;
    return 0;
  }
  if (status == LUA_OK) {
    int function = lua_gettop(L);
    status = jl_run_traced(L, 0, LUA_MULTRET);
    if (status == LUA_OK) print_results(L, function);
  }
  step->fine = jl_report(L, status, NULL);
  return 0;
}

JLRepl jl_repl_run(lua_State *L, const char *text, size_t length, bool last) {
  JLStep step = {.text = length > 0 ? text : "", .length = length, .last = last, .answer = JL_REPL_DONE};
  jl_take_step(L, run_typed, &step);
  return step.answer;
}

// __index of the globals: upvalue 1 is the set of names.
static int load_lazily(lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING || lua_type(L, lua_upvalueindex(1)) != LUA_TTABLE) return 0;
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL) return 0;
  lua_getglobal(L, "require");
  lua_pushvalue(L, 2);
  lua_call(L, 1, 1);
  if (lua_type(L, 1) == LUA_TTABLE) {
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
  }
  return 1;
}

static int install_lazy_modules(lua_State *L) {
  const char *const *names = lua_touserdata(L, 1);
  lua_pushglobaltable(L);
  if (lua_getmetatable(L, -1)) return 0;
  lua_newtable(L);
  lua_newtable(L);
  for (int i = 0; names[i]; i++) {
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, names[i]);
  }
  lua_pushcclosure(L, load_lazily, 1);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  return 0;
}

void jl_repl_lazy_modules(lua_State *L, const char *const *names) {
  if (jl_protect(L, install_lazy_modules, (void *)names, 0, 0) == JL_ERROR) lua_pop(L, 1);
}
