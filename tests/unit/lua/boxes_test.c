/* Records, lists and decimals as scripts see them. */
#include "support.h"

#include <stdio.h>
#include <string.h>

static void run_all(const char *const *bodies, size_t count)
{
    struct bench bench;
    bench_init(&bench);
    for (size_t i = 0; i < count; i++) {
        bench_pass(&bench, bodies[i]);
    }
    bench_finish(&bench);
}

#define RUN_ALL(bodies) run_all(bodies, sizeof(bodies) / sizeof *(bodies))

static void fields_are_read(void **state)
{
    static const char *const bodies[] = {
        "assert(rec.kind == 'money' and rec.confidence == 0.75) return rec",
        "assert(rec.start == 17 and math.type(rec.start) == 'integer') return rec",
        "assert(rec['end'] == 42 and rec.approx == true) return rec",
        "assert(rec.date == 1700000000000) return rec",
        "assert(mizan.iso(rec.date) == '2023-11-14T22:13:20Z') return rec",
        "assert(mizan.time(mizan.iso(rec.date)) == rec.date) return rec",
        "assert(rec.raw == '\\xff\\0b' and rec.missing == nil) return rec",
        "assert(#rec.tags == 2 and rec.tags[1] == 'oil' and rec.tags[3] == nil) "
        "return rec",
        "assert(rec.tags[2]:eq(mizan.decimal('0.5'))) return rec",
        "assert(rec.names.en == 'balance' and rec.names.fr == nil) return rec",
        "assert(table.concat({ rec.tags[1], 'x' }, ',') == 'oil,x') return rec",
        "local n = 0 for i, v in ipairs(rec.tags) do n = n + i end assert(n == 3) "
        "return rec",
        "local n = 0 for i, v in pairs(rec.tags) do n = n + i end assert(n == 3) "
        "return rec",
        "local s = '' for k in pairs(rec.names) do s = s .. k end assert(s == 'enar') "
        "return rec",
        "local n = 0 for k, v in pairs(rec) do n = n + 1 assert(rec:totable()[k] ~= "
        "nil) "
        "end assert(n == 10) return rec",
        "assert(mizan.type(rec) == 'figure' and mizan.type(rec.value) == 'decimal') "
        "assert(mizan.type(rec.tags) == 'list' and mizan.type('x') == 'string') "
        "return rec",
        "assert(tostring(rec) == 'record figure of 10 fields') return rec",
        "local k = ('x'):rep(60) rec[k] = 1 assert(rec[k] == 1) return rec",
        "for i = 1, 6000 do assert(rec['f' .. i] == nil) end return rec",
        "local list = rec.tags rec.tags = nil rec.kind = nil assert(list[1] == 'oil') "
        "return rec",
    };
    (void)state;
    RUN_ALL(bodies);
}

static void fields_are_set(void **state)
{
    static const char *const bodies[] = {
        "rec.note = 'x' assert(rec.note == 'x') return rec",
        "rec.note = nil rec.kind = nil assert(rec.kind == nil) return rec",
        "rec.start = 1.5 assert(rec.start == 1.5) return rec",
        "rec.value = 7 assert(mizan.type(rec.value) == 'decimal') return rec",
        "rec.value = mizan.decimal('1.10') assert(rec.value:key() == '1.1') return rec",
        "rec.list = { 1, { a = true }, 'x' } assert(rec.list[2].a == true) return rec",
        "rec.copy_of = rec.tags assert(rec.copy_of[1] == 'oil') return rec",
        "rec.whole = rec assert(rec.whole.kind == 'money') return rec",
        "rec.empty = {} assert(#rec.empty == 0) return rec",
        "rec.date = 5 assert(mizan.iso(rec.date) == '1970-01-01T00:00:00Z') return rec",
        "local c = rec:copy() c.kind = 'count' assert(rec.kind == 'money') return rec",
        "local c = rec:copy():copy() assert(c.tags[2]:eq(mizan.decimal('0.5'))) "
        "return rec",
        "local t = rec:totable() t.tags[1] = 'x' assert(rec.tags[1] == 'oil') "
        "assert(t.value == rec.value) return rec",
        "local row = mizan.record('row', { a = 1, b = 'x', c = rec.value }) "
        "assert(mizan.type(row) == 'row' and row.c == rec.value) return { rec, row }",
        "local row = rec:new('row') row.a = 1 return { row }",
    };
    struct bench bench;
    (void)state;
    RUN_ALL(bodies);
    bench_init(&bench);
    bench_error(&bench, "rec.value = 'x' return rec",
                "field 'value' holds a decimal and takes only numbers and nil");
    bench_error(&bench, "rec.x = 0/0 return rec", "a number that is not finite");
    bench_error(&bench, "rec.x = math.huge return rec", "a number that is not finite");
    bench_error(&bench, "rec.x = coroutine.create(print) return rec", "a coroutine");
    bench_error(&bench, "rec.x = mizan.drop('x') return rec", "cannot be kept here");
    bench_error(&bench, "local t = {} t[1] = t rec.x = t return rec",
                "'x[1]' leads back to a table that contains it");
    bench_error(&bench, "rec.x = { 1, nil, 3 } return rec", "'x[2]' is nil");
    bench_error(&bench, "return mizan.record('row', { 1 })", "'row[1]' has no name");
    bench_error(&bench, "return mizan.record({})", "a new record needs its type");
    bench_finish(&bench);
}

