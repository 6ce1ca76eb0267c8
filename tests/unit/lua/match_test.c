/* The budgeted matcher against Lua's own functions: random patterns on random texts
 * give the same results, and the same patterns are refused. */
#include "support.h"

#include <stdlib.h>

#include <lauxlib.h>
#include <lualib.h>

#include "lua/match.h"

static const char script[] =
    "local seed = 12345\n"
    "local function random(n) seed = (seed * 1103515245 + 12345) % 2147483648\n"
    "  return seed // 65536 % n + 1 end\n"
    "local pieces = { 'a', 'b', '.', '%a', '%D', '%s', '[ab]', '[^a]', '[a-c]', '%%', "
    "'[%w_]', '[]]', '[^]]', '*', '+', '-', '?', '(', ')', '()', '%b()', '%f[a]', "
    "'%f[^a]', '%1', '%2', '^', '$', 'c', '[a-]', '%', '[', ']', '[%a-z]', '%0' }\n"
    "local letters = { 'a', 'b', 'c', '(', ')', ' ', '1', 'ab', '-', ']', '\\0', 'z' "
    "}\n"
    "local function make(list, most) local t = {}\n"
    "  for i = 1, random(most) - 1 do t[i] = list[random(#list)] end\n"
    "  return table.concat(t) end\n"
    "local replacements = { 'x', '%0%0', '<%1>', '%%', '%2', '%', '%9', '' }\n"
    "local function collect(f, ...) local out = table.pack(pcall(f, ...))\n"
    "  if not out[1] then return { false, n = 1 } end\n"
    "  return out end\n"
    "local function all(g, s, p, i) local out = {}\n"
    "  for a, b in g(s, p, i) do out[#out + 1] = tostring(a) .. '|' .. tostring(b) "
    "end\n"
    "  return table.concat(out, ';') end\n"
    "local function same(what, a, b, s, p)\n"
    "  for i = 1, math.max(a.n, b.n) do if a[i] ~= b[i] then\n"
    "    error(string.format('%s(%q, %q): %s is %s, Lua says %s', what, s, p, i,\n"
    "      tostring(b[i]), tostring(a[i]))) end end end\n"
    "local good = 0\n"
    "for round = 1, 60000 do\n"
    "  local s, p = make(letters, 9), make(pieces, 7)\n"
    "  local init = random(8) == 1 and random(12) - 6 or nil\n"
    "  local a = collect(string.find, s, p, init)\n"
    "  same('find', a, collect(ours.find, s, p, init), s, p)\n"
    "  if a[1] then good = good + 1 end\n"
    "  same('match', collect(string.match, s, p, init), collect(ours.match, s, p, "
    "init), s, p)\n"
    "  same('gmatch', collect(all, string.gmatch, s, p, init), collect(all, "
    "ours.gmatch, s, p, init), s, p)\n"
    "  local r, n = replacements[random(#replacements)], random(4) == 1 and random(3) "
    "or "
    "nil\n"
    "  same('gsub', collect(string.gsub, s, p, r, n), collect(ours.gsub, s, p, r, n), "
    "s, "
    "p)\n"
    "  local function f(x) return x ~= 'a' and tostring(x):upper() or nil end\n"
    "  same('gsub', collect(string.gsub, s, p, f), collect(ours.gsub, s, p, f), s, p)\n"
    "  same('find', collect(string.find, s, p, init, true), collect(ours.find, s, p, "
    "init, true), s, p)\n"
    "end\n"
    "assert(good > 20000, 'too few patterns were right')\n"
    "for n = -1, 4 do assert(ours.rep('ab', n, ',') == string.rep('ab', n, ',')) end\n"
    "local function tables(lib) local t, out = { 1, 2, 3 }, {}\n"
    "  lib.insert(t, 4) lib.insert(t, 1, 0) lib.insert(t, 6, 9)\n"
    "  out[#out + 1] = tostring(lib.remove(t)) out[#out + 1] = tostring(lib.remove(t, "
    "1))\n"
    "  out[#out + 1] = tostring(lib.remove(t, 5)) out[#out + 1] = "
    "tostring(pcall(lib.remove, t, 7))\n"
    "  out[#out + 1] = tostring(pcall(lib.insert, t, 9, 1)) out[#out + 1] = "
    "tostring(lib.remove({}))\n"
    "  out[#out + 1] = tostring(pcall(lib.insert, t)) out[#out + 1] = table.concat(t, "
    "' ')\n"
    "  return table.concat(out, ';') end\n"
    "assert(tables(table) == tables(our_tables), tables(our_tables))\n";

static void patterns_mean_the_same(void **state)
{
    (void)state;
    struct mz_lua *lua = calloc(1, sizeof *lua);
    lua_State *L = luaL_newstate();
    assert_non_null(lua);
    assert_non_null(L);
    *(struct mz_lua **)lua_getextraspace(L) = lua;
    lua->memory_limit = (size_t)1 << 30;
    luaL_openlibs(L);
    lua_newtable(L);
    luaL_setfuncs(L, mz_string_functions, 0);
    lua_setglobal(L, "ours");
    lua_newtable(L);
    luaL_setfuncs(L, mz_table_functions, 0);
    lua_setglobal(L, "our_tables");
    if (luaL_dostring(L, script) != LUA_OK) {
        print_error("%s\n", lua_tostring(L, -1));
        fail();
    }
    lua_close(L);
    free(lua);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(patterns_mean_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
