#include <string.h>

#include "context.h"

// --- objects ---

typedef struct {
  JLClass *class;
  void *object;
  size_t bytes;
} NewObject;

// What an object costs beside the bytes it says: its Swift objects. Without it small tensors lived long enough to fall out
// of the caches, and one addition took 1.9 instead of 0.85 microseconds; with 1024 a large Lua heap pays more.
enum { OBJECT_BYTES = 256 };

static void fill(JLContext *c, JLBlock *block, const NewObject *new) {
  *block = (JLBlock){.tag = new->class->tag, .object = new->object, .bytes = new->bytes};
  c->pressure += new->bytes + OBJECT_BYTES;
  c->live_bytes += new->bytes;
  c->live_objects++;
}

static int make_object(lua_State *L) {
  NewObject *new = lua_touserdata(L, 1);
  int wanted = jl_context(L)->link && new->class->user_values == 0 ? 1 : new->class->user_values;
  JLBlock *block = lua_newuserdatauv(L, sizeof *block, wanted);
  *block = (JLBlock){0};
  lua_rawgeti(L, LUA_REGISTRYINDEX, new->class->metatable);
  lua_setmetatable(L, -2);
  fill(jl_context(L), block, new);
  return 1;
}

int jl_push_object(lua_State *L, const void *tag, void *object, size_t bytes) {
  JLContext *c = jl_context(L);
  NewObject new = {.class = jl_find_class(c, tag), .object = object, .bytes = bytes};
  if (new.class == NULL) return JL_NO_CLASS;
  if (!lua_checkstack(L, 3)) return JL_NO_MEMORY;
  if (c->spare && new.class->user_values == 0 && !c->link) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, c->spare_reference);
    lua_rawgeti(L, LUA_REGISTRYINDEX, new.class->metatable);
    // A script can overwrite the registry through the debug library, hence the checks.
    if (lua_touserdata(L, -2) == c->spare && lua_type(L, -1) == LUA_TTABLE) {
      fill(c, c->spare, &new);
      c->spare = NULL;
      lua_setmetatable(L, -2);
      // The slot exists, so this cannot allocate; left there, the object would outlive its last use by one call.
      lua_pushboolean(L, 0);
      lua_rawseti(L, LUA_REGISTRYINDEX, c->spare_reference);
      return JL_OK;
    }
    lua_pop(L, 2);
  }
  return jl_protect(L, make_object, &new, 0, 1);
}

void jl_set_bytes(lua_State *L, int index, size_t bytes) {
  if (lua_type(L, index) != LUA_TUSERDATA || lua_rawlen(L, index) != sizeof(JLBlock)) return;
  JLContext *c = jl_context(L);
  JLBlock *block = lua_touserdata(L, index);
  if (jl_find_class(c, block->tag) == NULL || block->object == NULL) return;
  if (bytes > block->bytes) c->pressure += bytes - block->bytes;
  c->live_bytes = c->live_bytes - block->bytes + bytes;
  block->bytes = bytes;
}

// --- strings and tables ---

typedef struct {
  const char *text;
  size_t length;
} Text;

static int make_string(lua_State *L) {
  Text *t = lua_touserdata(L, 1);
  lua_pushlstring(L, t->text, t->length);
  return 1;
}

int jl_push_string(lua_State *L, const char *text, size_t length) {
  return jl_protect(L, make_string, &(Text){text, length}, 0, 1);
}

static int keep_string(lua_State *L) {
  Text *t = lua_touserdata(L, 1);
  lua_pushlstring(L, t->text, t->length);
  lua_pushinteger(L, luaL_ref(L, LUA_REGISTRYINDEX));
  return 1;
}

int jl_keep_string(lua_State *L, const char *text, size_t length, int *reference) {
  int status = jl_protect(L, keep_string, &(Text){text, length}, 0, 1);
  if (status != JL_OK) return status;
  *reference = (int)lua_tointegerx(L, -1, NULL);
  lua_pop(L, 1);
  return JL_OK;
}

bool jl_push_kept_string(lua_State *L, int reference) {
  if (lua_rawgeti(L, LUA_REGISTRYINDEX, reference) == LUA_TSTRING) return true;
  lua_pop(L, 1);
  return false;
}

static int make_table(lua_State *L) {
  int *sizes = lua_touserdata(L, 1);
  lua_createtable(L, sizes[0], sizes[1]);
  return 1;
}

int jl_push_table(lua_State *L, int array_size, int record_size) {
  return jl_protect(L, make_table, (int[]){array_size, record_size}, 0, 1);
}

static int set_field(lua_State *L) {
  Text *t = lua_touserdata(L, 3);
  lua_pushlstring(L, t->text, t->length);
  lua_pushvalue(L, 2);
  lua_rawset(L, 1);
  return 0;
}

int jl_set_field(lua_State *L, int index, const char *name, size_t length) {
  index = lua_absindex(L, index);
  if (!lua_checkstack(L, 2)) return JL_NO_MEMORY;
  lua_pushvalue(L, index);
  lua_insert(L, -2);
  return jl_protect(L, set_field, &(Text){name, length}, 2, 0);
}

typedef struct {
  const int *names;
  int count;
} Record;

