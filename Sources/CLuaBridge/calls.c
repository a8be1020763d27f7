// From Lua into Swift and back: the one C function behind every native function, and the errors that it raises once no Swift
// frame is left.
#include <string.h>

#include "context.h"

void jl_set_functions(lua_State *L, void *functions, int count) {
  JLContext *c = jl_context(L);
  c->functions = functions;
  c->function_count = count;
}

void jl_set_message(lua_State *L, const char *text, size_t length) {
  JLContext *c = jl_context(L);
  if (length > JL_MESSAGE_SIZE) {
    length = JL_MESSAGE_SIZE;
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) length--;
  }
  memcpy(c->message, text, length);
  c->message_length = length;
}

static void refill_spare(lua_State *L, JLContext *c) {
  JLBlock *block = lua_newuserdatauv(L, sizeof *block, 0);
  *block = (JLBlock){0};
  lua_rawseti(L, LUA_REGISTRYINDEX, c->spare_reference);
  c->spare = block;
}

// Replaces the message on top of the stack by what the function of jetlua.core.host's on_failure makes of it. Whatever goes
// wrong there, the message stays; only an interrupt passes.
static void explain(lua_State *L, JLContext *c, bool has_argument) {
  int message = lua_gettop(L);
  bool raised = c->raised;
  if (!lua_checkstack(L, 4)) return;
  if (lua_getfield(L, LUA_REGISTRYINDEX, JL_EXPLAIN_KEY) == LUA_TFUNCTION) {
    lua_pushvalue(L, message);
    if (has_argument)
      lua_pushvalue(L, 1);
    else
      lua_pushnil(L);
    int status = lua_pcall(L, 2, 1, 0);
    if (status != LUA_OK && c->raised && !raised) lua_error(L);
    if (status == LUA_OK && lua_type(L, -1) == LUA_TSTRING) lua_replace(L, message);
  }
  lua_settop(L, message);
}

static int raise_failure(lua_State *L, JLContext *c, int code) {
  if (code == JL_VALUE) return lua_error(L);
  if (code == JL_INTERRUPTED) {
    jl_mark_raised(c);
    return luaL_error(L, "%s", jl_interruption());
  }
  bool has_argument = lua_gettop(L) > 0;
  lua_pushlstring(L, c->message, c->message_length);
  explain(L, c, has_argument);
  jl_push_position(L, c);
  lua_insert(L, -2);
  lua_concat(L, 2);
  return lua_error(L);
}

int jl_enter(lua_State *L, JLContext *c, lua_Integer function) {
  // A script with the debug library can write a C function's upvalues.
  if (function < 0 || function >= c->function_count) return luaL_error(L, "not a function of jetlua");
  if (c->spare == NULL) refill_spare(L, c);
  c->link = 0;
  int count = lua_gettop(L);
  int results = c->dispatch(L, c->host, c->functions, (int)function, count, false);
  if (results == JL_OUT_OF_MEMORY) {
    lua_settop(L, count);
    lua_gc(L, LUA_GCCOLLECT);
    if (c->spare == NULL) refill_spare(L, c);
    results = c->dispatch(L, c->host, c->functions, (int)function, count, true);
  }
  if (results < 0) return raise_failure(L, c, results);
  if (c->link) jl_link(L, c, count, results);
  if (c->pressure >= c->pressure_limit) jl_relieve(L, c);
  return results;
}

static int trampoline(lua_State *L) {
  return jl_enter(L, jl_context(L), lua_tointegerx(L, lua_upvalueindex(1), NULL));
}

void jl_push_trampoline(lua_State *L, int function) {
  lua_pushinteger(L, function);
  lua_pushcclosure(L, trampoline, 1);
}