/* The values that reach the host have the types that the fields ask for. */
static void values_keep_their_types(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    bench_pass(&bench, "rec.value = 3 rec.date = 9 rec.raw = 'ab' rec.kind = '\\xfe' "
                       "rec.note = 'x' rec.start = 2 rec.list = { 'a' } "
                       "rec.map = { b = 1, a = 2 } return rec");
    assert_int_equal(bench.result.count, 1);
    const struct mizan_record *record = bench.result.records[0];
    const struct {
        const char *name;
        uint32_t type;
    } expected[] = {
        {"value", MIZAN_DECIMAL},     {"date", MIZAN_TIME}, {"raw", MIZAN_BYTES},
        {"kind", MIZAN_BYTES},        {"note", MIZAN_TEXT}, {"start", MIZAN_INTEGER},
        {"list", MIZAN_LIST},         {"map", MIZAN_MAP},   {"approx", MIZAN_BOOLEAN},
        {"confidence", MIZAN_DOUBLE},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const struct mizan_value *value = mz_record_find(record, expected[i].name);
        assert_non_null(value);
        assert_int_equal(value->type, expected[i].type);
    }
    const struct mizan_value *map = mz_record_find(record, "map");
    assert_string_equal(map->as.map.fields[0].name.data, "a"); /* sorted */
    bench_finish(&bench);
}

static void copies_outlive_their_call(void **state)
{
    struct bench bench;
    (void)state;
    bench_init(&bench);
    bench_stage(&bench, "if kept[1] then local old = kept[1] kept[1] = nil "
                        "old.note = 'again' return { rec, old } end "
                        "kept[1] = rec:copy() return rec");
    assert_int_equal(bench_call(&bench, 1), MZ_OK);
    assert_int_equal(bench.result.count, 1);
    assert_int_equal(bench_call(&bench, 1), MZ_OK);
    assert_int_equal(bench.result.outcome, MZ_PASS);
    assert_int_equal(bench.result.count, 2);
    const struct mizan_record *old = bench.result.records[1];
    assert_ptr_equal(mz_record_arena(old), bench.unit);
    assert_true(mz_value_is(mz_record_find(old, "note"), "again"));
    assert_int_equal(mz_record_count(old), 11);
    bench_finish(&bench);
}

