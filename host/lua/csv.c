/* mizan.csv: a list of sources, or any small table, from a CSV file (RFC 4180) with a
 * header. It is read while the pipeline is loaded and counts as one of its files. */
#include "lua/box.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

#define COLUMNS_MOST 256

struct csv {
    lua_State *L;
    const struct mz_script_file *file;
    const char *at, *end;
    int line;
    char separator;
};

static MZ_RAISES void refuse(const struct csv *csv, int line, const char *what)
{
    struct mz_error error;
    mz_fail(&error, MZ_SCRIPT, "%s", what);
    mz_raise_there(csv->L, (int)(csv->file - mz_lua_of(csv->L)->files), line, NULL,
                   &error);
}

/* Pushes the text of a quoted cell, whose first quote is at `at`. */
static void push_quoted(struct csv *csv)
{
    luaL_Buffer text;
    int line = csv->line;
    luaL_buffinit(csv->L, &text);
    for (csv->at++;; csv->at++) {
        if (csv->at == csv->end) {
            refuse(csv, line, "this quote is never closed");
        }
        if (*csv->at == '"') {
            csv->at++;
            if (csv->at == csv->end || *csv->at != '"') {
                break;
            }
        }
        csv->line += *csv->at == '\n';
        luaL_addchar(&text, *csv->at);
    }
    luaL_pushresult(&text);
    if (csv->at != csv->end && *csv->at != csv->separator && *csv->at != '\n' &&
        *csv->at != '\r') {
        refuse(csv, csv->line, "text follows a closing quote");
    }
}

static void push_cell(struct csv *csv)
{
    if (csv->at != csv->end && *csv->at == '"') {
        push_quoted(csv);
        return;
    }
    const char *start = csv->at;
    while (csv->at != csv->end && *csv->at != csv->separator && *csv->at != '\n' &&
           *csv->at != '\r') {
        if (*csv->at == '"') {
            refuse(csv, csv->line,
                   "a quote inside a cell: put the whole cell in quotes and double it");
        }
        csv->at++;
    }
    lua_pushlstring(csv->L, start, (size_t)(csv->at - start));
}

/* Behind the separator: true. At the end of the row: false, in the next row. */
static bool next_cell(struct csv *csv)
{
    if (csv->at != csv->end && *csv->at == csv->separator) {
        csv->at++;
        return true;
    }
    if (csv->at != csv->end && *csv->at == '\r') {
        csv->at++;
    }
    if (csv->at != csv->end && *csv->at == '\n') {
        csv->at++;
    }
    csv->line++;
    return false;
}

static bool is_blank_row(const struct csv *csv)
{
    return *csv->at == '\n' || *csv->at == '\r';
}

/* Pushes the list of the header's names. */
static int read_header(struct csv *csv)
{
    lua_State *L = csv->L;
    int count = 0;
    lua_newtable(L);
    lua_newtable(L); /* names seen */
    do {
        push_cell(csv);
        if (lua_rawlen(L, -1) == 0) {
            refuse(csv, csv->line, "a column of the header has no name");
        }
        lua_pushvalue(L, -1);
        if (lua_rawget(L, -3) != LUA_TNIL) {
            lua_pop(L, 1);
            char what[128];
            snprintf(what, sizeof what, "the column '%.60s' stands twice in the header",
                     lua_tostring(L, -1));
            refuse(csv, csv->line, what);
        }
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_pushboolean(L, 1);
        lua_rawset(L, -4);
        if (count == COLUMNS_MOST) {
            refuse(csv, csv->line, "a row has no more than 256 cells");
        }
        lua_rawseti(L, -3, ++count);
    } while (next_cell(csv));
    lua_pop(L, 1);
    return count;
}

/* Pushes one row as a table; empty cells are left out. `header`: its stack index. */
static void read_row(struct csv *csv, int header, int columns)
{
    lua_State *L = csv->L;
    int line = csv->line, count = 0;
    lua_createtable(L, 0, columns);
    do {
        push_cell(csv);
        if (++count <= columns && lua_rawlen(L, -1) > 0) {
            lua_rawgeti(L, header, count);
            lua_insert(L, -2);
            lua_rawset(L, -3);
        } else {
            lua_pop(L, 1);
        }
    } while (next_cell(csv));
    if (count != columns) {
        char what[96];
        snprintf(what, sizeof what, "this row has %d cells, the header %d", count,
                 columns);
        refuse(csv, line, what);
    }
}

int mz_csv_read(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    if (lua_type(L, 1) != LUA_TSTRING) {
        return mz_raise(L, MZ_SCRIPT, "csv", "mizan.csv \"feeds.csv\"",
                        "mizan.csv wants the name of a file, not %s",
                        luaL_typename(L, 1));
    }
    lua_settop(L, 1);
    if (!lua->loading) {
        return mz_raise(L, MZ_SCRIPT, "csv", NULL,
                        "files are read while the pipeline is loaded, not by a stage");
    }
    struct csv csv = {.L = L, .file = mz_data_file(L, lua_tostring(L, 1)), .line = 1};
    csv.at = csv.file->source;
    csv.end = csv.at + csv.file->size;
    if (csv.file->size >= 3 && memcmp(csv.at, "\xef\xbb\xbf", 3) == 0) {
        csv.at += 3;
    }
    if (!mz_utf8_valid(csv.at, (size_t)(csv.end - csv.at)) ||
        memchr(csv.at, '\0', (size_t)(csv.end - csv.at)) != NULL) {
        refuse(&csv, 1, "the file is not UTF-8 text");
    }
    size_t first = strcspn(csv.at, "\r\n");
    csv.separator =
        memchr(csv.at, ',', first) == NULL && memchr(csv.at, ';', first) != NULL ? ';'
                                                                                 : ',';
    if (csv.at == csv.end || is_blank_row(&csv)) {
        refuse(&csv, 1, "the file has no header: its first line names the columns");
    }
    int columns = read_header(&csv), header = lua_gettop(L);
    lua_newtable(L);
    for (lua_Integer row = 1; csv.at != csv.end;) {
        if (is_blank_row(&csv)) {
            (void)next_cell(&csv);
            continue;
        }
        read_row(&csv, header, columns);
        lua_rawseti(L, -2, row++);
    }
    return 1;
}
