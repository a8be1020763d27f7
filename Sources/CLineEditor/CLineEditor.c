#define _GNU_SOURCE
#include "CLineEditor.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { HISTORY_LINES = 2000 };

// The part of readline's interface that libedit has too.
static struct {
  bool tried;
  void *library;
  void (*install)(const char *prompt, void (*handler)(char *));
  void (*read_char)(void);
  void (*remove)(void);
  char *(*read_line)(const char *prompt);  // readline only
  void (*add_history)(const char *);
  int (*read_history)(const char *);
  int (*write_history)(const char *);
  int (*append_history)(int, const char *);  // readline only
  void (*stifle_history)(int);
  char **line_buffer;
  int *attempted_over, *appended;
} editor;

static LineCompleter completer;
static void *completer_context;

static char *history_path;
static char *locale_folder;
static char *received;
static bool line_complete;
static volatile sig_atomic_t interrupted;
static struct timespec interrupted_at;
static struct termios before_editing;
static bool gave_up;
static bool (*stopped)(void);

bool line_is_terminal(void) { return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO); }

static bool is_stopped(void) { return stopped && stopped(); }

// An editor that asks for no key is caught in itself, as readline 8.2 is in vi mode by bytes that are no text: half a second after the
// first Ctrl-C another one ends the program, as everywhere.
static void on_interrupt(int signal) {
  (void)signal;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (!interrupted) {
    interrupted_at = now;
    interrupted = 1;
  } else if ((now.tv_sec - interrupted_at.tv_sec) * 1000 + (now.tv_nsec - interrupted_at.tv_nsec) / 1000000 > 500) {
    tcsetattr(STDIN_FILENO, TCSANOW, &before_editing);
    _exit(130);
  }
}

// readline reads on by itself in the middle of a key or of a pasted text, whose end may never come: Ctrl-C ends the input there.
static int read_key(FILE *stream) {
  for (;;) {
    if (interrupted || is_stopped()) {
      gave_up = true;
      return EOF;
    }
    // Not for ever: the signal may come between the look above and this.
    struct pollfd input = {.fd = fileno(stream), .events = POLLIN};
    int ready = poll(&input, 1, 100);
    if (ready < 0 && errno != EINTR) return EOF;
    if (ready <= 0 || interrupted) continue;
    unsigned char byte;
    ssize_t count = read(input.fd, &byte, 1);
    if (count == 1) return byte;
    if (count == 0 || (errno != EINTR && errno != EAGAIN)) return EOF;
  }
}

// readline wants the common beginning of all in front of them.
static char **attempt_completion(const char *text, int first, int last) {
  (void)text;
  // No file names where there is nothing else, and no blank after the word; readline resets both.
  if (editor.attempted_over) *editor.attempted_over = 1;
  if (editor.appended) *editor.appended = 0;
  char **found = completer(completer_context, *editor.line_buffer, (size_t)first, (size_t)last);
  if (found == NULL) return NULL;
  size_t count = 0, common = strlen(found[0]);
  for (; found[count]; count++) {
    size_t same = 0;
    while (same < common && found[count][same] == found[0][same]) same++;
    common = same;
  }
  // What begins with a quote ends with one, unless it is a folder, below which the path goes on.
  char before = first > 0 ? (*editor.line_buffer)[first - 1] : 0;
  bool goes_on = common > 0 && found[0][common - 1] == '/';
  if (editor.appended && count == 1 && !goes_on && (before == '"' || before == '\'')) *editor.appended = before;
  char **all = malloc((count + 2) * sizeof *all);
  char *beginning = all ? strndup(found[0], common) : NULL;
  if (beginning == NULL) {
    for (size_t i = 0; i < count; i++) free(found[i]);
    free(found);
    free(all);
    return NULL;
  }
  all[0] = beginning;
  // A single completion stands alone.
  size_t listed = count > 1 ? count : 0;
  memcpy(all + 1, found, listed * sizeof *all);
  all[listed + 1] = NULL;
  for (size_t i = listed; i < count; i++) free(found[i]);
  free(found);
  return all;
}

