#include <CThreads.h>
#include <string.h>
#include <unistd.h>

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
  luaL_error(L, "interrupted!");
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

static void on_interrupt(int signal) {
  (void)signal;
  if (jt_interrupt_requested() || jl_stops_saw_interrupt()) _exit(130);
  if (!jl_stops_take_interrupt()) jl_interrupt_now();
}

void jl_interrupts_begin(lua_State *L) {
  JLContext *c = jl_context(L);
  jt_interrupt_clear();
  jl_stops_forget_interrupt();
  c->raised = false;
  if (c->listening) return;
  target = c;
  c->listening = true;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &c->previous_action);
}

void jl_interrupts_end(lua_State *L) {
  JLContext *c = jl_context(L);
  if (!c->listening) return;
  sigaction(SIGINT, &c->previous_action, NULL);
  c->listening = false;
  target = NULL;
  c->current = c->main;
  jt_interrupt_clear();
  if (lua_gethook(c->main) == sticky) lua_sethook(c->main, NULL, 0, 0);
}
