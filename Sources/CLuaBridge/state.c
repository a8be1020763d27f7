// Opening and closing.
#include <stdlib.h>

#include "context.h"

static int set_up(lua_State *L) {
  JLContext *c = lua_touserdata(L, 1);
  // The standard libraries' own order of calls: collector stopped, so that start-up is one pass of allocation.
  lua_gc(L, LUA_GCSTOP);
  if (c->ignore_environment) {
    lua_pushboolean(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  }
  luaL_openlibs(L);
  lua_newtable(L);
  lua_setfield(L, LUA_REGISTRYINDEX, "jetlua.modules");
  lua_pushboolean(L, 0);
  c->spare_reference = luaL_ref(L, LUA_REGISTRYINDEX);
  jl_install_coroutines(L);
  jl_install_host_module(L);
  jl_install_stops_module(L);
  jl_install_format(L);
  lua_gc(L, LUA_GCRESTART);
  // The mode of the standalone interpreter, too. Between 5.4.4 and 5.4.8 nothing was mended in it but the time of the first
  // collection after a full one, which `relieve` sets by itself.
  lua_gc(L, LUA_GCGEN, 0, 0);
  return 0;
}

lua_State *jl_open(void *host, JLDispatch dispatch, JLRelease release, bool ignore_environment) {
  JLContext *c = calloc(1, sizeof *c);
  if (c == NULL) return NULL;
  lua_State *L = luaL_newstate();
  if (L == NULL) {
    free(c);
    return NULL;
  }
  c->main = c->current = L;
  c->host = host;
  c->dispatch = dispatch;
  c->release = release;
  c->ignore_environment = ignore_environment;
  *(JLContext **)lua_getextraspace(L) = c;
  if (jl_protect(L, set_up, c, 0, 0) != JL_OK) {
    jl_close(L);
    return NULL;
  }
  return L;
}

void jl_close(lua_State *L) {
  JLContext *c = jl_context(L);
  jl_interrupts_end(L);
  c->fail_in = 0;
  lua_close(L);
  // The allocator is the context, so it goes last.
  for (int i = 0; i < c->class_count; i++) free(c->classes[i].name);
  free(c->classes);
  free(c);
}