static void load_completion(void *library) {
  editor.line_buffer = dlsym(library, "rl_line_buffer");
  editor.attempted_over = dlsym(library, "rl_attempted_completion_over");
  char **(**attempted)(const char *, int, int) = dlsym(library, "rl_attempted_completion_function");
  char **breaks = dlsym(library, "rl_completer_word_break_characters");
  editor.appended = dlsym(library, "rl_completion_append_character");
  const char **quotes = dlsym(library, "rl_basic_quote_characters");
  if (!completer || !editor.line_buffer || !attempted || !breaks) return;
  *attempted = attempt_completion;
  // What stands in a name or a path is no break; the completer itself tells a division from a folder.
  static char breaking[] = " \t\n\"'()[]{},;=<>";
  *breaks = breaking;
  // readline's own closing of quotes would close those of folders too.
  if (quotes) *quotes = "";
}

// The editor takes the user's locale, or where the system has no data for it the one that is set: then UTF-8 alone is known.
static void know_characters(void) {
  static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  const char *wanted = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && (wanted == NULL || wanted[0] == 0); i++) wanted = getenv(names[i]);
  if (wanted == NULL || !(strcasestr(wanted, "utf-8") || strcasestr(wanted, "utf8")) || setlocale(LC_CTYPE, "")) return;
  if (setlocale(LC_CTYPE, "C.UTF-8") || locale_folder == NULL || getenv("LOCPATH")) return;
  // Only while it is read: programs started from here have data of their own.
  setenv("LOCPATH", locale_folder, 1);
  setlocale(LC_CTYPE, "C.UTF-8");
  unsetenv("LOCPATH");
}

static void load_history(void *library) {
  void (*using_history)(void) = dlsym(library, "using_history");
  char *comment = dlsym(library, "history_comment_char");
  int *timestamps = dlsym(library, "history_write_timestamps");
  // The time before each input is what tells where one of several lines ends.
  if (comment && timestamps) {
    *comment = '#';
    *timestamps = 1;
  }
  if (using_history) using_history();
  if (editor.stifle_history) editor.stifle_history(HISTORY_LINES);
  if (history_path == NULL) return;
  if (editor.read_history) editor.read_history(history_path);
}

static void load_editor(void) {
  editor.tried = true;
  know_characters();
  static const char *const names[] = {"libreadline.so.8", "libreadline.so", "libedit.so.2", "libedit.so"};
  for (size_t i = 0; i < sizeof names / sizeof *names && editor.library == NULL; i++)
    editor.library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (editor.library == NULL) return;
  void *library = editor.library;
  editor.install = dlsym(library, "rl_callback_handler_install");
  editor.read_char = dlsym(library, "rl_callback_read_char");
  editor.remove = dlsym(library, "rl_callback_handler_remove");
  editor.add_history = dlsym(library, "add_history");
  editor.read_history = dlsym(library, "read_history");
  editor.write_history = dlsym(library, "write_history");
  editor.append_history = dlsym(library, "append_history");
  editor.stifle_history = dlsym(library, "stifle_history");
  if (!editor.install || !editor.read_char || !editor.remove || !editor.add_history) {
    editor.library = NULL;
    return;
  }
  // Ctrl-C is handled here; the libraries' own handlers would end in a longjmp or a signal to ourselves.
  int *catch_signals = dlsym(library, "rl_catch_signals");
  if (catch_signals) *catch_signals = 0;
  // Alt-Enter, a new line in other prompts, would change to vi mode; who wants that names the keys in an inputrc, which is read later.
  int (*unbind)(int, void *) = dlsym(library, "rl_unbind_key_in_map");
  void *meta_keys = dlsym(library, "emacs_meta_keymap");
  if (unbind && meta_keys) {
    unbind('\n', meta_keys);
    unbind('\r', meta_keys);
  }
  // libedit has no such function of its own to ask for keys in the middle of a key.
  int (**get)(FILE *) = dlsym(library, "rl_getc_function");
  if (get && dlsym(library, "rl_callback_sigcleanup")) {
    editor.read_line = dlsym(library, "readline");
    *get = read_key;
  }
  load_history(library);
  load_completion(library);
}

