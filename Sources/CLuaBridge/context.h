#pragma once

#include <lauxlib.h>
#include <lualib.h>
#include <signal.h>
#include <time.h>

#include "CLuaBridge.h"

enum { JL_LINK_RESULTS = 1, JL_LINK_FIRST = 2 };

enum { JL_MESSAGE_SIZE = 4096, JL_PREFIX_SIZE = 4200, JL_CLOSE_DEPTH = 100 };

// Where the registry keeps the function of jetlua.core.host's on_failure.
#define JL_EXPLAIN_KEY "jetlua.explain"

typedef struct {
  const void *tag;
  char *name;
  int user_values;
  int metatable, members, setters;  // references in the registry
  int index_fallback, newindex_fallback;     // function indices, -1 for none
} JLClass;

// One per state, reached from every coroutine through the extra space in front of its lua_State.
typedef struct JLContext {
  lua_State *main;
  lua_State *volatile current;  // the coroutine that runs, for the signal handler
  void *host;
  JLDispatch dispatch;
  JLRelease release;
  void *functions;
  int function_count;
  bool ignore_environment;

  JLClass *classes;
  int class_count;

  // A userdata made before Swift is entered, so that returning an object allocates nothing while Swift frames are live.
  JLBlock *spare;
  int spare_reference;

  const void *link_tag;  // what the call under way asked to be linked, and of which class
  int link;
  bool has_extra_links;

  size_t pressure, pressure_limit;  // bytes outside Lua's heap since the collector was last told, and when it is told next
  size_t full_at_bytes, full_at_heap;  // live bytes of objects, bytes of Lua's heap, beyond which a full collection is due
  size_t live_bytes, live_objects;

  int close_depth;
  struct timespec raised_at;  // when the pending interrupt was raised first
  bool raised;
  bool listening;
  struct sigaction previous_action;

  char prefix[JL_PREFIX_SIZE];
  size_t prefix_length;
  char message[JL_MESSAGE_SIZE];
  size_t message_length;

  lua_Alloc allocate;
  void *allocate_data;
  int64_t fail_in, failed;
  bool fail_sticky;
  void (*on_exhaustion)(void);
} JLContext;

static inline JLContext *jl_context(lua_State *L) { return *(JLContext **)lua_getextraspace(L); }

// Runs `body` with `argument` as a light userdata, inside lua_pcall. `consumed` values on top of the stack become its
// first arguments. On JL_OK its `results` are on the stack, else nothing (JL_NO_MEMORY) or the error value (JL_ERROR).
int jl_protect(lua_State *L, lua_CFunction body, void *argument, int consumed, int results);

// For C functions of this target, where raising is allowed.
int jl_enter(lua_State *L, JLContext *c, lua_Integer function);
void jl_push_position(lua_State *L, JLContext *c);
// Runs the collector, young or full, once much memory outside its heap has come.
void jl_relieve(lua_State *L, JLContext *c);
void jl_push_trampoline(lua_State *L, int function);
JLClass *jl_find_class(JLContext *c, const void *tag);
void jl_install_coroutines(lua_State *L);
void jl_install_host_module(lua_State *L);
void jl_install_format(lua_State *L);
void jl_install_stops_module(lua_State *L);
// Raises the interrupt of the running script; safe in a signal handler.
void jl_interrupt_now(void);
// The one state whose script interrupts are raised in, NULL for none; takes the hook of an interrupt away.
void jl_raise_in(JLContext *c);
void jl_unhook(lua_State *L);
// Whether Ctrl-C is left to a training that saves itself first, whether it already is, and that it has been dealt with.
bool jl_stops_take_interrupt(void);
bool jl_stops_saw_interrupt(void);
void jl_stops_forget_interrupt(void);
// What the error of an interrupt says.
const char *jl_interruption(void);
// Links the results of a call, or its first argument, to the arguments that carry links.
void jl_link(lua_State *L, JLContext *c, int count, int results);
// Hooks L if an interrupt is pending, because a hook belongs to one coroutine.
void jl_arm(JLContext *c, lua_State *L);
void jl_mark_raised(JLContext *c);
int jl_release_block(lua_State *L);
// Message handler of the outermost calls.
int jl_add_traceback(lua_State *L);
