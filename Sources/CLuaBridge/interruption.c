// The error that an interrupt raises in the running script: a hook put into the coroutine that runs.
#include <CThreads.h>

#include "context.h"

// The one state whose script runs; a signal handler has no other way to know it.
static JLContext *volatile target;

enum { GRACE_MILLISECONDS = 50 };

static int64_t milliseconds_since(const struct timespec *then) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)(now.tv_sec - then->tv_sec) * 1000 + (now.tv_nsec - then->tv_nsec) / 1000000;
}

void jl_mark_raised(JLContext *c) {
  if (c->raised) return;
  c->raised = true;
  clock_gettime(CLOCK_MONOTONIC, &c->raised_at);
}

// Raises once, as the standalone interpreter does, so that a script may catch the interrupt and end in its own way.
// One that still runs after the grace time meets the error again at every step, so that no pcall loop survives it.
static void sticky(lua_State *L, lua_Debug *event) {
  (void)event;
  JLContext *c = jl_context(L);
  if (!jt_interrupt_requested()) {
    lua_sethook(L, NULL, 0, 0);
    return;
  }
  if (c->raised && milliseconds_since(&c->raised_at) < GRACE_MILLISECONDS) return;
  jl_mark_raised(c);
  luaL_error(L, "%s", jl_interruption());
}

static void hook(lua_State *L) { lua_sethook(L, sticky, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1); }

void jl_arm(JLContext *c, lua_State *L) {
  if (target == c && jt_interrupt_requested()) hook(L);
}

void jl_interrupt_now(void) {
  jt_interrupt_request();
  JLContext *c = target;
  if (c) hook(c->current);
}

void jl_raise_in(JLContext *c) { target = c; }

void jl_unhook(lua_State *L) {
  if (lua_gethook(L) == sticky) lua_sethook(L, NULL, 0, 0);
}
