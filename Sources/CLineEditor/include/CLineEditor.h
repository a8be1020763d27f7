// Reading lines at a terminal, with editing and history where a library for it is installed.
//
// readline or libedit is opened at the first line that is asked for at a terminal, so that a script run never loads it
// and neither is needed to build or start jetlua.
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef enum { LINE_READ, LINE_END, LINE_INTERRUPTED } LineResult;

/// Reads one line without its newline into memory that the caller frees. On a terminal with editing, else plainly.
LineResult line_read(const char *prompt, char **line);

/// Whether both ends are a terminal, so that someone can edit.
bool line_is_terminal(void);

/// Asked while a line is awaited: the input ends where it answers true. A signal handler may make it so.
void line_use_stop(bool (*stopped)(void));

/// Remembers an input of one or more lines, and appends it to the history file if there is one. Says once on stderr that the file
/// cannot be written.
void line_remember(const char *text);

/// Loads the history of this file and writes to it from now on.
void line_use_history(const char *path);

/// Reads the characters of UTF-8 from this folder of locales where the system has none.
void line_use_locales(const char *folder);

/// What the word at line[first..<last] can be completed to: a list that ends in NULL, of which the editor frees all parts;
/// NULL for nothing.
typedef char **(*LineCompleter)(void *context, const char *line, size_t first, size_t last);

/// Completes words with this function when Tab is pressed.
void line_use_completer(LineCompleter completer, void *context);
