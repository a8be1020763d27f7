// The steps of the standalone interpreter, with its messages; jetlua puts them in order.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "context.h"

// One step. Its body runs inside lua_pcall; what it raises itself is reported without a traceback.
typedef struct {
  const char *program;
  const char *text, *name, *path, *spec;
  size_t length;
  char *const *argv;
  int count, script;
  bool with_arguments, fine, last;
  JLRepl answer;
} Step;

static void write_message(const char *program, const char *message) {
  fflush(stdout);
  if (program) fprintf(stderr, "%s: ", program);
  fprintf(stderr, "%s\n", message ? message : "(error message not a string)");
  fflush(stderr);
}

static bool take(lua_State *L, lua_CFunction body, Step *step) {
  int status = jl_protect(L, body, step, 0, 0);
  if (status == JL_OK) return step->fine;
  // The value is a string except where a script put something else into an error of this file's own.
  write_message(step->program, status == JL_NO_MEMORY ? "not enough memory" : lua_tostring(L, -1));
  if (status == JL_ERROR) lua_pop(L, 1);
  return false;
}

// Calls what is below `count` arguments with a traceback and Ctrl-C turned into an error.
static int run(lua_State *L, int count, int results) {
  int handler = lua_gettop(L) - count;
  lua_pushcfunction(L, jl_add_traceback);
  lua_insert(L, handler);
  jl_interrupts_begin(L);
  int status = lua_pcall(L, count, results, handler);
  jl_interrupts_end(L);
  lua_remove(L, handler);
  return status;
}

static const char failure_key[] = "jetlua.failure";

static bool report(lua_State *L, int status, const char *program) {
  if (status == LUA_OK) return true;
  write_message(program, lua_tostring(L, -1));
  lua_setfield(L, LUA_REGISTRYINDEX, failure_key);  // for the runs that are still open
  return false;
}

static int make_arguments(lua_State *L) {
  Step *step = lua_touserdata(L, 1);
  lua_createtable(L, step->count, step->script + 1);
  for (int i = 0; i < step->count; i++) {
    lua_pushstring(L, step->argv[i]);
    lua_rawseti(L, -2, i - step->script);
  }
  lua_setglobal(L, "arg");
  step->fine = true;
  return 0;
}

bool jl_program_arguments(lua_State *L, const char *program, char *const *argv, int count, int script) {
  return take(L, make_arguments, &(Step){.program = program, .argv = argv, .count = count, .script = script});
}

static int run_text(lua_State *L) {
  Step *step = lua_touserdata(L, 1);
  int status = luaL_loadbuffer(L, step->text, strlen(step->text), step->name);
  if (status == LUA_OK) status = run(L, 0, 0);
  step->fine = report(L, status, step->program);
  return 0;
}

bool jl_program_text(lua_State *L, const char *program, const char *text, const char *name) {
  return take(L, run_text, &(Step){.program = program, .text = text, .name = name});
}

static int push_arguments(lua_State *L) {
  if (lua_getglobal(L, "arg") != LUA_TTABLE) return luaL_error(L, "'arg' is not a table");
  int table = lua_gettop(L);
  lua_Integer count = luaL_len(L, table);
  if (count > INT32_MAX - 100) count = INT32_MAX - 100;
  luaL_checkstack(L, (int)count + 3, "too many arguments to script");
  for (lua_Integer i = 1; i <= count; i++) lua_rawgeti(L, table, i);
  lua_remove(L, table);
  return (int)count;
}

static int run_file(lua_State *L) {
  Step *step = lua_touserdata(L, 1);
  int status = luaL_loadfile(L, step->path);
  if (status == LUA_OK) status = run(L, step->with_arguments ? push_arguments(L) : 0, 0);
  step->fine = report(L, status, step->program);
  return 0;
}

bool jl_program_file(lua_State *L, const char *program, const char *path, bool with_arguments) {
  return take(L, run_file, &(Step){.program = program, .path = path, .with_arguments = with_arguments});
}

static int require_library(lua_State *L) {
  Step *step = lua_touserdata(L, 1);
  const char *equals = strchr(step->spec, '=');
  const char *module = equals ? equals + 1 : step->spec;
  const char *end = equals ? equals : step->spec + strlen(step->spec);
  lua_getglobal(L, "require");
  lua_pushstring(L, module);
  int status = run(L, 1, 1);
  if (status == LUA_OK) {
    lua_pushlstring(L, step->spec, (size_t)(end - step->spec));
    lua_insert(L, -2);
    lua_pushglobaltable(L);
    lua_insert(L, -3);
    lua_settable(L, -3);
  }
  step->fine = report(L, status, step->program);
  return 0;
}

bool jl_program_library(lua_State *L, const char *program, const char *spec) {
  return take(L, require_library, &(Step){.program = program, .spec = spec});
}

