/* Exact decimals in scripts. Arithmetic and order with decimals and integers; a
 * Lua float is refused, since it has rounded already. */
#include "lua/box.h"

#include <string.h>

static const char float_help[] = "a float is binary and has rounded already: "
                                 "write mizan.decimal \"0.1\", or "
                                 "d:number() to go on with floats";

void mz_push_decimal(lua_State *L, struct mz_decimal value)
{
    /* A userdata is aligned to 8 bytes, the coefficient wants 16: copied as
     * bytes. */
    void *box = lua_newuserdatauv(L, sizeof value, 0);
    memcpy(box, &value, sizeof value);
    mz_set_metatable(L, mz_lua_of(L)->decimal_meta);
}

bool mz_test_decimal(lua_State *L, int index, struct mz_decimal *out)
{
    if (!mz_has_metatable(L, index, mz_lua_of(L)->decimal_meta)) {
        return false;
    }
    memcpy(out, lua_touserdata(L, index), sizeof *out);
    return true;
}

/* The decimal or integer at `index`; raises for all else. */
static struct mz_decimal operand(lua_State *L, int index, const char *what)
{
    struct mz_decimal value;
    if (lua_isinteger(L, index)) {
        return mz_decimal_from_integer(lua_tointeger(L, index));
    }
    if (mz_test_decimal(L, index, &value)) {
        return value;
    }
    if (lua_type(L, index) == LUA_TNUMBER) {
        mz_raise(L, MZ_SCRIPT, NULL, float_help,
                 "%s: a decimal and the float %s do not mix", what,
                 luaL_tolstring(L, index, NULL));
    }
    mz_raise(L, MZ_SCRIPT, NULL, NULL, "%s: a decimal or an integer is needed, not %s",
             what, luaL_typename(L, index));
    return mz_decimal_from_integer(0);
}

static int push_result(lua_State *L, enum mz_decimal_status status,
                       struct mz_decimal value, const char *what)
{
    if (status != MZ_DECIMAL_OK) {
        return mz_raise(L, MZ_SCRIPT, NULL, NULL, "%s: %s", what,
                        mz_decimal_status_text(status));
    }
    mz_push_decimal(L, value);
    return 1;
}

static int decimal_add(lua_State *L)
{
    struct mz_decimal value = {0};
    enum mz_decimal_status status =
        mz_decimal_add(operand(L, 1, "addition"), operand(L, 2, "addition"), &value);
    return push_result(L, status, value, "addition");
}

static int decimal_subtract(lua_State *L)
{
    struct mz_decimal value = {0};
    enum mz_decimal_status status = mz_decimal_subtract(
        operand(L, 1, "subtraction"), operand(L, 2, "subtraction"), &value);
    return push_result(L, status, value, "subtraction");
}

static int decimal_multiply(lua_State *L)
{
    struct mz_decimal value = {0};
    enum mz_decimal_status status = mz_decimal_multiply(
        operand(L, 1, "multiplication"), operand(L, 2, "multiplication"), &value);
    return push_result(L, status, value, "multiplication");
}

static int decimal_negate(lua_State *L)
{
    struct mz_decimal value = {0};
    enum mz_decimal_status status = mz_decimal_subtract(
        mz_decimal_from_integer(0), operand(L, 1, "negation"), &value);
    return push_result(L, status, value, "negation");
}

static int decimal_divide_operator(lua_State *L)
{
    return mz_raise(L, MZ_SCRIPT, NULL,
                    "write d:div(x, 20) for a quotient of 20 significant digits",
                    "'/' is not defined for decimals, since most quotients do not end");
}

static int decimal_less(lua_State *L)
{
    struct mz_decimal left = operand(L, 1, "comparison");
    struct mz_decimal right = operand(L, 2, "comparison");
    lua_pushboolean(L, mz_decimal_compare(left, right) < 0);
    return 1;
}

static int decimal_less_equal(lua_State *L)
{
    struct mz_decimal left = operand(L, 1, "comparison");
    struct mz_decimal right = operand(L, 2, "comparison");
    lua_pushboolean(L, mz_decimal_compare(left, right) <= 0);
    return 1;
}

/* Lua calls this only for two userdata. */
static int decimal_same(lua_State *L)
{
    struct mz_decimal left = {0}, right = {0};
    bool both = mz_test_decimal(L, 1, &left) && mz_test_decimal(L, 2, &right);
    lua_pushboolean(L, both && mz_decimal_compare(left, right) == 0);
    return 1;
}

static int decimal_eq(lua_State *L)
{
    struct mz_decimal left = operand(L, 1, "eq");
    struct mz_decimal right = operand(L, 2, "eq");
    lua_pushboolean(L, mz_decimal_compare(left, right) == 0);
    return 1;
}

