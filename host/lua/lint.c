/* What `check` warns about in scripts that load: a local of the file that a function
 * assigns (it dies with the run, and a stage that is tried again finds it changed), and
 * `==` between a decimal field and a number, which is never true. */
#include "lua/lint.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/internal.h"
#include "lua/source_scan.h"

#define LOCALS_MOST 256
#define BLOCKS_MOST 256

/* Fields of figures that are decimals. */
static const char *const decimal_fields[] = {"value", "low", "high"};

struct name {
    const char *text;
    size_t size;
    int function; /* depth of functions at its declaration; 0: the file */
};

struct lint {
    struct mz_scanner scanner;
    struct mz_token before[3]; /* [0] is the last */
    struct name locals[LOCALS_MOST];
    size_t local_count;
    size_t blocks[BLOCKS_MOST];  /* count of locals where the block began */
    bool functions[BLOCKS_MOST]; /* the block is a function's */
    int brackets[BLOCKS_MOST];   /* open ones where the block began */
    size_t block_count;
    int function, open;
    mz_lint_warn warn;
    void *owner;
};

static bool is(const struct mz_token *token, const char *text)
{
    return (token->kind == MZ_TOKEN_NAME || token->kind == MZ_TOKEN_OTHER) &&
           token->size == strlen(text) && memcmp(token->text, text, token->size) == 0;
}

static bool is_number(const struct mz_token *token)
{
    return token->kind == MZ_TOKEN_NAME && isdigit((unsigned char)*token->text);
}

static void advance(struct lint *lint)
{
    lint->before[2] = lint->before[1];
    lint->before[1] = lint->before[0];
    lint->before[0] = lint->scanner.token;
    mz_scan_next(&lint->scanner);
}

static const struct mz_token *token_of(const struct lint *lint)
{
    return &lint->scanner.token;
}

/* ---- blocks and locals ---- */

static void open_block(struct lint *lint, bool function)
{
    if (lint->block_count < BLOCKS_MOST) {
        lint->blocks[lint->block_count] = lint->local_count;
        lint->functions[lint->block_count] = function;
        lint->brackets[lint->block_count++] = lint->open;
        lint->function += function;
    }
}

static void close_block(struct lint *lint)
{
    if (lint->block_count > 0) {
        lint->block_count--;
        lint->local_count = lint->blocks[lint->block_count];
        lint->open = lint->brackets[lint->block_count];
        lint->function -= lint->functions[lint->block_count];
    }
}

static void declare(struct lint *lint)
{
    const struct mz_token *token = token_of(lint);
    if (lint->local_count < LOCALS_MOST && token->kind == MZ_TOKEN_NAME) {
        lint->locals[lint->local_count++] =
            (struct name){token->text, token->size, lint->function};
    }
}

/* Names separated by commas, the first at hand; ends behind the last. */
static void declare_list(struct lint *lint)
{
    while (token_of(lint)->kind == MZ_TOKEN_NAME) {
        declare(lint);
        advance(lint);
        if (is(token_of(lint), "<")) { /* <close>, <const> */
            advance(lint);
            advance(lint);
            advance(lint);
        }
        if (!is(token_of(lint), ",")) {
            return;
        }
        advance(lint);
    }
}

/* At what follows the word `function`. */
static void read_function(struct lint *lint, bool local)
{
    if (local) {
        declare(lint);
    }
    while (token_of(lint)->kind != MZ_TOKEN_END && !is(token_of(lint), "(")) {
        advance(lint);
    }
    open_block(lint, true);
    lint->open++; /* closed behind the parameters */
    advance(lint);
    declare_list(lint);
}

/* ---- the two warnings ---- */

static void check_assignment(struct lint *lint)
{
    const struct mz_token *name = &lint->before[0], *in_front = &lint->before[1];
    size_t innermost = lint->block_count;
    int since = innermost > 0 ? lint->brackets[innermost - 1] : 0;
    if (name->kind != MZ_TOKEN_NAME || lint->function == 0 || lint->open != since ||
        is(in_front, ".") || is(in_front, ":") || is(in_front, "local")) {
        return;
    }
    for (size_t i = lint->local_count; i > 0; i--) {
        const struct name *local = &lint->locals[i - 1];
        if (local->size == name->size &&
            memcmp(local->text, name->text, name->size) == 0) {
            if (local->function == 0) {
                lint->warn(lint->owner, &name->spot, MZ_LINT_OUTER, name->text,
                           name->size);
            }
            return;
        }
    }
}