void jl_program_warnings_on(lua_State *L) { lua_warning(L, "@on", 0); }

// --- modules from files ---
// One closure per module serves both of its names; its third upvalue keeps the module once it is loaded, `false` while it loads.

static void warn_of_shadowed(lua_State *L, const char *path) {
  if (lua_type(L, lua_upvalueindex(4)) != LUA_TTABLE) return;
  char ours[4096], theirs[4096];
  if (strlen(path) >= sizeof ours || realpath(path, ours) == NULL) return;
  for (lua_Integer i = 1; lua_rawgeti(L, lua_upvalueindex(4), i) == LUA_TSTRING; i++) {
    const char *other = lua_tostring(L, -1);
    if (realpath(other, theirs) && strcmp(ours, theirs) != 0) {
      fflush(stdout);
      fprintf(stderr, "jetlua: warning: \"%s\" is a module of jetlua, %s is not loaded; give it another name\n",
              lua_tostring(L, lua_upvalueindex(1)), other);
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static int load_file_module(lua_State *L) {
  const char *name = lua_tostring(L, lua_upvalueindex(1));
  const char *path = lua_tostring(L, lua_upvalueindex(2));
  if (name == NULL || path == NULL) return luaL_error(L, "not a module of jetlua");
  luaL_getsubtable(L, LUA_REGISTRYINDEX, "jetlua.files");
  int loaded = lua_gettop(L);
  int type = lua_getfield(L, loaded, name);
  if (type == LUA_TBOOLEAN && !lua_toboolean(L, -1)) return luaL_error(L, "module '%s' requires itself", name);
  if (type != LUA_TNIL) return 1;
  warn_of_shadowed(L, path);
  if (luaL_loadfilex(L, path, "t") != LUA_OK) return lua_error(L);
  lua_pushboolean(L, 0);
  lua_setfield(L, loaded, name);
  lua_pushstring(L, name);
  lua_pushstring(L, path);
  int status = lua_pcall(L, 2, 1, 0);
  if (status != LUA_OK) {
    lua_pushnil(L);
    lua_setfield(L, loaded, name);
    return lua_error(L);
  }
  if (lua_isnil(L, -1)) lua_pushboolean(L, 1);
  lua_pushvalue(L, -1);
  lua_setfield(L, loaded, name);
  return 1;
}

typedef struct {
  const char *name, *path;
  const char *const *shadowed;
} FileModule;

static int add_file_module(lua_State *L) {
  FileModule *m = lua_touserdata(L, 1);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  int preload = lua_gettop(L);
  lua_pushstring(L, m->name);
  lua_pushstring(L, m->path);
  lua_pushnil(L);
  lua_newtable(L);
  for (int i = 0; m->shadowed[i]; i++) {
    lua_pushstring(L, m->shadowed[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_pushcclosure(L, load_file_module, 4);
  lua_pushfstring(L, "jetlua.%s", m->name);
  lua_pushvalue(L, -2);
  lua_settable(L, preload);
  lua_setfield(L, preload, m->name);
  return 0;
}

int jl_add_file_module(lua_State *L, const char *name, const char *path, const char *const *shadowed) {
  return jl_protect(L, add_file_module, &(FileModule){name, path, shadowed}, 0, 0);
}

// --- the prompt ---

typedef struct {
  const char *global, *otherwise;
  char *out;
  size_t size;
} Prompt;

static int make_prompt(lua_State *L) {
  Prompt *p = lua_touserdata(L, 1);
  if (lua_getglobal(L, p->global) == LUA_TNIL) return 0;
  snprintf(p->out, p->size, "%s", luaL_tolstring(L, -1, NULL));
  return 0;
}

void jl_repl_prompt(lua_State *L, const char *global, const char *otherwise, char *out, size_t size) {
  snprintf(out, size, "%s", otherwise);
  Prompt p = {global, otherwise, out, size};
  if (jl_protect(L, make_prompt, &p, 0, 0) == JL_ERROR) {
    write_message(NULL, lua_tostring(L, -1));
    lua_pop(L, 1);
  }
}

static bool is_incomplete(lua_State *L, int status) {
  if (status != LUA_ERRSYNTAX) return false;
  static const char mark[] = "<eof>";
  size_t length;
  const char *message = lua_tolstring(L, -1, &length);
  return message && length >= sizeof mark - 1 && strcmp(message + length - (sizeof mark - 1), mark) == 0;
}

// Puts a text in the place of a table or function that would show an address, where jetlua's Lua library is there.
static int name_results(lua_State *L) {
  int count = lua_gettop(L);
  for (int i = 1; i <= count; i++) {
    if (lua_type(L, i) != LUA_TFUNCTION && (lua_type(L, i) != LUA_TTABLE || luaL_getmetafield(L, i, "__tostring") != LUA_TNIL)) continue;
    lua_settop(L, count);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "jetlua.internal.prompt.shown");
    lua_call(L, 1, 1);
    lua_pushvalue(L, i);
    lua_call(L, 1, 1);
    lua_replace(L, i);
  }
  lua_settop(L, count);
  return count;
}

static void print_results(lua_State *L, int first) {
  int count = lua_gettop(L) - first + 1;
  if (count <= 0) return;
  luaL_checkstack(L, count + LUA_MINSTACK, "too many results to print");
  lua_pushcfunction(L, name_results);
  for (int i = 0; i < count; i++) lua_pushvalue(L, first + i);
  jl_interrupts_begin(L);
  // Where it fails the values are printed as they are.
  if (lua_pcall(L, count, count, 0) == LUA_OK)
    for (int i = count - 1; i >= 0; i--) lua_replace(L, first + i);
  jl_interrupts_end(L);
  lua_settop(L, first + count - 1);
  lua_getglobal(L, "print");
  lua_insert(L, first);
  jl_interrupts_begin(L);
  int status = lua_pcall(L, count, 0, 0);
  jl_interrupts_end(L);
  if (status != LUA_OK) write_message(NULL, lua_pushfstring(L, "error calling 'print' (%s)", lua_tostring(L, -1)));
}

static int load_typed(lua_State *L, const Step *step, bool as_expression) {
  // "=x" is the older way to write "x".
  bool equals = step->length > 0 && *step->text == '=';
  lua_settop(L, 1);
  if (!as_expression) return luaL_loadbuffer(L, step->text, step->length, "=stdin");
  lua_pushliteral(L, "return ");
  lua_pushlstring(L, step->text + equals, step->length - equals);
  lua_concat(L, 2);
  size_t length;
  const char *text = lua_tolstring(L, 2, &length);
  return luaL_loadbuffer(L, text, length, "=stdin");
}

// --- the prompt at a terminal, where jetlua's Lua library helps ---

#define PROMPT_KEY "jetlua.prompt"
static bool colours;

static int assist(lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "jetlua.internal.prompt");
  lua_call(L, 1, 1);
  luaL_checktype(L, -1, LUA_TTABLE);
  lua_setfield(L, LUA_REGISTRYINDEX, PROMPT_KEY);
  return 0;
}

bool jl_repl_assist(lua_State *L, bool with_colours) {
  int status = jl_protect(L, assist, NULL, 0, 0);
  if (status == JL_ERROR) lua_pop(L, 1);
  colours = with_colours;
  return status == JL_OK;
}

static void write_failure(const char *message) {
  fflush(stdout);
  size_t first = message ? strcspn(message, "\n") : 0;
  if (colours && message)
    fprintf(stderr, "\033[31m%.*s\033[0m%s\n", (int)first, message, message + first);
  else
    fprintf(stderr, "%s\n", message ? message : "(error message not a string)");
  fflush(stderr);
}

static void push_prompt(lua_State *L, const char *function) {
  lua_getfield(L, LUA_REGISTRYINDEX, PROMPT_KEY);
  lua_getfield(L, -1, function);
  lua_remove(L, -2);
}

static int run_assisted(lua_State *L) {
  Step *step = lua_touserdata(L, 1);
  push_prompt(L, "compile");
  lua_pushlstring(L, step->text, step->length);
  lua_pushboolean(L, step->last);
  lua_call(L, 2, 3);  // a function, or false for more, or nil with a text and whether it tells of a mistake
  if (lua_type(L, -3) == LUA_TBOOLEAN) {
    step->answer = JL_REPL_INCOMPLETE;
    return 0;
  }
  if (lua_type(L, -3) != LUA_TFUNCTION) {
    const char *text = lua_tostring(L, -2);
    if (lua_toboolean(L, -1))
      write_failure(text);
    else if (text)
      puts(text);
    fflush(stdout);
    return 0;
  }
  lua_settop(L, lua_gettop(L) - 2);
  int function = lua_gettop(L);
  if (run(L, 0, LUA_MULTRET) == LUA_OK) {
    int count = lua_gettop(L) - function + 1;
    luaL_checkstack(L, 3, "too many results to print");
    push_prompt(L, "show");
    lua_insert(L, function);
    jl_interrupts_begin(L);
    int status = lua_pcall(L, count, 0, 0);
    jl_interrupts_end(L);
    if (status != LUA_OK) write_failure(lua_pushfstring(L, "error calling 'print' (%s)", lua_tostring(L, -1)));
    step->fine = true;
    return 0;
  }
  push_prompt(L, "failure");
  lua_pushvalue(L, -2);
  write_failure(lua_pcall(L, 1, 1, 0) == LUA_OK ? lua_tostring(L, -1) : lua_tostring(L, -2));
  lua_pop(L, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, failure_key);  // for the runs that are still open
  return 0;
}

// Copies a list of strings to memory of its own; NULL at its end.
static char **copied_strings(lua_State *L, int list, int count) {
  char **copies = calloc((size_t)count + 1, sizeof *copies);
  for (int i = 0; copies && i < count; i++) {
    lua_rawgeti(L, list, i + 1);
    const char *text = lua_tostring(L, -1);
    copies[i] = strdup(text ? text : "");
    lua_pop(L, 1);
  }
  return copies;
}

typedef struct {
  const char *line;
  size_t first, last;
  char **found;
} Completion;

static int complete(lua_State *L) {
  Completion *c = lua_touserdata(L, 1);
  push_prompt(L, "complete");
  lua_pushstring(L, c->line);
  lua_pushinteger(L, (lua_Integer)c->first + 1);
  lua_pushinteger(L, (lua_Integer)c->last);
  lua_call(L, 3, 1);
  luaL_checktype(L, -1, LUA_TTABLE);
  lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
  if (count > 100000) count = 100000;
  c->found = count > 0 ? copied_strings(L, lua_gettop(L), (int)count) : NULL;
  return 0;
}

char **jl_repl_complete(lua_State *L, const char *line, size_t first, size_t last) {
  Completion c = {line, first, last, NULL};
  // A completion that fails offers nothing: a message would be written into the line.
  if (jl_protect(L, complete, &c, 0, 0) == JL_ERROR) lua_pop(L, 1);
  return c.found;
}

static int run_typed(lua_State *L) {
  Step *step = lua_touserdata(L, 1);
  if (lua_getfield(L, LUA_REGISTRYINDEX, PROMPT_KEY) == LUA_TTABLE) {
    lua_settop(L, 1);
    return run_assisted(L);
  }
  // One line is an expression if it can be. What was continued is first a statement, as in the standalone interpreter;
  // that an expression over several lines works too goes beyond it.
  bool equals = step->length > 0 && *step->text == '=';
  bool expression_first = equals || memchr(step->text, '\n', step->length) == NULL;
  int status = load_typed(L, step, expression_first);
  if (status != LUA_OK && !equals) {
    int second = load_typed(L, step, !expression_first);
    if (second != LUA_OK && !expression_first) load_typed(L, step, false);
    status = second;
  }
  if (!step->last && is_incomplete(L, status)) {
    step->answer = JL_REPL_INCOMPLETE;
    return 0;
  }
  if (status == LUA_OK) {
    int function = lua_gettop(L);
    status = run(L, 0, LUA_MULTRET);
    if (status == LUA_OK) print_results(L, function);
  }
  step->fine = report(L, status, NULL);
  return 0;
}

JLRepl jl_repl_run(lua_State *L, const char *text, size_t length, bool last) {
  Step step = {.text = length > 0 ? text : "", .length = length, .last = last, .answer = JL_REPL_DONE};
  take(L, run_typed, &step);
  return step.answer;
}

// __index of the globals: upvalue 1 is the set of names.
static int load_lazily(lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING || lua_type(L, lua_upvalueindex(1)) != LUA_TTABLE) return 0;
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL) return 0;
  lua_getglobal(L, "require");
  lua_pushvalue(L, 2);
  lua_call(L, 1, 1);
  if (lua_type(L, 1) == LUA_TTABLE) {
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
  }
  return 1;
}

static int install_lazy_modules(lua_State *L) {
  const char *const *names = lua_touserdata(L, 1);
  lua_pushglobaltable(L);
  if (lua_getmetatable(L, -1)) return 0;
  lua_newtable(L);
  lua_newtable(L);
  for (int i = 0; names[i]; i++) {
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, names[i]);
  }
  lua_pushcclosure(L, load_lazily, 1);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  return 0;
}

void jl_repl_lazy_modules(lua_State *L, const char *const *names) {
  if (jl_protect(L, install_lazy_modules, (void *)names, 0, 0) == JL_ERROR) lua_pop(L, 1);
}

// Tells module "run", if a script has loaded it, how the program ended, so that open runs record it.
static int finish_runs(lua_State *L) {
  Step *step = lua_touserdata(L, 1);
  step->fine = true;
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, "run") != LUA_TTABLE && (lua_pop(L, 1), lua_getfield(L, -1, "jetlua.run") != LUA_TTABLE)) return 0;
  if (lua_getfield(L, -1, "finish") != LUA_TFUNCTION) return 0;
  lua_getfield(L, LUA_REGISTRYINDEX, failure_key);
  const char *failure = lua_tostring(L, -1);
  lua_pushstring(L, !failure ? "finished" : strstr(failure, "interrupted!") ? "interrupted" : "failed");
  lua_insert(L, -2);
  step->fine = report(L, run(L, 2, 0), step->program);
  return 0;
}

bool jl_program_finish(lua_State *L, const char *program) { return take(L, finish_runs, &(Step){.program = program}); }
