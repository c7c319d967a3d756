/*
 * [IN OUT]: says what GREETING is in its environment, and shouts what it reads: stdin to stdout, and the file IN to the
 * file OUT. crates/wasi-programs/src/bin/rust.rs is the same in Rust.
 */

/* Of stdio.h, stdlib.h and ctype.h: who builds this has wasi-libc, which comes with Rust's target, but not its headers. */
typedef struct FILE FILE;
extern FILE *const stdin, *const stdout, *const stderr;
enum { EOF = -1 };
FILE *fopen(const char *path, const char *mode);
int fclose(FILE *file), fflush(FILE *file), ferror(FILE *file), getc(FILE *file), putc(int c, FILE *file);
int fputs(const char *text, FILE *file), puts(const char *text), toupper(int c);
char *getenv(const char *name);
#define NULL ((void *)0)

static int shout(FILE *in, FILE *out)
{
    int c;
    while ((c = getc(in)) != EOF)
        if (putc(toupper(c), out) == EOF)
            return 1;
    return ferror(in) || fflush(out);
}

static int copy(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb");
    FILE *out = in ? fopen(to, "wb") : NULL;
    int failed = !out || shout(in, out);
    if (out && fclose(out))
        failed = 1;
    if (in)
        fclose(in);
    return failed;
}

int main(int argc, char **argv)
{
    const char *greeting = getenv("GREETING");
    if (greeting)
        puts(greeting);
    if (shout(stdin, stdout))
        return 1;
    if (argc <= 1)
        return 0;
    if (argc != 3) {
        fputs("usage: [IN OUT]\n", stderr);
        return 64;
    }
    if (copy(argv[1], argv[2])) {
        /* Not fprintf, which is two thirds of a program as small as this one. */
        const char *words[] = {"cannot copy ", argv[1], " to ", argv[2], "\n"};
        for (int i = 0; i < 5; i++)
            fputs(words[i], stderr);
        return 2;
    }
    return 0;
}