static bool is_decimal_field(const struct mz_token *dot, const struct mz_token *field)
{
    for (size_t i = 0; i < sizeof decimal_fields / sizeof *decimal_fields; i++) {
        if (is(dot, ".") && is(field, decimal_fields[i])) {
            return true;
        }
    }
    return false;
}

/* At `==` or `~=`: rec.value == 5. The other way round is rare and left alone. */
static void check_comparison(struct lint *lint)
{
    struct mz_token field = lint->before[0], dot = lint->before[1];
    advance(lint);
    if (is_decimal_field(&dot, &field) && is_number(token_of(lint))) {
        lint->warn(lint->owner, &field.spot, MZ_LINT_DECIMAL, field.text, field.size);
    }
}

/* ---- one pass ---- */

/* True when the token was a word that opens or closes something and is behind. */
static bool read_word(struct lint *lint)
{
    const struct mz_token *token = token_of(lint);
    if (token->kind != MZ_TOKEN_NAME || is(&lint->before[0], ".")) {
        return false;
    }
    if (is(token, "local")) {
        advance(lint);
        if (is(token_of(lint), "function")) {
            advance(lint);
            read_function(lint, true);
        } else {
            declare_list(lint);
        }
        return true;
    }
    if (is(token, "function")) {
        advance(lint);
        read_function(lint, false);
        return true;
    }
    if (is(token, "for")) {
        size_t kept = lint->local_count;
        advance(lint);
        declare_list(lint);
        while (token_of(lint)->kind != MZ_TOKEN_END && !is(token_of(lint), "do")) {
            advance(lint);
        }
        open_block(lint, false);
        lint->blocks[lint->block_count - 1] = kept;
    } else if (is(token, "do") || is(token, "then") || is(token, "repeat")) {
        open_block(lint, false);
    } else if (is(token, "end") || is(token, "until") || is(token, "elseif")) {
        close_block(lint);
    } else if (is(token, "else")) {
        close_block(lint);
        open_block(lint, false);
    } else {
        return false;
    }
    advance(lint);
    return true;
}

void mz_lint(const char *source, size_t size, mz_lint_warn warn, void *owner)
{
    struct lint *lint = calloc(1, sizeof *lint);
    if (lint == NULL) {
        return; /* warnings are not worth a failure */
    }
    lint->scanner = (struct mz_scanner){source, source + size, source, 1, {0}};
    lint->warn = warn;
    lint->owner = owner;
    mz_scan_next(&lint->scanner);
    while (token_of(lint)->kind != MZ_TOKEN_END) {
        const struct mz_token *token = token_of(lint);
        if (read_word(lint)) {
            continue;
        }
        if (is(token, "==") || is(token, "~=")) {
            check_comparison(lint);
            continue;
        }
        if (is(token, "=")) {
            check_assignment(lint);
        } else if (is(token, "(") || is(token, "{") || is(token, "[")) {
            lint->open++;
        } else if (is(token, ")") || is(token, "}") || is(token, "]")) {
            lint->open--;
        }
        advance(lint);
    }
    free(lint);
}

void mz_lua_lint(const struct mz_lua *lua, mz_lint_report report, void *owner)
{
    for (size_t i = 0; i < lua->file_count; i++) {
        const struct mz_script_file *file = &lua->files[i];
        size_t length = strlen(file->name);
        if (length > 4 && strcmp(file->name + length - 4, ".lua") == 0) {
            struct mz_lint_file one = {file->name, report, owner};
            mz_lint(file->source, file->size, mz_lint_to_report, &one);
        }
    }
}

void mz_lint_to_report(void *owner, const struct mz_spot *spot, enum mz_lint_kind kind,
                       const char *name, size_t size)
{
    const struct mz_lint_file *file = owner;
    char text[256];
    if (kind == MZ_LINT_OUTER) {
        snprintf(
            text, sizeof text,
            "'%.*s' is a local of the file that a function assigns: it dies with the "
            "run; what must stay belongs in ctx.state",
            (int)(size < 64 ? size : 64), name);
    } else {
        snprintf(text, sizeof text,
                 "'%.*s' is a decimal, which == finds equal to no number: write :eq(…)",
                 (int)(size < 64 ? size : 64), name);
    }
    file->report(file->owner, file->name, spot->line, text);
}
