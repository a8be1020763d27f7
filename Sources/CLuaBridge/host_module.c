// jetlua.core.host: what Lua modules of jetlua need of the bridge itself.
#include "context.h"

// fail(message): raises at the line of the user's script, past the frames of jetlua's own Lua files.
static int fail(lua_State *L) {
  luaL_checkstring(L, 1);
  lua_settop(L, 1);
  jl_push_position(L, jl_context(L));
  lua_insert(L, 1);
  lua_concat(L, 2);
  return lua_error(L);
}

// members(name): the table of a userdata class's methods, so that Lua files can add to it; nil for an unknown class.
static int members(lua_State *L) {
  luaL_checkstring(L, 1);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, "jetlua.members");
  lua_pushvalue(L, 1);
  lua_rawget(L, -2);
  return 1;
}

// live(): how many objects userdata hold, and their bytes outside Lua's heap.
static int live(lua_State *L) {
  JLContext *c = jl_context(L);
  lua_pushinteger(L, (lua_Integer)c->live_objects);
  lua_pushinteger(L, (lua_Integer)c->live_bytes);
  return 2;
}

// kind(value): the class of a userdata of jetlua as messages call it, nil for all else.
static int kind(lua_State *L) {
  const char *name = jl_object_class_name(L, 1);
  if (name)
    lua_pushstring(L, name);
  else
    lua_pushnil(L);
  return 1;
}

// on_failure(f): when a native function fails, f(message, its first argument) may give another message to raise.
static int on_failure(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, JL_EXPLAIN_KEY);
  return 0;
}

// fail_allocations(k, sticky): the k-th request for memory of Lua's heap from now on fails, and all after it if sticky; 0 ends that.
// Returns how many have failed since it was asked for last. For tests: scripts/dev/allocations.lua.
static int fail_allocations(lua_State *L) {
  lua_Integer countdown = luaL_checkinteger(L, 1);
  lua_Integer failed = (lua_Integer)jl_failed_allocations(L);
  jl_fail_allocations(L, countdown > 0 ? (int64_t)countdown : 0, lua_toboolean(L, 2));
  lua_pushinteger(L, failed);
  return 1;
}

static int open_host(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"fail", fail}, {"members", members}, {"live", live}, {"kind", kind}, {"on_failure", on_failure},
    {"fail_allocations", fail_allocations}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}

void jl_install_host_module(lua_State *L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, open_host);
  lua_setfield(L, -2, "jetlua.core.host");
  lua_pop(L, 1);
}
