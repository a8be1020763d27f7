// CLuaBridge: the only code of jetlua that may raise a Lua error.
//
// A Lua error is a longjmp, and a longjmp over a Swift frame breaks the process. So Swift calls of Lua's own API only
// what cannot raise (see the allow-list in the tests), and everything else through the functions below, which run the
// raising part inside lua_pcall and return a status. In the other direction every native function enters Swift through
// one C function, the trampoline; Swift returns a count or one of the negative codes, and C raises once no Swift frame is left.
//
// Rejected: @convention(c) Swift functions straight in Lua (they cannot fail), and one boxed closure per function (slower
// than an index into one table).
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a dispatch returns instead of a number of results.
enum {
  JL_MESSAGE = -1,        // the text of the error is in the context's buffer
  JL_OUT_OF_MEMORY = -2,  // as JL_MESSAGE, but worth one more try after a full collection
  JL_VALUE = -3,          // the error value is on top of the stack
  JL_INTERRUPTED = -4,    // the user pressed Ctrl-C
};

// What the protected functions return.
enum {
  JL_OK = 0,
  JL_NO_MEMORY = 1,  // Lua's own heap could not grow
  JL_NO_CLASS = 2,   // the tag belongs to no declared class
  JL_ERROR = 3,      // another error; its value is on top of the stack
};

// The block of memory behind every userdata of jetlua. A script with the debug library can forge metatables, so only
// the block's own tag and length say what it is.
typedef struct {
  const void *tag;
  void *object;
  size_t bytes;
} JLBlock;

// `host` and `functions` as the owner gave them; `index` is below the count given with `functions`.
typedef int (*JLDispatch)(lua_State *L, void *host, void *functions, int index, int count, bool last_attempt);
typedef void (*JLRelease)(void *object);

// --- state ---

// A new state with the standard library, or NULL when memory is short. With `ignore_environment` LUA_PATH and
// LUA_CPATH are not read.
lua_State *jl_open(void *host, JLDispatch dispatch, JLRelease release, bool ignore_environment);
void jl_close(lua_State *L);
// Functions with an index below `count` may be called.
void jl_set_functions(lua_State *L, void *functions, int count);
// Frames of chunks whose source starts with this text are skipped when an error looks for its line.
void jl_set_library_prefix(lua_State *L, const char *text, size_t length);
// Writes where the user's script is, "file.lua:12", and returns its length; 0 where no Lua function with lines runs. Cannot raise.
size_t jl_script_line(lua_State *L, char *out, size_t size);
// Text for the error that a dispatch is about to report; cut at 4 KB on a character's boundary.
void jl_set_message(lua_State *L, const char *text, size_t length);
size_t jl_live_objects(lua_State *L);
size_t jl_live_bytes(lua_State *L);

// --- classes and modules, all protected ---

int jl_new_class(lua_State *L, const void *tag, const char *name, int user_values);
int jl_add_method(lua_State *L, const void *tag, const char *name, int function);
int jl_add_getter(lua_State *L, const void *tag, const char *name, int function);
int jl_add_setter(lua_State *L, const void *tag, const char *name, int function);
int jl_set_metamethod(lua_State *L, const void *tag, const char *name, int function);
// Called for keys that are neither methods nor properties; `function` as everywhere an index.
int jl_set_index_fallback(lua_State *L, const void *tag, int function);
int jl_set_newindex_fallback(lua_State *L, const void *tag, int function);
// The text a class is called by in messages; NULL for an unknown tag.
const char *jl_class_name(lua_State *L, const void *tag);
const char *jl_object_class_name(lua_State *L, int index);

int jl_new_module(lua_State *L, const char *name);
int jl_add_function(lua_State *L, const char *module, const char *name, int function);
// Takes the value on top of the stack as a member of the module.
int jl_add_value(lua_State *L, const char *module, const char *name);

// --- objects ---

// Takes over one reference to `object` when it returns JL_OK; otherwise the caller still owns it.
int jl_push_object(lua_State *L, const void *tag, void *object, size_t bytes);
// Corrects what an object holds outside Lua's heap, after it grew or shrank.
void jl_set_bytes(lua_State *L, int index, size_t bytes);
// Asks that, once the call under way has returned, its results (or its first argument, changed in place) carry references to the
// arguments of class `tag` that carry some: what keeps rules written in Lua alive. Objects pushed from now on have room for them.
void jl_request_links(lua_State *L, const void *tag, bool in_place);
// Tells the collector of memory that no object stands for, so that it runs sooner.
void jl_add_pressure(lua_State *L, size_t bytes);

// The block at `index`, or NULL when the value is no userdata of the class with this tag.
static inline JLBlock *jl_block(lua_State *L, int index, const void *tag) {
  if (lua_type(L, index) != LUA_TUSERDATA || lua_rawlen(L, index) != sizeof(JLBlock)) return NULL;
  JLBlock *block = (JLBlock *)lua_touserdata(L, index);
  return block->tag == tag ? block : NULL;
}

// --- pushing, protected ---

int jl_push_string(lua_State *L, const char *text, size_t length);
// Keeps a string in the registry, to be pushed again without a look-up or an allocation; false where a script's debug library
// has overwritten it, and nothing is pushed.
int jl_keep_string(lua_State *L, const char *text, size_t length, int *reference);
bool jl_push_kept_string(lua_State *L, int reference);
int jl_push_table(lua_State *L, int array_size, int record_size);
// Replaces `count` values on top of the stack by a table of them, under names that `jl_keep_string` gave.
int jl_push_record(lua_State *L, const int *names, int count);
// table at `index`, value on top: t[name] = value, raw; pops the value.
int jl_set_field(lua_State *L, int index, const char *name, size_t length);
int jl_set_item(lua_State *L, int index, lua_Integer position);
// module `name` as require gives it.
int jl_require(lua_State *L, const char *name);
// A member of that module.
int jl_require_member(lua_State *L, const char *module, const char *name);