static int make_record(lua_State *L) {
  const Record *r = lua_touserdata(L, -1);
  lua_createtable(L, 0, r->count);
  for (int i = 0; i < r->count; i++) {
    // A script can overwrite the registry through the debug library.
    if (lua_rawgeti(L, LUA_REGISTRYINDEX, r->names[i]) == LUA_TSTRING) {
      lua_pushvalue(L, i + 1);
      lua_rawset(L, -3);
    } else {
      lua_pop(L, 1);
    }
  }
  return 1;
}

int jl_push_record(lua_State *L, const int *names, int count) {
  return jl_protect(L, make_record, &(Record){names, count}, count, 1);
}

static int set_item(lua_State *L) {
  lua_Integer *position = lua_touserdata(L, 3);
  lua_pushvalue(L, 2);
  lua_rawseti(L, 1, *position);
  return 0;
}

int jl_set_item(lua_State *L, int index, lua_Integer position) {
  index = lua_absindex(L, index);
  if (!lua_checkstack(L, 2)) return JL_NO_MEMORY;
  lua_pushvalue(L, index);
  lua_insert(L, -2);
  return jl_protect(L, set_item, &position, 2, 0);
}

static int require_module(lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushstring(L, lua_touserdata(L, 1));
  lua_call(L, 1, 1);
  return 1;
}

typedef struct {
  const char *module, *name;
} ModuleMember;

static int require_member(lua_State *L) {
  ModuleMember *member = lua_touserdata(L, 1);
  lua_getglobal(L, "require");
  lua_pushstring(L, member->module);
  lua_call(L, 1, 1);
  lua_getfield(L, -1, member->name);
  return 1;
}

int jl_require_member(lua_State *L, const char *module, const char *name) {
  return jl_protect(L, require_member, &(ModuleMember){module, name}, 0, 1);
}

int jl_require(lua_State *L, const char *name) { return jl_protect(L, require_module, (void *)name, 0, 1); }

// --- calls ---

int jl_call(lua_State *L, int count, int results) { return lua_pcall(L, count, results, 0) == LUA_OK ? JL_OK : JL_ERROR; }

// Takes the frames of jetlua's own Lua files out of the traceback on top of the stack, which follows a message of `skip`
// bytes: they say nothing of the script. Its lines are the levels from 1 on, with one line for those left out in the middle.
static void drop_library_frames(lua_State *L, size_t skip) {
  JLContext *c = jl_context(L);
  size_t length;
  const char *text = lua_tolstring(L, -1, &length);
  static const char heading[] = "\nstack traceback:";
  if (c->prefix_length == 0 || length < skip + sizeof heading - 1 || strncmp(text + skip, heading, sizeof heading - 1) != 0) return;
  luaL_Buffer kept;
  const char *line = text + skip + sizeof heading - 1;
  int source = lua_gettop(L);
  luaL_buffinit(L, &kept);
  luaL_addlstring(&kept, text, (size_t)(line - text));
  for (int level = 1; *line == '\n'; level++) {
    size_t size = 1 + strcspn(line + 1, "\n");
    int left_out;
    lua_Debug frame;
    bool of_library = false;
    if (sscanf(line, "\n\t...\t(skipping %d levels)", &left_out) == 1)
      level += left_out - 1;
    else if (lua_getstack(L, level, &frame) && lua_getinfo(L, "S", &frame))
      of_library = strncmp(frame.source, c->prefix, c->prefix_length) == 0;
    if (!of_library) luaL_addlstring(&kept, line, size);
    line += size;
  }
  luaL_pushresult(&kept);
  lua_replace(L, source);
}

// What the standalone interpreter shows for an error: text with a traceback, or the object's own words.
int jl_add_traceback(lua_State *L) {
  const char *message = lua_tostring(L, 1);
  if (message == NULL) {
    if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING) return 1;
    message = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
  }
  luaL_traceback(L, L, message, 1);
  drop_library_frames(L, strlen(message));
  return 1;
}

int jl_call_traced(lua_State *L, int count, int results) {
  if (!lua_checkstack(L, 1)) return JL_NO_MEMORY;
  int handler = lua_gettop(L) - count;
  lua_pushcfunction(L, jl_add_traceback);
  lua_insert(L, handler);
  int status = lua_pcall(L, count, results, handler);
  lua_remove(L, handler);
  return status == LUA_OK ? JL_OK : JL_ERROR;
}

typedef struct {
  Text text;
  const char *name;
} Chunk;

static int load_chunk(lua_State *L) {
  Chunk *chunk = lua_touserdata(L, 1);
  if (luaL_loadbuffer(L, chunk->text.text, chunk->text.length, chunk->name) != LUA_OK) return lua_error(L);
  return 1;
}

int jl_load(lua_State *L, const char *text, size_t length, const char *name) {
  return jl_protect(L, load_chunk, &(Chunk){{text, length}, name}, 0, 1);
}

static int collect(lua_State *L) {
  lua_gc(L, LUA_GCCOLLECT);
  return 0;
}

void jl_collect(lua_State *L) {
  if (jl_protect(L, collect, NULL, 0, 0) == JL_ERROR) lua_pop(L, 1);
}

size_t jl_heap_bytes(lua_State *L) {
  return (size_t)lua_gc(L, LUA_GCCOUNT) * 1024 + (size_t)lua_gc(L, LUA_GCCOUNTB);
}
