// Where a tensor's history holds a rule written in Lua, Lua's collector must see what the rule needs: a reference held from
// Swift would make cycles that no collector frees. So a userdata whose object says so carries, as its first user value, the
// rule's own entry or the userdata that its object was computed from.
#include "context.h"

void jl_request_links(lua_State *L, const void *tag, bool in_place) {
  JLContext *c = jl_context(L);
  c->link_tag = tag;
  c->link |= in_place ? JL_LINK_FIRST : JL_LINK_RESULTS;
}

static bool is_tagged(lua_State *L, int index, const void *tag) { return jl_block(L, index, tag) != NULL; }

// Userdata without a user value (what an in-place change made part of such a history) are kept in a table of weak keys.
static void push_extra_links(lua_State *L) {
  if (luaL_getsubtable(L, LUA_REGISTRYINDEX, "jetlua.links")) return;
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
}

// Pushes the link of the userdata at `index`, nil if it has none.
static bool push_link(lua_State *L, JLContext *c, int index) {
  index = lua_absindex(L, index);
  if (lua_getiuservalue(L, index, 1) > LUA_TNIL) return true;
  if (!c->has_extra_links) return false;
  lua_pop(L, 1);
  push_extra_links(L);
  lua_pushvalue(L, index);
  lua_rawget(L, -2);
  lua_remove(L, -2);
  return !lua_isnil(L, -1);
}

static void collect(lua_State *L, JLContext *c, int index, int sources) {
  if (!is_tagged(L, index, c->link_tag)) return;
  bool linked = push_link(L, c, index);
  lua_pop(L, 1);
  if (!linked) return;
  lua_pushvalue(L, index);
  lua_rawseti(L, sources, (lua_Integer)lua_rawlen(L, sources) + 1);
}

static void attach(lua_State *L, JLContext *c, int index, int sources) {
  index = lua_absindex(L, index);
  if (!is_tagged(L, index, c->link_tag)) return;
  if (push_link(L, c, index)) {
    lua_createtable(L, 2, 0);
    lua_insert(L, -2);
    lua_rawseti(L, -2, 1);
    lua_pushvalue(L, sources);
    lua_rawseti(L, -2, 2);
  } else {
    lua_pop(L, 1);
    lua_pushvalue(L, sources);
  }
  lua_pushvalue(L, -1);
  if (lua_setiuservalue(L, index, 1)) {
    lua_pop(L, 1);
    return;
  }
  c->has_extra_links = true;
  push_extra_links(L);
  lua_insert(L, -2);
  lua_pushvalue(L, index);
  lua_insert(L, -2);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

static bool is_argument(lua_State *L, int index, int count) {
  for (int i = 1; i <= count; i++)
    if (lua_rawequal(L, i, index)) return true;
  return false;
}

void jl_link(lua_State *L, JLContext *c, int count, int results) {
  int asked = c->link;
  c->link = 0;
  luaL_checkstack(L, 10, "too many results");
  int first = lua_gettop(L) - results + 1;
  lua_newtable(L);
  int sources = lua_gettop(L);
  for (int i = 1; i <= count; i++) {
    if (lua_type(L, i) != LUA_TTABLE) {
      collect(L, c, i, sources);
      continue;
    }
    lua_pushnil(L);
    while (lua_next(L, i)) {
      collect(L, c, lua_gettop(L), sources);
      lua_pop(L, 1);
    }
  }
  if (lua_rawlen(L, sources) > 0) {
    if (asked & JL_LINK_FIRST) attach(L, c, 1, sources);
    for (int i = first; (asked & JL_LINK_RESULTS) && i < sources; i++) {
      if (is_argument(L, i, count)) continue;
      attach(L, c, i, sources);
      if (lua_type(L, i) != LUA_TTABLE) continue;
      lua_pushnil(L);
      while (lua_next(L, i)) {
        attach(L, c, -1, sources);
        lua_pop(L, 1);
      }
    }
  }
  lua_settop(L, sources - 1);
}
