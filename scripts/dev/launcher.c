// The program bin/jetlua of a bundle: starts libexec/jetlua with the bundle's own dynamic loader and libraries. It is linked
// statically and hands the loader its paths as arguments, so that nothing of them is in the environment of programs that
// jetlua starts. The loader lies in a file called jetlua, as which the process is then listed.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static int fail(const char *what, const char *why) {
  fprintf(stderr, "jetlua: %s: %s\n", what, why);
  return 127;
}

// The bundle's folder, two levels above the file; 0 where that is none.
static int find(const char *file, char here[PATH_MAX], char loader[PATH_MAX + 32]) {
  if (!file || !realpath(file, here)) return 0;
  for (int level = 0; level < 2; level++) {
    char *slash = strrchr(here, '/');
    if (slash) *slash = 0;
  }
  snprintf(loader, PATH_MAX + 32, "%s/libexec/loader/jetlua", here);
  return access(loader, X_OK) == 0;
}

int main(int count, char **arguments) {
  char here[PATH_MAX], loader[PATH_MAX + 32], libraries[PATH_MAX + 32], program[PATH_MAX + 32];
  // Without /proc the kernel's own note of the path is left, and for a script's first line, where that is the script, the first word.
  if (!find("/proc/self/exe", here, loader) && !find((const char *)getauxval(AT_EXECFN), here, loader) &&
      !find(count > 0 ? arguments[0] : NULL, here, loader))
    return fail(count > 0 ? arguments[0] : "jetlua", "expected libexec/loader/jetlua in the bundle's folder, found none; unpack the whole archive");
  if (strpbrk(here, ":;$")) return fail(here, "expected a folder without \":\", \";\" and \"$\" in its path, which the loader would not find; move it");
  snprintf(libraries, sizeof libraries, "%s/lib", here);
  snprintf(program, sizeof program, "%s/libexec/jetlua", here);
  char **words = calloc((size_t)count + 8, sizeof *words);
  if (!words) return fail("jetlua", strerror(errno));
  char *first[] = {loader, "--argv0", count > 0 ? arguments[0] : "jetlua", "--inhibit-cache", "--library-path", libraries, program};
  memcpy(words, first, sizeof first);
  for (int i = 1; i < count; i++) words[7 + i - 1] = arguments[i];
  execv(loader, words);
  return fail(loader, strerror(errno));
}
