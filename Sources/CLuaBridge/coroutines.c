// resume, wrap and close of the coroutine library, written anew for two reasons: the signal handler must know which
// coroutine runs, and in Lua 5.4.4 a long chain of coroutines that close one another overflows the C stack.
#include "context.h"

static lua_State *coroutine_argument(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co, 1, "coroutine");
  return co;
}

// Moves the top `count` values of L into the coroutine and runs it. Returns the number of values it gave, now on L, or
// -1 with the error value on L.
static int resume(lua_State *L, lua_State *co, int count) {
  JLContext *c = jl_context(L);
  if (!lua_checkstack(co, count)) {
    lua_pushliteral(L, "too many arguments to resume");
    return -1;
  }
  lua_xmove(L, co, count);
  c->current = co;
  jl_arm(c, co);
  int results;
  int status = lua_resume(co, L, count, &results);
  c->current = L;
  jl_arm(c, L);
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(co, L, 1);
    return -1;
  }
  if (!lua_checkstack(L, results + 1)) {
    lua_pop(co, results);
    lua_pushliteral(L, "too many results to resume");
    return -1;
  }
  lua_xmove(co, L, results);
  return results;
}

// Closes the pending variables of a coroutine that is suspended or dead; raises where the nesting gets dangerous.
static int reset(lua_State *L, lua_State *co) {
  JLContext *c = jl_context(L);
  if (c->close_depth >= JL_CLOSE_DEPTH) return luaL_error(L, "C stack overflow");
  c->close_depth++;
  lua_State *current = c->current;
  c->current = co;
  jl_arm(c, co);
  int status = lua_resetthread(co);
  c->current = current;
  jl_arm(c, current);
  c->close_depth--;
  return status;
}

static int coroutine_resume(lua_State *L) {
  lua_State *co = coroutine_argument(L);
  int results = resume(L, co, lua_gettop(L) - 1);
  bool fine = results >= 0;
  lua_pushboolean(L, fine);
  int above = fine ? results : 1;
  lua_insert(L, -above - 1);
  return above + 1;
}

static int call_wrapped(lua_State *L) {
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  if (co == NULL) return luaL_error(L, "not a coroutine");
  int results = resume(L, co, lua_gettop(L));
  if (results >= 0) return results;
  int status = lua_status(co);
  if (status != LUA_OK && status != LUA_YIELD) {
    status = reset(L, co);
    lua_xmove(co, L, 1);
  }
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int coroutine_wrap(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  lua_pushcclosure(L, call_wrapped, 1);
  return 1;
}

static const char *state_name(lua_State *L, lua_State *co) {
  if (co == L) return "running";
  int status = lua_status(co);
  if (status == LUA_YIELD) return "suspended";
  if (status != LUA_OK) return "dead";
  lua_Debug frame;
  if (lua_getstack(co, 0, &frame)) return "normal";
  return lua_gettop(co) == 0 ? "dead" : "suspended";
}

static int coroutine_close(lua_State *L) {
  lua_State *co = coroutine_argument(L);
  const char *state = state_name(L, co);
  if (state[0] != 's' && state[0] != 'd') return luaL_error(L, "cannot close a %s coroutine", state);
  if (reset(L, co) == LUA_OK) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushboolean(L, 0);
  lua_xmove(co, L, 1);
  return 2;
}

void jl_install_coroutines(lua_State *L) {
  static const luaL_Reg own[] = {
    {"resume", coroutine_resume}, {"wrap", coroutine_wrap}, {"close", coroutine_close}, {NULL, NULL}};
  lua_getglobal(L, "coroutine");
  luaL_setfuncs(L, own, 0);
  lua_pop(L, 1);
}
