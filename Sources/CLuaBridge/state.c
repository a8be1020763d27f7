#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void refill_spare(lua_State *L, JLContext *c) {
  JLBlock *block = lua_newuserdatauv(L, sizeof *block, 0);
  *block = (JLBlock){0};
  lua_rawseti(L, LUA_REGISTRYINDEX, c->spare_reference);
  c->spare = block;
}

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
static void relieve(lua_State *L, JLContext *c) {
  c->pressure = 0;
  if (lua_gc(L, LUA_GCISRUNNING) <= 0) return;  // negative inside a finalizer
  bool is_full = c->live_bytes > c->full_at_bytes || (size_t)lua_gc(L, LUA_GCCOUNT) << 10 > c->full_at_heap;
  lua_gc(L, is_full ? LUA_GCCOLLECT : LUA_GCSTEP, 0);
  if (is_full) note_survivors(L, c);
  c->pressure_limit = pressure_limit(L);
}

static bool in_library(const JLContext *c, const char *source) {
  return c->prefix_length > 0 && strncmp(source, c->prefix, c->prefix_length) == 0;
}

// The frame of the user's script, or the innermost one with a line; luaL_where looks at one level only and finds nothing under pcall.
static bool script_frame(lua_State *L, const JLContext *c, lua_Debug *found) {
  enum { LEVELS = 200 };
  lua_Debug frame;
  bool any = false;
  for (int level = 1; level < LEVELS && lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Sl", &frame);
    if (frame.currentline <= 0) continue;
    if (!any) *found = frame;
    any = true;
    if (in_library(c, frame.source)) continue;
    *found = frame;
    break;
  }
  return any;
}

void jl_push_position(lua_State *L, JLContext *c) {
  lua_Debug frame;
  if (script_frame(L, c, &frame))
    lua_pushfstring(L, "%s:%d: ", frame.short_src, frame.currentline);
  else
    lua_pushliteral(L, "");
}

size_t jl_script_line(lua_State *L, char *out, size_t size) {
  lua_Debug frame;
  if (!script_frame(L, jl_context(L), &frame)) return 0;
  int length = snprintf(out, size, "%s:%d", frame.short_src, frame.currentline);
  return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

// Replaces the message on top of the stack by what the function of jetlua.core.host's on_failure makes of it. Whatever goes
// wrong there, the message stays; only an interrupt passes.
static void explain(lua_State *L, JLContext *c, bool has_argument) {
  int message = lua_gettop(L);
  bool raised = c->raised;
  if (!lua_checkstack(L, 4)) return;
  if (lua_getfield(L, LUA_REGISTRYINDEX, JL_EXPLAIN_KEY) == LUA_TFUNCTION) {
    lua_pushvalue(L, message);
    if (has_argument)
      lua_pushvalue(L, 1);
    else
      lua_pushnil(L);
    int status = lua_pcall(L, 2, 1, 0);
    if (status != LUA_OK && c->raised && !raised) lua_error(L);
    if (status == LUA_OK && lua_type(L, -1) == LUA_TSTRING) lua_replace(L, message);
  }
  lua_settop(L, message);
}

static int raise_failure(lua_State *L, JLContext *c, int code) {
  if (code == JL_VALUE) return lua_error(L);
  if (code == JL_INTERRUPTED) {
    jl_mark_raised(c);
    return luaL_error(L, "interrupted!");
  }
  bool has_argument = lua_gettop(L) > 0;
  lua_pushlstring(L, c->message, c->message_length);
  explain(L, c, has_argument);
  jl_push_position(L, c);
  lua_insert(L, -2);
  lua_concat(L, 2);
  return lua_error(L);
}

int jl_enter(lua_State *L, JLContext *c, lua_Integer function) {
  // A script with the debug library can write a C function's upvalues.
  if (function < 0 || function >= c->function_count) return luaL_error(L, "not a function of jetlua");
  if (c->spare == NULL) refill_spare(L, c);
  c->link = 0;
  int count = lua_gettop(L);
  int results = c->dispatch(L, c->host, c->functions, (int)function, count, false);
  if (results == JL_OUT_OF_MEMORY) {
    lua_settop(L, count);
    lua_gc(L, LUA_GCCOLLECT);
    if (c->spare == NULL) refill_spare(L, c);
    results = c->dispatch(L, c->host, c->functions, (int)function, count, true);
  }
  if (results < 0) return raise_failure(L, c, results);
  if (c->link) jl_link(L, c, count, results);
  if (c->pressure >= c->pressure_limit) relieve(L, c);
  return results;
}

static int trampoline(lua_State *L) {
  return jl_enter(L, jl_context(L), lua_tointegerx(L, lua_upvalueindex(1), NULL));
}

void jl_push_trampoline(lua_State *L, int function) {
  lua_pushinteger(L, function);
  lua_pushcclosure(L, trampoline, 1);
}

// --- the allocator, which tests can make fail ---

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

// --- opening and closing ---

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

void jl_set_functions(lua_State *L, void *functions, int count) {
  JLContext *c = jl_context(L);
  c->functions = functions;
  c->function_count = count;
}

void jl_set_library_prefix(lua_State *L, const char *text, size_t length) {
  JLContext *c = jl_context(L);
  if (length >= JL_PREFIX_SIZE) length = 0;
  memcpy(c->prefix, text, length);
  c->prefix[length] = 0;
  c->prefix_length = length;
}

void jl_set_message(lua_State *L, const char *text, size_t length) {
  JLContext *c = jl_context(L);
  if (length > JL_MESSAGE_SIZE) {
    length = JL_MESSAGE_SIZE;
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) length--;
  }
  memcpy(c->message, text, length);
  c->message_length = length;
}

size_t jl_live_objects(lua_State *L) { return jl_context(L)->live_objects; }
size_t jl_live_bytes(lua_State *L) { return jl_context(L)->live_bytes; }
void jl_add_pressure(lua_State *L, size_t bytes) { jl_context(L)->pressure += bytes; }
