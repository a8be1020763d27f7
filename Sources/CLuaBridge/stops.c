// Ends that leave something to go on from: SIGTERM and SIGUSR1, which batch systems send before the time is up, while a run is
// open, and Ctrl-C while a training can save itself. Without a run all three do what they do to the standalone interpreter.
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "context.h"

// How long a training may take to its next step after Ctrl-C before the interrupt comes in the middle of it.
enum { STEP_MILLISECONDS = 150, STOPPED_STATUS = 75 };

static volatile sig_atomic_t caught;    // the signal, 0 for none
static volatile sig_atomic_t deferred;  // a training asks for `caught` at each step
static volatile sig_atomic_t patience;  // seconds until a process that does not end by itself is ended
static bool catching;
static struct sigaction previous_terminate, previous_user, previous_alarm;

static void on_alarm(int signal) {
  (void)signal;
  if (caught != SIGINT) _exit(STOPPED_STATUS);
  jl_interrupt_now();
}

static void on_stop(int signal) {
  // Batch systems repeat theirs; the first one's time goes on.
  if (caught && caught != SIGINT) return;
  caught = signal;
  alarm((unsigned)patience);
  if (!deferred) jl_interrupt_now();
}

static void take(int signal, void (*handler)(int), int flags, struct sigaction *previous) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, previous);
}

// A training goes on to its next step, and nothing that it reads or writes may notice; else whoever waits for input stops waiting.
static void take_stops(struct sigaction *terminate, struct sigaction *user) {
  take(SIGTERM, on_stop, deferred ? SA_RESTART : 0, terminate);
  take(SIGUSR1, on_stop, deferred ? SA_RESTART : 0, user);
}

bool jl_stops_take_interrupt(void) {
  if (!catching || !deferred || caught) return false;
  caught = SIGINT;
  struct itimerval timer = {.it_value = {.tv_usec = STEP_MILLISECONDS * 1000}};
  setitimer(ITIMER_REAL, &timer, NULL);
  return true;
}

bool jl_stops_saw_interrupt(void) { return caught == SIGINT; }

void jl_stops_forget_interrupt(void) {
  if (caught != SIGINT) return;
  alarm(0);
  caught = 0;
}

bool jl_stopped(void) { return caught != 0 && caught != SIGINT; }

const char *jl_interruption(void) {
  return !jl_stopped() ? "interrupted!" : caught == SIGTERM ? "interrupted! (SIGTERM)" : "interrupted! (SIGUSR1)";
}

// catch(seconds): from now on. catch(false [, again]): no longer; with `again` a signal that was caught is raised once more.
static int catch_stops(lua_State *L) {
  bool wanted = lua_toboolean(L, 1);
  if (wanted) {
    lua_Integer seconds = luaL_checkinteger(L, 1);
    patience = seconds < 1 ? 1 : seconds > 86400 ? 86400 : (int)seconds;
  }
  if (wanted == catching) return 0;
  if (wanted) {
    take(SIGALRM, on_alarm, SA_RESTART, &previous_alarm);
    take_stops(&previous_terminate, &previous_user);
    catching = true;
    return 0;
  }
  catching = false;
  deferred = 0;
  sigaction(SIGTERM, &previous_terminate, NULL);
  sigaction(SIGUSR1, &previous_user, NULL);
  alarm(0);
  sigaction(SIGALRM, &previous_alarm, NULL);
  int signal = caught;
  if (lua_toboolean(L, 2) && signal && signal != SIGINT) {
    caught = 0;
    fflush(NULL);
    raise(signal);
  }
  return 0;
}

// defer(on): whether a training looks at `requested` by itself; returns whether one did. What came in its last moments takes effect here.
static int defer_stops(lua_State *L) {
  bool before = deferred;
  deferred = lua_toboolean(L, 1);
  if (catching) take_stops(NULL, NULL);
  if (!deferred && caught) jl_interrupt_now();
  lua_pushboolean(L, before);
  return 1;
}

// requested(): the name of the signal that asks the training to end, else nil.
static int requested(lua_State *L) {
  int signal = caught;
  if (signal == 0)
    lua_pushnil(L);
  else
    lua_pushstring(L, signal == SIGTERM ? "SIGTERM" : signal == SIGUSR1 ? "SIGUSR1" : "Ctrl-C");
  return 1;
}

// saving(): Ctrl-C waits for the end of what is saved now.
static int saving(lua_State *L) {
  (void)L;
  if (caught == SIGINT) alarm(0);
  return 0;
}

static int open_stops(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"catch", catch_stops}, {"defer", defer_stops}, {"requested", requested}, {"saving", saving}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}

void jl_install_stops_module(lua_State *L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, open_stops);
  lua_setfield(L, -2, "jetlua.core.stops");
  lua_pop(L, 1);
}
