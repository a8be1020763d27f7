#include <CThreads.h>
#include <math.h>
#include <string.h>

#include "context.h"

static bool is_leaf(int type) { return type == LUA_TNUMBER || type == LUA_TBOOLEAN; }

void jl_nested_shape(lua_State *L, int index, JLNested *nested) {
  memset(nested, 0, sizeof *nested);
  if (!lua_checkstack(L, 3)) {
    nested->problem = JL_NESTED_STACK;
    return;
  }
  lua_pushvalue(L, index);
  while (lua_type(L, -1) == LUA_TTABLE) {
    if (nested->rank == JL_MAX_RANK) {
      nested->problem = JL_NESTED_TOO_DEEP;
      break;
    }
    int64_t length = (int64_t)lua_rawlen(L, -1);
    nested->shape[nested->rank++] = length;
    if (length == 0) break;
    lua_rawgeti(L, -1, 1);
    lua_remove(L, -2);
  }
  nested->booleans = lua_type(L, -1) == LUA_TBOOLEAN;
  nested->found_type = lua_type(L, -1);
  lua_pop(L, 1);
}

typedef struct {
  JLNested *nested;
  JLElement element;
  void *out;
  int64_t next;
} Filling;

static bool store(lua_State *L, Filling *f) {
  JLNested *n = f->nested;
  int type = lua_type(L, -1);
  if (!is_leaf(type) || (type == LUA_TBOOLEAN) != n->booleans) {
    n->problem = type == LUA_TTABLE ? JL_NESTED_RAGGED : JL_NESTED_LEAF;
    n->found_type = type;
    return false;
  }
  double number = n->booleans ? lua_toboolean(L, -1) : lua_tonumberx(L, -1, NULL);
  switch (f->element) {
    case JL_FLOAT64: ((double *)f->out)[f->next] = number; break;
    case JL_FLOAT32: ((float *)f->out)[f->next] = (float)number; break;
    case JL_BOOL: ((uint8_t *)f->out)[f->next] = number != 0; break;
    case JL_INT64: {
      int is_integer = 1;
      lua_Integer integer = n->booleans ? (lua_Integer)number : lua_tointegerx(L, -1, &is_integer);
      if (!is_integer) {
        n->problem = JL_NESTED_NOT_INTEGER;
        return false;
      }
      ((int64_t *)f->out)[f->next] = integer;
    }
  }
  f->next++;
  if ((f->next & 0xffff) == 0 && jt_interrupt_requested()) {
    n->problem = JL_NESTED_INTERRUPTED;
    return false;
  }
  return true;
}

// The table of this depth is on top of the stack.
static bool fill(lua_State *L, Filling *f, int depth) {
  JLNested *n = f->nested;
  n->depth = depth;
  if (lua_type(L, -1) != LUA_TTABLE) {
    n->problem = is_leaf(lua_type(L, -1)) ? JL_NESTED_RAGGED : JL_NESTED_LEAF;
    n->expected_length = n->shape[depth];
    n->found_length = -1;
    n->found_type = lua_type(L, -1);
    return false;
  }
  int64_t length = (int64_t)lua_rawlen(L, -1);
  if (length != n->shape[depth]) {
    n->problem = JL_NESTED_RAGGED;
    n->expected_length = n->shape[depth];
    n->found_length = length;
    n->found_type = LUA_TTABLE;
    return false;
  }
  bool leaves = depth + 1 == n->rank;
  for (int64_t i = 1; i <= length; i++) {
    lua_rawgeti(L, -1, i);
    n->path[depth] = i;
    bool stored = leaves ? store(L, f) : fill(L, f, depth + 1);
    if (!stored && leaves) n->depth = depth + 1;
    lua_pop(L, 1);
    if (!stored) return false;
  }
  n->depth = depth;
  return true;
}

void jl_nested_fill(lua_State *L, int index, JLNested *nested, JLElement element, void *out) {
  nested->problem = JL_NESTED_OK;
  if (!lua_checkstack(L, JL_MAX_RANK + 3)) {
    nested->problem = JL_NESTED_STACK;
    return;
  }
  Filling f = {.nested = nested, .element = element, .out = out};
  lua_pushvalue(L, index);
  if (nested->rank == 0)
    store(L, &f);
  else
    fill(L, &f, 0);
  lua_pop(L, 1);
}

int jl_next(lua_State *L, int index) { return lua_next(L, index); }

// --- the other way ---

typedef struct {
  JLElement element;
  const void *data;
  const int64_t *shape;
  int rank;
  int64_t next;
} Source;

static void push_leaf(lua_State *L, Source *s) {
  int64_t i = s->next++;
  switch (s->element) {
    case JL_FLOAT64: lua_pushnumber(L, ((const double *)s->data)[i]); break;
    case JL_FLOAT32: lua_pushnumber(L, ((const float *)s->data)[i]); break;
    case JL_INT64: lua_pushinteger(L, ((const int64_t *)s->data)[i]); break;
    case JL_BOOL: lua_pushboolean(L, ((const uint8_t *)s->data)[i]); break;
  }
}

static void push_level(lua_State *L, Source *s, int depth) {
  if (depth == s->rank) {
    push_leaf(L, s);
    return;
  }
  luaL_checkstack(L, 3, "too many levels");
  int64_t length = s->shape[depth];
  lua_createtable(L, length > INT32_MAX ? INT32_MAX : (int)length, 0);
  for (int64_t i = 1; i <= length; i++) {
    push_level(L, s, depth + 1);
    lua_rawseti(L, -2, i);
  }
}

static int make_nested(lua_State *L) {
  push_level(L, lua_touserdata(L, 1), 0);
  return 1;
}

int jl_push_nested(lua_State *L, JLElement element, const void *data, const int64_t *shape, int rank) {
  Source s = {.element = element, .data = data, .shape = shape, .rank = rank};
  return jl_protect(L, make_nested, &s, 0, 1);
}