static int decimal_text(lua_State *L)
{
    char text[MZ_DECIMAL_TEXT];
    size_t size = mz_decimal_format(operand(L, 1, "key"), text);
    lua_pushlstring(L, text, size);
    return 1;
}

static int decimal_concat(lua_State *L)
{
    struct mz_decimal value;
    for (int i = 1; i <= 2; i++) {
        if (!lua_isstring(L, i) && !mz_test_decimal(L, i, &value)) {
            return mz_raise(L, MZ_SCRIPT, NULL, NULL, "'..' joins no %s",
                            luaL_typename(L, i));
        }
    }
    luaL_tolstring(L, 1, NULL);
    luaL_tolstring(L, 2, NULL);
    lua_concat(L, 2);
    return 1;
}

static int decimal_div(lua_State *L)
{
    struct mz_decimal left = operand(L, 1, "div"), right = operand(L, 2, "div");
    struct mz_decimal value = {0};
    lua_Integer digits = luaL_optinteger(L, 3, 0);
    enum mz_decimal_status status;
    if (lua_isnoneornil(L, 3)) {
        status = mz_decimal_divide(left, right, &value);
    } else if (digits < 1 || digits > MZ_DECIMAL_DIGITS) {
        return mz_raise(L, MZ_SCRIPT, NULL, NULL, "div: 1 to %d digits, not %lld",
                        MZ_DECIMAL_DIGITS, (long long)digits);
    } else {
        status = mz_decimal_quotient(left, right, (int)digits, &value);
    }
    return push_result(L, status, value, "div");
}

static int decimal_whole(lua_State *L, const char *what, bool rest)
{
    struct mz_decimal quotient = {0}, left = {0};
    enum mz_decimal_status status = mz_decimal_divide_whole(
        operand(L, 1, what), operand(L, 2, what), &quotient, &left);
    return push_result(L, status, rest ? left : quotient, what);
}

static int decimal_floor_divide(lua_State *L)
{
    return decimal_whole(L, "whole division", false);
}

static int decimal_modulo(lua_State *L)
{
    return decimal_whole(L, "remainder", true);
}

/* A whole exponent, by squaring; exact or an error. */
static int decimal_power(lua_State *L)
{
    struct mz_decimal base = operand(L, 1, "power");
    struct mz_decimal result = mz_decimal_from_integer(1);
    enum mz_decimal_status status = MZ_DECIMAL_OK;
    if (!lua_isinteger(L, 2) || lua_tointeger(L, 2) < 0 ||
        lua_tointeger(L, 2) > 10000) {
        return mz_raise(L, MZ_SCRIPT, NULL, NULL,
                        "power: the exponent of a decimal is a whole number from 0");
    }
    for (lua_Integer left = lua_tointeger(L, 2); left > 0 && status == MZ_DECIMAL_OK;
         left /= 2) {
        if (left % 2 == 1) {
            status = mz_decimal_multiply(result, base, &result);
        }
        if (status == MZ_DECIMAL_OK && left > 1) {
            status = mz_decimal_multiply(base, base, &base);
        }
    }
    return push_result(L, status, result, "power");
}

/* d:round(places = 0, mode = "half_even") */
static int decimal_round(lua_State *L)
{
    struct mz_decimal value = operand(L, 1, "round");
    lua_Integer places = luaL_optinteger(L, 2, 0);
    const char *name = luaL_optstring(L, 3, "half_even");
    enum mz_decimal_rounding mode;
    if (!mz_decimal_mode(name, &mode)) {
        return mz_raise(L, MZ_SCRIPT, name,
                        "half_even, half_up, half_down, up, down, ceiling, floor",
                        "round: there is no way of rounding '%.40s'", name);
    }
    if (places < -400 || places > 400) {
        return mz_raise(L, MZ_SCRIPT, "round", NULL, "round: -400 to 400 places");
    }
    enum mz_decimal_status status = mz_decimal_round(value, (int)places, mode, &value);
    return push_result(L, status, value, "round");
}

static int decimal_abs(lua_State *L)
{
    struct mz_decimal value = operand(L, 1, "abs");
    value.negative = false;
    mz_push_decimal(L, value);
    return 1;
}

static int decimal_sign(lua_State *L)
{
    struct mz_decimal value = operand(L, 1, "sign");
    lua_pushinteger(L, value.coefficient == 0 ? 0 : value.negative ? -1 : 1);
    return 1;
}

