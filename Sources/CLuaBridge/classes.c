#include <stdlib.h>
#include <string.h>

#include "context.h"

JLClass *jl_find_class(JLContext *c, const void *tag) {
  for (int i = 0; i < c->class_count; i++)
    if (c->classes[i].tag == tag) return &c->classes[i];
  return NULL;
}

// A block of ours at `index` whatever its class, or NULL.
static JLBlock *any_block(lua_State *L, int index, JLClass **class) {
  if (lua_type(L, index) != LUA_TUSERDATA || lua_rawlen(L, index) != sizeof(JLBlock)) return NULL;
  JLBlock *block = lua_touserdata(L, index);
  *class = jl_find_class(jl_context(L), block->tag);
  return *class ? block : NULL;
}

// Serves __gc, __close and free: any order, any number of times, any argument.
int jl_release_block(lua_State *L) {
  JLClass *class;
  JLBlock *block = any_block(L, 1, &class);
  if (block == NULL || block->object == NULL) return 0;
  JLContext *c = jl_context(L);
  void *object = block->object;
  block->object = NULL;
  c->live_bytes -= block->bytes;
  c->live_objects--;
  block->bytes = 0;
  c->release(object);
  return 0;
}

// --- __index and __newindex ---
// Upvalues: a table of members (or setters), and the position of the class. A member is a method, or a property's getter
// as the index of its function. Upvalues can be overwritten through the debug library, so their types are checked.

// Pushes the member whose name is argument 2 and returns its type; LUA_TNIL pushes nothing.
static int look_up(lua_State *L) {
  if (lua_type(L, lua_upvalueindex(1)) != LUA_TTABLE) return LUA_TNIL;
  lua_pushvalue(L, 2);
  int type = lua_rawget(L, lua_upvalueindex(1));
  if (type == LUA_TNIL) lua_pop(L, 1);
  return type;
}

static JLClass *class_of_closure(lua_State *L, JLContext *c) {
  lua_Integer i = lua_tointegerx(L, lua_upvalueindex(2), NULL);
  return i >= 0 && i < c->class_count ? &c->classes[i] : NULL;
}

static lua_Integer pop_function(lua_State *L) {
  int is_integer;
  lua_Integer function = lua_tointegerx(L, -1, &is_integer);
  lua_pop(L, 1);
  return is_integer ? function : -1;
}

static int index_object(lua_State *L) {
  // The way of every method call, hence no step before the look-up that it does not need.
  if (lua_type(L, 2) == LUA_TSTRING) {
    int type = look_up(L);
    if (type != LUA_TNUMBER && type != LUA_TNIL) return 1;
    if (type == LUA_TNUMBER) {
      lua_Integer getter = pop_function(L);
      lua_settop(L, 2);
      return jl_enter(L, jl_context(L), getter);
    }
  }
  lua_settop(L, 2);
  JLContext *c = jl_context(L);
  JLClass *class = class_of_closure(L, c);
  if (class && class->index_fallback >= 0) return jl_enter(L, c, class->index_fallback);
  lua_pushnil(L);
  return 1;
}

static int newindex_object(lua_State *L) {
  JLContext *c = jl_context(L);
  lua_settop(L, 3);
  if (lua_type(L, 2) == LUA_TSTRING && look_up(L) != LUA_TNIL) return jl_enter(L, c, pop_function(L));
  JLClass *class = class_of_closure(L, c);
  if (class && class->newindex_fallback >= 0) return jl_enter(L, c, class->newindex_fallback);
  jl_push_position(L, c);
  lua_pushfstring(L, "%s: %s cannot be set", class ? class->name : "object",
                  lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "this key");
  lua_concat(L, 2);
  return lua_error(L);
}

// --- declaring a class ---

typedef struct {
  JLContext *context;
  JLClass *class;
  const char *name;
  int function;
  int table;  // a reference
} Declaration;

static int new_table_reference(lua_State *L, int *reference) {
  lua_newtable(L);
  lua_pushvalue(L, -1);
  *reference = luaL_ref(L, LUA_REGISTRYINDEX);
  return lua_gettop(L);
}

static int declare_class(lua_State *L) {
  Declaration *d = lua_touserdata(L, 1);
  JLClass *class = d->class;
  int members = new_table_reference(L, &class->members);
  int setters = new_table_reference(L, &class->setters);
  int metatable = new_table_reference(L, &class->metatable);

  lua_pushcfunction(L, jl_release_block);
  lua_setfield(L, members, "free");

  lua_Integer position = d->context->class_count;
  lua_pushvalue(L, members);
  lua_pushinteger(L, position);
  lua_pushcclosure(L, index_object, 2);
  lua_setfield(L, metatable, "__index");
  lua_pushvalue(L, setters);
  lua_pushinteger(L, position);
  lua_pushcclosure(L, newindex_object, 2);
  lua_setfield(L, metatable, "__newindex");
  lua_pushcfunction(L, jl_release_block);
  lua_setfield(L, metatable, "__gc");
  lua_pushcfunction(L, jl_release_block);
  lua_setfield(L, metatable, "__close");
  lua_pushstring(L, class->name);
  lua_setfield(L, metatable, "__name");
  lua_pushboolean(L, 0);
  lua_setfield(L, metatable, "__metatable");

  // Members by class name, so that Lua modules can add methods and tests can walk them.
  luaL_getsubtable(L, LUA_REGISTRYINDEX, "jetlua.members");
  lua_pushvalue(L, members);
  lua_setfield(L, -2, class->name);
  return 0;
}