static void json_and_addresses(void **state)
{
    static const char *const bodies[] = {
        "local v = "
        "mizan.json.parse('{\"a\":[1,2.50,null,\"x\"],\"b\":{\"c/d\":true}}') "
        "assert(v.a[1] == 1 and v.a[2]:key() == '2.5' and v.b['c/d'] == true) "
        "assert(mizan.json.at(v, '/b/c~1d') == true and mizan.json.at(v, '/a/3') == "
        "'x' "
        "and mizan.json.at(v, '/z/1') == nil and mizan.json.at(v, '') == v) return rec",
        "assert(mizan.json.text { b = mizan.decimal '1.50', a = { 1, 'x' } } == "
        "'{\"a\":[1,\"x\"],\"b\":1.5}') return rec",
        "assert(mizan.json.parse(mizan.json.text(rec)).value:eq(rec.value)) return rec",
        "local u = mizan.url.parse 'https://u:p@[2001:db8::1]:8443/a/b?x=1#f' "
        "assert(u.scheme == 'https' and u.user == 'u:p' and u.host == '2001:db8::1' "
        "and "
        "u.port == 8443 and u.path == '/a/b' and u.query == 'x=1' and u.fragment == "
        "'f') "
        "assert(mizan.url.parse 'http://a b/' == nil) return rec",
        /* RFC 3986, 5.4 */
        "local base = 'http://a/b/c/d;p?q' for ref, want in pairs { ['g'] = "
        "'http://a/b/c/g', ['./g'] = 'http://a/b/c/g', ['g/'] = 'http://a/b/c/g/', "
        "['/g'] "
        "= 'http://a/g', ['//g'] = 'http://g', ['?y'] = 'http://a/b/c/d;p?y', ['#s'] = "
        "'http://a/b/c/d;p?q#s', [''] = 'http://a/b/c/d;p?q', ['..'] = 'http://a/b/', "
        "['../..'] = 'http://a/', ['../../../g'] = 'http://a/g', ['/./g'] = "
        "'http://a/g', "
        "['g;x=1/../y'] = 'http://a/b/c/y', ['g:h'] = 'g:h' } do local got = "
        "mizan.url.resolve(base, ref) assert(got == want, ref .. ' gave ' .. got) end "
        "return rec",
        "local q = mizan.url.query 'a=1&b=x+y%21&c' assert(q.a == '1' and q.b == 'x "
        "y!' "
        "and q.c == '') assert(mizan.url.escape 'a b/ü' == 'a%20b%2F%C3%BC' and "
        "mizan.url.unescape 'a%20b%2' == 'a b%2') return rec",
    };
    struct bench bench;
    (void)state;
    bench_init(&bench);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        bench_pass(&bench, bodies[i]);
    }
    bench_error(&bench, "return mizan.json.parse '{\"a\":01}'", "invalid JSON at byte");
    bench_error(&bench, "return mizan.json.text(print)", "is a function");
    bench_error(&bench, "return mizan.json.at({}, 'a')", "is no JSON Pointer");
    bench_error(&bench, "return mizan.url.resolve('x', 'http://a b')", "is no address");
    bench_finish(&bench);
}

