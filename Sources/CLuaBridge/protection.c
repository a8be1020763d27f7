// What may raise runs inside lua_pcall and comes back as a status.
#include "context.h"

int jl_protect(lua_State *L, lua_CFunction body, void *argument, int consumed, int results) {
  if (!lua_checkstack(L, 4)) return JL_NO_MEMORY;
  lua_pushcfunction(L, body);
  lua_insert(L, -consumed - 1);
  lua_pushlightuserdata(L, argument);
  int status = lua_pcall(L, consumed + 1, results, 0);
  if (status == LUA_OK) return JL_OK;
  if (status != LUA_ERRMEM) return JL_ERROR;
  lua_pop(L, 1);
  return JL_NO_MEMORY;
}
