// string.format takes objects that stand for one number (metamethod "__number") where a conversion wants a number.
#include <string.h>

#include "context.h"

static void convert(lua_State *L, int index) {
  if (luaL_getmetafield(L, index, "__number") == LUA_TNIL) return;
  lua_pushvalue(L, index);
  lua_call(L, 1, 1);
  lua_replace(L, index);
}

static int format(lua_State *L) {
  // Lua's own function, called as a plain C function: it then finds its name and the script's line as if it were called itself.
  lua_CFunction original = lua_tocfunction(L, lua_upvalueindex(1));
  if (original == NULL || original == format) return luaL_error(L, "string.format was changed");
  int count = lua_gettop(L), objects = 0;
  for (int i = 2; i <= count; i++) objects += lua_type(L, i) == LUA_TUSERDATA;
  if (objects == 0 || lua_type(L, 1) != LUA_TSTRING) return original(L);
  size_t length;
  const char *text = lua_tolstring(L, 1, &length), *end = text + length;
  for (int i = 2; text < end && i <= count; text++) {
    if (*text != '%') continue;
    text++;
    if (text >= end) break;
    if (*text == '%') continue;
    while (text < end && strchr("-+ #0123456789.", *text) && *text) text++;
    if (text < end && *text && strchr("aAcdeEfFgGiouxX", *text) && lua_type(L, i) == LUA_TUSERDATA) convert(L, i);
    i++;
  }
  return original(L);
}

void jl_install_format(lua_State *L) {
  lua_getglobal(L, "string");
  lua_getfield(L, -1, "format");
  lua_pushcclosure(L, format, 1);
  lua_setfield(L, -2, "format");
  lua_pop(L, 1);
}
