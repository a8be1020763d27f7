// Where the user's script is, past the frames of jetlua's own Lua files.
#include <stdio.h>
#include <string.h>

#include "context.h"

void jl_set_library_prefix(lua_State *L, const char *text, size_t length) {
  JLContext *c = jl_context(L);
  if (length >= JL_PREFIX_SIZE) length = 0;
  memcpy(c->prefix, text, length);
  c->prefix[length] = 0;
  c->prefix_length = length;
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