int jl_new_class(lua_State *L, const void *tag, const char *name, int user_values) {
  JLContext *c = jl_context(L);
  JLClass *grown = realloc(c->classes, (size_t)(c->class_count + 1) * sizeof *grown);
  if (grown == NULL) return JL_NO_MEMORY;
  c->classes = grown;
  JLClass *class = &grown[c->class_count];
  *class = (JLClass){.tag = tag, .name = strdup(name), .user_values = user_values, .index_fallback = -1, .newindex_fallback = -1};
  if (class->name == NULL) return JL_NO_MEMORY;
  Declaration d = {.context = c, .class = class};
  int status = jl_protect(L, declare_class, &d, 0, 0);
  if (status == JL_OK)
    c->class_count++;
  else
    free(class->name);
  return status;
}

static int set_function(lua_State *L) {
  Declaration *d = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, d->table);
  jl_push_trampoline(L, d->function);
  lua_setfield(L, -2, d->name);
  return 0;
}

static int set_index(lua_State *L) {
  Declaration *d = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, d->table);
  lua_pushinteger(L, d->function);
  lua_setfield(L, -2, d->name);
  return 0;
}

int jl_add_method(lua_State *L, const void *tag, const char *name, int function) {
  JLClass *class = jl_find_class(jl_context(L), tag);
  if (class == NULL) return JL_NO_CLASS;
  return jl_protect(L, set_function, &(Declaration){.name = name, .function = function, .table = class->members}, 0, 0);
}

int jl_add_getter(lua_State *L, const void *tag, const char *name, int function) {
  JLClass *class = jl_find_class(jl_context(L), tag);
  if (class == NULL) return JL_NO_CLASS;
  return jl_protect(L, set_index, &(Declaration){.name = name, .function = function, .table = class->members}, 0, 0);
}

int jl_add_setter(lua_State *L, const void *tag, const char *name, int function) {
  JLClass *class = jl_find_class(jl_context(L), tag);
  if (class == NULL) return JL_NO_CLASS;
  return jl_protect(L, set_index, &(Declaration){.name = name, .function = function, .table = class->setters}, 0, 0);
}

int jl_set_metamethod(lua_State *L, const void *tag, const char *name, int function) {
  JLClass *class = jl_find_class(jl_context(L), tag);
  if (class == NULL) return JL_NO_CLASS;
  return jl_protect(L, set_function, &(Declaration){.name = name, .function = function, .table = class->metatable}, 0, 0);
}

int jl_set_index_fallback(lua_State *L, const void *tag, int function) {
  JLClass *class = jl_find_class(jl_context(L), tag);
  if (class == NULL) return JL_NO_CLASS;
  class->index_fallback = function;
  return JL_OK;
}

int jl_set_newindex_fallback(lua_State *L, const void *tag, int function) {
  JLClass *class = jl_find_class(jl_context(L), tag);
  if (class == NULL) return JL_NO_CLASS;
  class->newindex_fallback = function;
  return JL_OK;
}

const char *jl_class_name(lua_State *L, const void *tag) {
  JLClass *class = jl_find_class(jl_context(L), tag);
  return class ? class->name : NULL;
}

const char *jl_object_class_name(lua_State *L, int index) {
  JLClass *class;
  return any_block(L, index, &class) ? class->name : NULL;
}

// --- modules ---

typedef struct {
  const char *module, *name;
  int function;
} Member;

static int open_module(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  return 1;
}

// Leaves the module's table on the stack, made and entered into package.preload at first use.
static void push_module(lua_State *L, const char *name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, "jetlua.modules");
  if (luaL_getsubtable(L, -1, name)) return;
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushfstring(L, "jetlua.core.%s", name);
  lua_pushvalue(L, -3);
  lua_pushcclosure(L, open_module, 1);
  lua_settable(L, -3);
  lua_pop(L, 1);
}

static int make_module(lua_State *L) {
  push_module(L, ((Member *)lua_touserdata(L, 1))->module);
  return 0;
}

static int add_function(lua_State *L) {
  Member *m = lua_touserdata(L, 1);
  push_module(L, m->module);
  jl_push_trampoline(L, m->function);
  lua_setfield(L, -2, m->name);
  return 0;
}

static int add_value(lua_State *L) {
  Member *m = lua_touserdata(L, 2);
  push_module(L, m->module);
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, m->name);
  return 0;
}

int jl_new_module(lua_State *L, const char *name) {
  return jl_protect(L, make_module, &(Member){.module = name}, 0, 0);
}

int jl_add_function(lua_State *L, const char *module, const char *name, int function) {
  return jl_protect(L, add_function, &(Member){.module = module, .name = name, .function = function}, 0, 0);
}

int jl_add_value(lua_State *L, const char *module, const char *name) {
  return jl_protect(L, add_value, &(Member){.module = module, .name = name}, 1, 0);
}
