// Ctrl-C while a script runs.
#include <CThreads.h>
#include <string.h>
#include <unistd.h>

#include "context.h"

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
  jl_raise_in(c);
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
  jl_raise_in(NULL);
  c->current = c->main;
  jt_interrupt_clear();
  jl_unhook(c->main);
}