/* Text of option `name` in the table at 2, up to 8 bytes; else `otherwise`. */
static const char *format_option(lua_State *L, const char *name, const char *otherwise)
{
    lua_getfield(L, 2, name);
    const char *text = lua_isnil(L, -1) ? otherwise : lua_tostring(L, -1);
    if (text == NULL || strlen(text) > 8) {
        mz_raise(L, MZ_SCRIPT, name, NULL, "format: '%s' is text of 8 bytes at most",
                 name);
    }
    return text; /* stays on the stack until the function returns */
}

/* d:format { places = 2, mark = ",", group = "." }: exactly so many places, rounded
 * half to even when there are more; `group` stands between three digits. */
static int decimal_format(lua_State *L)
{
    struct mz_decimal value = operand(L, 1, "format");
    char text[MZ_DECIMAL_TEXT];
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) {
        lua_newtable(L);
        lua_replace(L, 2);
    }
    luaL_checktype(L, 2, LUA_TTABLE);
    const char *mark = format_option(L, "mark", "."),
               *group = format_option(L, "group", "");
    lua_getfield(L, 2, "places");
    lua_Integer places = lua_isnil(L, -1) ? -1 : luaL_checkinteger(L, -1);
    if (places > 100) {
        return mz_raise(L, MZ_SCRIPT, "places", NULL, "format: 0 to 100 places");
    }
    if (places >= 0) {
        enum mz_decimal_status status =
            mz_decimal_round(value, (int)places, MZ_ROUND_HALF_EVEN, &value);
        if (status != MZ_DECIMAL_OK) {
            return push_result(L, status, value, "format");
        }
    }
    mz_decimal_format(value, text);
    const char *digits = text[0] == '-' ? text + 1 : text;
    size_t whole = strcspn(digits, "."), behind = strlen(digits + whole);
    behind -= behind > 0; /* the point */
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    luaL_addlstring(&out, text, (size_t)(digits - text));
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0) {
            luaL_addstring(&out, group);
        }
        luaL_addchar(&out, digits[i]);
    }
    if (behind > 0 || places > 0) {
        luaL_addstring(&out, mark);
        luaL_addlstring(&out, digits + whole + (behind > 0), behind);
    }
    for (lua_Integer i = (lua_Integer)behind; i < places; i++) {
        luaL_addchar(&out, '0');
    }
    luaL_pushresult(&out);
    return 1;
}

static int decimal_number(lua_State *L)
{
    lua_pushnumber(L, mz_decimal_to_double(operand(L, 1, "number")));
    return 1;
}

/* nil when it is not whole or beyond 64 bits. */
static int decimal_integer(lua_State *L)
{
    int64_t value;
    if (mz_decimal_to_integer(operand(L, 1, "integer"), &value)) {
        lua_pushinteger(L, value);
    } else {
        lua_pushnil(L);
    }
    return 1;
}

int mz_new_decimal(lua_State *L)
{
    struct mz_decimal value;
    if (lua_type(L, 1) != LUA_TSTRING) {
        value = operand(L, 1, "mizan.decimal");
        mz_push_decimal(L, value);
        return 1;
    }
    size_t size;
    const char *text = lua_tolstring(L, 1, &size);
    enum mz_decimal_status status = mz_decimal_parse(text, size, &value);
    if (status != MZ_DECIMAL_OK) {
        return mz_raise(L, MZ_SCRIPT, text, NULL, "mizan.decimal: '%.60s': %s", text,
                        mz_decimal_status_text(status));
    }
    mz_push_decimal(L, value);
    return 1;
}

static const luaL_Reg methods[] = {
    {"eq", decimal_eq},           {"key", decimal_text},
    {"div", decimal_div},         {"number", decimal_number},
    {"integer", decimal_integer}, {"round", decimal_round},
    {"abs", decimal_abs},         {"sign", decimal_sign},
    {"format", decimal_format},   {NULL, NULL},
};

static const luaL_Reg operators[] = {
    {"__add", decimal_add},           {"__sub", decimal_subtract},
    {"__mul", decimal_multiply},      {"__unm", decimal_negate},
    {"__idiv", decimal_floor_divide}, {"__mod", decimal_modulo},
    {"__pow", decimal_power},         {"__div", decimal_divide_operator},
    {"__lt", decimal_less},           {"__le", decimal_less_equal},
    {"__eq", decimal_same},           {"__tostring", decimal_text},
    {"__concat", decimal_concat},     {NULL, NULL},
};

void mz_decimal_box_open(lua_State *L)
{
    lua_newtable(L);
    luaL_setfuncs(L, operators, 0);
    luaL_newlib(L, methods);
    mz_freeze(L, "a decimal", true);
    lua_setfield(L, -2, "__index");
    mz_lua_of(L)->decimal_meta = mz_keep_metatable(L, "decimal");
}