typedef enum { JL_FLOAT64, JL_FLOAT32, JL_INT64, JL_BOOL } JLElement;
// Nested tables of a row-major buffer; rank 0 pushes one number (or boolean).
int jl_push_nested(lua_State *L, JLElement element, const void *data, const int64_t *shape, int rank);

// --- reading tables; none of these can raise ---

enum { JL_MAX_RANK = 16 };
typedef enum {
  JL_NESTED_OK,
  JL_NESTED_TOO_DEEP,   // deeper than JL_MAX_RANK, or a table that holds itself
  JL_NESTED_RAGGED,     // a table of another length than its siblings, or a leaf where they have tables
  JL_NESTED_LEAF,       // a leaf of the wrong kind
  JL_NESTED_NOT_INTEGER,
  JL_NESTED_INTERRUPTED,
  JL_NESTED_STACK,
} JLNestedProblem;

typedef struct {
  int rank;
  int64_t shape[JL_MAX_RANK];
  bool booleans;                  // the first leaf is a boolean
  JLNestedProblem problem;
  int depth;                      // how many entries of `path` say where the problem is
  int64_t path[JL_MAX_RANK + 1];  // from 1
  int64_t expected_length, found_length;
  int found_type;                 // a LUA_T constant
} JLNested;

// Shape of a table of tables, taken along the first elements.
void jl_nested_shape(lua_State *L, int index, JLNested *nested);
// Fills a row-major buffer of exactly the shape's size and checks every table and leaf.
void jl_nested_fill(lua_State *L, int index, JLNested *nested, JLElement element, void *out);
// lua_next on a table that nobody changes meanwhile, so that it cannot raise.
int jl_next(lua_State *L, int index);

// --- calling Lua ---

// Calls the function below `count` arguments; the error value stays on the stack as it was raised.
int jl_call(lua_State *L, int count, int results);
// As jl_call, with a traceback added to the error, as the outermost call of a program.
int jl_call_traced(lua_State *L, int count, int results);
// Compiles; on failure the message is on the stack.
int jl_load(lua_State *L, const char *text, size_t length, const char *name);
// A full collection, finalizers included.
void jl_collect(lua_State *L);
size_t jl_heap_bytes(lua_State *L);

// --- the steps of the standalone interpreter ---
// Each writes its own failure to stderr, after "PROGRAM: " unless `program` is NULL, and returns whether it went well.

// Makes the global table `arg`; position `script` of argv becomes arg[0].
bool jl_program_arguments(lua_State *L, const char *program, char *const *argv, int count, int script);
bool jl_program_text(lua_State *L, const char *program, const char *text, const char *name);
// A file, or stdin for NULL; with `with_arguments` the elements of `arg` are its `...`.
bool jl_program_file(lua_State *L, const char *program, const char *path, bool with_arguments);
// Does what -l does: "mod" or "global=mod".
bool jl_program_library(lua_State *L, const char *program, const char *spec);
void jl_program_warnings_on(lua_State *L);
// Closes the runs that the script left open, with how the program ended; false if that fails.
bool jl_program_finish(lua_State *state, const char *program);
// A Lua file that require loads as NAME and as jetlua.NAME, read only then. When one of the files that the name would
// have meant otherwise exists (`shadowed`, a list ending in NULL), it says so on stderr.
int jl_add_file_module(lua_State *L, const char *name, const char *path, const char *const *shadowed);

typedef enum { JL_REPL_DONE, JL_REPL_INCOMPLETE } JLRepl;
// The value of a global as a prompt, or `otherwise` if it is nil, cut to fit.
void jl_repl_prompt(lua_State *L, const char *global, const char *otherwise, char *out, size_t size);
// Compiles and runs what was typed so far and prints results or the error; JL_REPL_INCOMPLETE asks for another line,
// unless `last`.
JLRepl jl_repl_run(lua_State *L, const char *text, size_t length, bool last);
// Lets jetlua's Lua library compile what is typed and show what it gives, from now on; false where it cannot be loaded.
bool jl_repl_assist(lua_State *L, bool colours);
// What the word at line[first..<last] can be completed to, for free(); NULL for nothing, and NULL at the end of the list.
char **jl_repl_complete(lua_State *L, const char *line, size_t first, size_t last);
// Makes the named modules globals that are loaded when they are first used.
void jl_repl_lazy_modules(lua_State *L, const char *const *names);

// Calls `body`, which does not return, when memory for Lua runs out.
void jl_on_exhaustion(lua_State *L, void (*body)(void));

// --- interrupts ---

// Between these two Ctrl-C interrupts the script of this state instead of ending the process.
void jl_interrupts_begin(lua_State *L);
void jl_interrupts_end(lua_State *L);

// Whether SIGTERM or SIGUSR1 came while a run was open: the program ends with status 75 then.
bool jl_stopped(void);

// --- a hook for tests: Lua's allocator fails ---

// The `countdown`-th request from now on fails, and Lua's second try of it; all later ones too when `sticky`. Nothing
// fails at 0.
void jl_fail_allocations(lua_State *L, int64_t countdown, bool sticky);
int64_t jl_failed_allocations(lua_State *L);