static void decimals_are_exact(void **state)
{
    static const char *const bodies[] = {
        "local d = mizan.decimal return assert(d('0.1') + d('0.2') == d('0.3')) and "
        "rec",
        "local d = mizan.decimal return assert((d('0.1') * 3):key() == '0.3') and rec",
        "local d = mizan.decimal return assert((1 - d('0.9')):key() == '0.1') and rec",
        "local d = mizan.decimal return assert((-d('5')):integer() == -5) and rec",
        "local d = mizan.decimal assert(d('1') < 2 and 1 <= d('1') and d('3') > "
        "d('2.9')) "
        "return rec",
        "local d = mizan.decimal assert(d('5'):eq(5) and d('5.0') == d(5)) return rec",
        "local d = mizan.decimal assert(d('5') ~= 5) return rec",
        "assert(mizan.decimal('1'):div(8):key() == '0.125') return rec",
        "assert(mizan.decimal('1'):div(3, 5):key() == '0.33333') return rec",
        "assert(mizan.decimal('0.5'):number() == 0.5) return rec",
        "local d = mizan.decimal assert((d('7.5') // 2):key() == '3' and (d('7.5') % "
        "2):key() == '1.5' and (d('-7.5') // 2):key() == '-4' and (d('-7.5') % "
        "2):key() "
        "== '0.5' and (7 % d('-2')):key() == '-1') return rec",
        "local d = mizan.decimal assert((d('1.1') ^ 3):key() == '1.331' and (d('2') ^ "
        "0):eq(1)) return rec",
        "local d = mizan.decimal for mode, want in pairs { half_even = '2 -2 4', "
        "half_up "
        "= '3 -3 4', half_down = '2 -2 3', up = '3 -3 4', down = '2 -2 3', ceiling = "
        "'3 "
        "-2 4', floor = '2 -3 3' } do local got = d('2.5'):round(0, mode) .. ' ' .. "
        "d('-2.5'):round(0, mode) .. ' ' .. d('3.5'):round(0, mode) assert(got == "
        "want, "
        "mode .. got) end return rec",
        "local d = mizan.decimal assert(d('1234.5678'):round(2):key() == '1234.57' and "
        "d('1250'):round(-2):key() == '1200' and d('0.4'):round():eq(0) and d('-0.4'):"
        "round(0, 'up'):eq(-1) and d('1e-300'):round(2, 'up'):key() == '0.01') return "
        "rec",
        "local d = mizan.decimal assert(d('-3'):abs():eq(3) and d('-3'):sign() == -1 "
        "and "
        "d(0):sign() == 0) return rec",
        "local d = mizan.decimal assert(d('1234567.5'):format { places = 2, mark = "
        "',', "
        "group = '.' } == '1.234.567,50' and d('-999'):format { group = ' ' } == "
        "'-999' "
        "and d('0.005'):format { places = 2 } == '0.00' and d('12'):format() == '12') "
        "return rec",
        "assert(mizan.decimal('0.5'):integer() == nil) return rec",
        "assert(tostring(mizan.decimal('9800000000')) == '9800000000') return rec",
        "assert('x' .. mizan.decimal('1.50') == 'x1.5') return rec",
        "local t = {} t[rec.value:key()] = 1 assert(t['9800000000.5'] == 1) return rec",
    };
    struct bench bench;
    (void)state;
    RUN_ALL(bodies);
    bench_init(&bench);
    bench_error(&bench, "return mizan.decimal('1'):round(0, 'halfup')",
                "round: there is no way of rounding 'halfup'");
    bench_error(&bench, "return mizan.decimal('1') // 0", "whole division: ");
    bench_error(&bench, "return mizan.decimal('2') ^ 0.5", "power: the exponent");
    bench_error(&bench, "return mizan.decimal('10') ^ 9999", "power: ");
    bench_error(&bench, "return mizan.decimal(0.1)", "the float 0.1 do not mix");
    bench_error(&bench, "return mizan.decimal('ten')", "mizan.decimal: 'ten'");
    bench_error(&bench, "return rec.value + 'x'", "addition: a decimal or an integer");
    bench_error(&bench, "return rec.value + 1.0", "the float 1.0 do not mix");
    bench_error(&bench, "return rec.value:div(0)", "div: ");
    bench_error(&bench, "return mizan.decimal('1'):div(3)", "div: ");
    bench_error(&bench, "return rec.value:div(3, 99)", "div: 1 to 38 digits");
    bench_error(&bench, "return rec.value.eq('x', 5)", "eq: a decimal or an integer");
    bench_error(&bench, "return rec.value .. {}", "'..' joins no table");
    bench_finish(&bench);
}

static void handles_end_with_their_call(void **state)
{
    struct bench bench;
    static const char *const uses[] = {
        "kept.rec.kind",        "kept.rec:copy()", "kept.rec:totable()",
        "pairs(kept.rec)",      "kept.step()",     "#kept.tags",
        "pairs(kept.tags)",     "kept.doc.title",  "tostring(kept.rec)",
        "mizan.type(kept.rec)",
    };
    (void)state;
    bench_init(&bench);
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        char body[512];
        snprintf(body, sizeof body,
                 "if kept.rec then local v = %s return rec end "
                 "kept.rec, kept.tags, kept.doc, kept.step = rec, rec.tags, ctx.doc, "
                 "pairs(rec) return rec",
                 uses[i]);
        bench_stage(&bench, body);
        assert_int_equal(bench_call(&bench, 1), MZ_OK);
        assert_int_equal(bench.result.outcome, MZ_PASS);
        assert_int_equal(bench_call(&bench, 1), MZ_OK);
        assert_int_equal(bench.result.outcome, MZ_ERROR);
        assert_contains(bench.result.reason, "was used after its stage call ended");
    }
    bench_finish(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_read),
        cmocka_unit_test(fields_are_set),
        cmocka_unit_test(values_keep_their_types),
        cmocka_unit_test(copies_outlive_their_call),
        cmocka_unit_test(decimals_are_exact),
        cmocka_unit_test(json_and_addresses),
        cmocka_unit_test(handles_end_with_their_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
