// Modules from files. One closure per module serves both of its names; its third upvalue keeps the module once it is loaded,
// `false` while it loads.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"

static void warn_of_shadowed(lua_State *L, const char *path) {
  if (lua_type(L, lua_upvalueindex(4)) != LUA_TTABLE) return;
  char ours[4096], theirs[4096];
  if (strlen(path) >= sizeof ours || realpath(path, ours) == NULL) return;
  for (lua_Integer i = 1; lua_rawgeti(L, lua_upvalueindex(4), i) == LUA_TSTRING; i++) {
    const char *other = lua_tostring(L, -1);
    if (realpath(other, theirs) && strcmp(ours, theirs) != 0) {
      fflush(stdout);
      fprintf(stderr, "jetlua: warning: \"%s\" is a module of jetlua, %s is not loaded; give it another name\n",
              lua_tostring(L, lua_upvalueindex(1)), other);
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static int load_file_module(lua_State *L) {
  const char *name = lua_tostring(L, lua_upvalueindex(1));
  const char *path = lua_tostring(L, lua_upvalueindex(2));
  if (name == NULL || path == NULL) return luaL_error(L, "not a module of jetlua");
  luaL_getsubtable(L, LUA_REGISTRYINDEX, "jetlua.files");
  int loaded = lua_gettop(L);
  int type = lua_getfield(L, loaded, name);
  if (type == LUA_TBOOLEAN && !lua_toboolean(L, -1)) return luaL_error(L, "module '%s' requires itself", name);
  if (type != LUA_TNIL) return 1;
  warn_of_shadowed(L, path);
  if (luaL_loadfilex(L, path, "t") != LUA_OK) return lua_error(L);
  lua_pushboolean(L, 0);
  lua_setfield(L, loaded, name);
  lua_pushstring(L, name);
  lua_pushstring(L, path);
  int status = lua_pcall(L, 2, 1, 0);
  if (status != LUA_OK) {
    lua_pushnil(L);
    lua_setfield(L, loaded, name);
    return lua_error(L);
  }
  if (lua_isnil(L, -1)) lua_pushboolean(L, 1);
  lua_pushvalue(L, -1);
  lua_setfield(L, loaded, name);
  return 1;
}

typedef struct {
  const char *name, *path;
  const char *const *shadowed;
} FileModule;

static int add_file_module(lua_State *L) {
  FileModule *m = lua_touserdata(L, 1);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  int preload = lua_gettop(L);
  lua_pushstring(L, m->name);
  lua_pushstring(L, m->path);
  lua_pushnil(L);
  lua_newtable(L);
  for (int i = 0; m->shadowed[i]; i++) {
    lua_pushstring(L, m->shadowed[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_pushcclosure(L, load_file_module, 4);
  lua_pushfstring(L, "jetlua.%s", m->name);
  lua_pushvalue(L, -2);
  lua_settable(L, preload);
  lua_setfield(L, preload, m->name);
  return 0;
}

int jl_add_file_module(lua_State *L, const char *name, const char *path, const char *const *shadowed) {
  return jl_protect(L, add_file_module, &(FileModule){name, path, shadowed}, 0, 0);
}
