// The allocator of a state, which tests can make fail and a stranger's script cannot outlive.
#include "context.h"

static void *allocate(void *data, void *block, size_t old_size, size_t size) {
  JLContext *c = data;
  // Shrinking must succeed: Lua relies on it.
  bool grows = size > 0 && (block == NULL || size > old_size);
  if (c->fail_in > 0 && grows && --c->fail_in == 0) {
    // Lua collects its garbage and asks a second time; a single failure would never be seen.
    bool second = c->failed % 2 == 1;
    c->failed++;
    if (c->fail_sticky || !second) c->fail_in = 1;
    return NULL;
  }
  void *result = c->allocate(c->allocate_data, block, old_size, size);
  // An emergency collection of 5.4.4 can crash, so a stranger's script ends before it comes to that.
  if (result == NULL && grows && c->on_exhaustion) c->on_exhaustion();
  return result;
}

static void wrap_allocator(lua_State *L, JLContext *c) {
  if (c->allocate != NULL) return;
  c->allocate = lua_getallocf(L, &c->allocate_data);
  lua_setallocf(L, allocate, c);
}

void jl_on_exhaustion(lua_State *L, void (*body)(void)) {
  JLContext *c = jl_context(L);
  wrap_allocator(L, c);
  c->on_exhaustion = body;
}

void jl_fail_allocations(lua_State *L, int64_t countdown, bool sticky) {
  JLContext *c = jl_context(L);
  wrap_allocator(L, c);
  c->fail_in = countdown;
  c->fail_sticky = sticky;
  if (countdown > 0) c->failed = 0;
}

int64_t jl_failed_allocations(lua_State *L) { return jl_context(L)->failed; }