static void take_line(char *line) {
  received = line;
  line_complete = true;
  editor.remove();
}

// Key by key, as the input comes.
static void read_by_keys(const char *prompt) {
  editor.install(prompt, take_line);
  while (!line_complete && !interrupted && !is_stopped()) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    int ready = poll(&input, 1, stopped ? 100 : -1);
    if (ready < 0 && errno != EINTR) break;
    if (ready > 0) editor.read_char();
  }
  if (!line_complete) editor.remove();
}

static LineResult read_edited(const char *prompt, char **line) {
  struct sigaction action, previous;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  interrupted = 0;
  gave_up = false;
  tcgetattr(STDIN_FILENO, &before_editing);
  sigaction(SIGINT, &action, &previous);

  line_complete = false;
  received = NULL;
  if (editor.read_line) {
    // Not by keys: readline 8.2 dies then of a search (Ctrl-R) that a key of several bytes ends, such as Ctrl-X Enter.
    received = editor.read_line(prompt);
    line_complete = !gave_up;
    // What readline took the sudden end of the keys for is no line.
    if (gave_up) free(received);
  } else {
    read_by_keys(prompt);
  }
  sigaction(SIGINT, &previous, NULL);
  if (line_complete) {
    *line = received;
    return received ? LINE_READ : LINE_END;
  }
  fputs("\n", stdout);
  fflush(stdout);
  return interrupted ? LINE_INTERRUPTED : LINE_END;
}

static LineResult read_plain(const char *prompt, char **line) {
  fputs(prompt, stdout);
  fflush(stdout);
  size_t size = 0;
  *line = NULL;
  ssize_t length = getline(line, &size, stdin);
  if (length < 0) {
    free(*line);
    *line = NULL;
    return LINE_END;
  }
  if (length > 0 && (*line)[length - 1] == '\n') (*line)[length - 1] = 0;
  // As readline does, so that a transcript of piped input reads like one of a terminal.
  if (!isatty(STDIN_FILENO)) {
    fputs(*line, stdout);
    fputs("\n", stdout);
  }
  return LINE_READ;
}

LineResult line_read(const char *prompt, char **line) {
  if (is_stopped()) return LINE_END;
  if (!line_is_terminal()) return read_plain(prompt, line);
  if (!editor.tried) load_editor();
  return editor.library ? read_edited(prompt, line) : read_plain(prompt, line);
}

// Appends the last input, so that two sessions at once keep each other's; 0 or an error number.
static int write_last(void) {
  if (editor.append_history == NULL) return editor.write_history ? editor.write_history(history_path) : 0;
  int file = open(history_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return errno;
  close(file);
  return editor.append_history(1, history_path);
}

void line_remember(const char *text) {
  if (editor.library == NULL || text[0] == 0) return;
  editor.add_history(text);
  if (history_path == NULL) return;
  // Written after each line, so that a session that dies keeps what was typed.
  int problem = write_last();
  if (problem == 0) return;
  fprintf(stderr, "jetlua: history: %s cannot be written: %s; what is typed now is not kept\n", history_path, strerror(problem));
  free(history_path);
  history_path = NULL;
}

void line_use_stop(bool (*question)(void)) { stopped = question; }

void line_use_history(const char *path) {
  free(history_path);
  history_path = strdup(path);
}

void line_use_locales(const char *folder) {
  free(locale_folder);
  locale_folder = strdup(folder);
}

void line_use_completer(LineCompleter function, void *context) {
  completer = function;
  completer_context = context;
}
