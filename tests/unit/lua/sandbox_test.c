/* What scripts can reach, against the whole list of what they may. */
#include "support.h"

#include <stdio.h>
#include <string.h>

static const char allowed[] =
    "_VERSION assert collectgarbage coroutine coroutine.close coroutine.create "
    "coroutine.isyieldable coroutine.resume coroutine.running coroutine.status "
    "coroutine.wrap coroutine.yield error getmetatable ipairs math math.abs math.acos "
    "math.asin math.atan math.ceil math.cos math.deg math.exp math.floor math.fmod "
    "math.huge math.log math.max math.maxinteger math.min math.mininteger math.modf "
    "math.pi math.rad math.random math.randomseed math.sin math.sqrt math.tan "
    "math.tointeger math.type math.ult mizan.auth mizan.auth.basic "
    "mizan.auth.bearer mizan.auth.oauth2 mizan.batch mizan.branch mizan.chain "
    "mizan.csv mizan.decimal "
    "mizan.drop mizan.each "
    "mizan.extract mizan.fetch mizan.fetch.shelf mizan.iso mizan.json mizan.json.at "
    "mizan.json.parse mizan.json.text mizan.merge mizan.now mizan.param mizan.pipeline "
    "mizan.record mizan.reject mizan.secret mizan.source mizan.store mizan.store.bin "
    "mizan.time mizan.type mizan.url mizan.url.escape mizan.url.parse mizan.url.query "
    "mizan.url.resolve mizan.url.unescape mizan.version mizan.zone next pairs pcall "
    "print rawequal rawget rawlen rawset require select setmetatable string "
    "string.byte string.char string.find string.format string.gmatch string.gsub "
    "string.len string.lower string.match string.pack string.packsize string.rep "
    "string.reverse string.sub string.unpack string.upper table table.concat "
    "table.insert table.move table.pack table.remove table.sort table.unpack tonumber "
    "tostring type utf8 utf8.char utf8.charpattern utf8.codepoint utf8.codes utf8.len "
    "utf8.offset xpcall ";

/* Every value that names lead to from the globals and the module, as often as the list
 * says; what no name leads to is hidden behind a metatable, which must not come out. */
static void nothing_else_is_reachable(void **state)
{
    struct bench bench;
    char body[8192];
    (void)state;
    bench_init(&bench);
    snprintf(
        body, sizeof body,
        "local allowed, count = {}, 0\n"
        "for name in ('%s'):gmatch('%%S+') do allowed[name] = true end\n"
        "local function note(prefix, t)\n"
        "  for k, v in pairs(t) do\n"
        "    local name = prefix .. tostring(k)\n"
        "    count = count + 1\n"
        "    if not allowed[name] then error('reached ' .. name) end\n"
        "    if getmetatable(v) then error('metatable of ' .. name) end\n"
        "    if type(v) == 'table' then note(name .. '.', v) end\n"
        "  end\n"
        "  local inner = prefix:find('^mizan') or prefix == 'ctx'\n"
        "  if inner and next(t) ~= nil then error('raw access to ' .. prefix) end\n"
        "end\n"
        "note('', _ENV)\n"
        "note('mizan.', mizan)\n"
        "for name in pairs(allowed) do count = count - 1 end\n"
        "if count ~= 0 then error('listed but missing: ' .. -count) end\n"
        "return rec\n",
        allowed);
    bench_pass(&bench, body);
    bench_finish(&bench);
}

/* Each of these would be a way out or around. */
static void ways_out_are_closed(void **state)
{
    static const char *const bodies[] = {
        "assert(not pcall(function() return io end)) return rec",
        "assert(not pcall(function() return os end)) return rec",
        "assert(not pcall(function() return debug end)) return rec",
        "assert(not pcall(function() return package end)) return rec",
        "assert(not pcall(function() return load end)) return rec",
        "assert(not pcall(function() return dofile end)) return rec",
        "assert(string.dump == nil and ('').dump == nil) return rec",
        "assert(getmetatable('') == false and getmetatable(rec) == false) return rec",
        "assert(getmetatable(ctx) == false and getmetatable(rec.value) == false) "
        "return rec",
        "assert(not pcall(setmetatable, string, {})) return rec",
        "assert(not pcall(rawset, string, 'find', print)) return rec",
        "assert(not pcall(rawset, _ENV, 'x', 1)) return rec",
        "assert(not pcall(table.insert, string, 1)) return rec",
        "assert(not pcall(function() string.trim = 1 end)) return rec",
        "assert(not pcall(function() ctx.log.info = 1 end)) return rec",
        "assert(not pcall(function() ctx.run.id = 'x' end)) return rec",
        "assert(not pcall(function() mizan.fetch.shelf = 1 end)) return rec",
        "assert(not pcall(function() return mizan.fetch.other end)) return rec",
        "local seen for _, f in pairs(string) do seen = f end assert(seen) return rec",
        "assert(not pcall(collectgarbage, 'stop')) return rec",
        "assert(collectgarbage('count') > 10) return rec",
        "assert(math.random(1000000) == math.random(1000000) or true) return rec",
        "local ok, e = pcall(error, { code = 5 }) assert(e.code == 5) return rec",
        "local ok, e = xpcall(error, function(m) return m .. '!' end, 'a') "
        "assert(not ok and e == 'a!') return rec",
        "local ok, a, b = xpcall(function(...) return ... end, print, 1, 2) "
        "assert(ok and a == 1 and b == 2) return rec",
        "local co = coroutine.create(function(a) local b = coroutine.yield(a + 1) "
        "return b * 2 end) local _, x = coroutine.resume(co, 1) "
        "local ok, y = coroutine.resume(co, 5) assert(x == 2 and y == 10 and ok) "
        "assert(coroutine.status(co) == 'dead' and coroutine.close(co)) return rec",
        "local co = coroutine.wrap(function() return xpcall(function() "
        "coroutine.yield(1) return 2 end, print) end) assert(co() == 1) "
        "local ok, v = co() assert(ok and v == 2) return rec",
        "local t = setmetatable({}, { __index = rec }) assert(t.kind == 'money') "
        "return rec",
    };
    struct bench bench;
    (void)state;
    bench_init(&bench);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        bench_pass(&bench, bodies[i]);
    }
    bench_finish(&bench);
}

/* Two states draw the same random numbers, so that a run can be repeated. */
static void random_numbers_repeat(void **state)
{
    struct bench bench;
    char first[64];
    (void)state;
    bench_init(&bench);
    bench_stage(&bench, "return mizan.drop('n' .. math.random(1 << 60))");
    assert_int_equal(bench_call(&bench, 1), MZ_OK);
    snprintf(first, sizeof first, "%s", bench.result.reason);
    assert_int_equal(bench_call(&bench, 1), MZ_OK);
    assert_string_not_equal(bench.result.reason, first);
    bench_stage(&bench, "return mizan.drop('n' .. math.random(1 << 60))");
    assert_int_equal(bench_call(&bench, 1), MZ_OK);
    assert_string_equal(bench.result.reason, first);
    bench_finish(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_else_is_reachable),
        cmocka_unit_test(ways_out_are_closed),
        cmocka_unit_test(random_numbers_repeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
