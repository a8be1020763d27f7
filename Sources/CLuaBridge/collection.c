// When the collector runs: it cannot see the memory outside its heap.
#include "context.h"

// How much memory outside Lua's heap may come between two young collections: so little that the blocks they free are still
// in the processor's caches (10,000 floats took twice the time in blocks that had gone cold). A script that changes large
// tables of tensors has those walked each time, hence the share of Lua's heap.
static size_t pressure_limit(lua_State *L) {
  enum { IN_CACHE = 256 << 10 };
  size_t half_of_heap = (size_t)lua_gc(L, LUA_GCCOUNT) << 9;
  return half_of_heap > IN_CACHE ? half_of_heap : IN_CACHE;
}

// What a full collection left decides when the next is due: old garbage stays within 32 MB or four times Lua's heap, the heap
// within twice its size.
static void note_survivors(lua_State *L, JLContext *c) {
  size_t heap = (size_t)lua_gc(L, LUA_GCCOUNT) << 10;
  c->full_at_bytes = c->live_bytes + (heap > 8 << 20 ? 4 * heap : 32 << 20);
  c->full_at_heap = 2 * heap + (1 << 20);
}

// The collector cannot see the memory of objects, so it is told. A young collection looks only at what was made or changed
// since the last: it costs a few microseconds, where a step of the incremental kind costs its share of a walk over the whole
// heap. What grew old before it became garbage waits for a full one.
void jl_relieve(lua_State *L, JLContext *c) {
  c->pressure = 0;
  if (lua_gc(L, LUA_GCISRUNNING) <= 0) return;  // negative inside a finalizer
  bool is_full = c->live_bytes > c->full_at_bytes || (size_t)lua_gc(L, LUA_GCCOUNT) << 10 > c->full_at_heap;
  lua_gc(L, is_full ? LUA_GCCOLLECT : LUA_GCSTEP, 0);
  if (is_full) note_survivors(L, c);
  c->pressure_limit = pressure_limit(L);
}

size_t jl_live_objects(lua_State *L) { return jl_context(L)->live_objects; }
size_t jl_live_bytes(lua_State *L) { return jl_context(L)->live_bytes; }
void jl_add_pressure(lua_State *L, size_t bytes) { jl_context(L)->pressure += bytes; }
