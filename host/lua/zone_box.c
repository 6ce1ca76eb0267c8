/* mizan.zone "Europe/Berlin": wall-clock times of a zone. Read while the file is
 * loaded, kept as long as the state. Times are milliseconds since 1970 UTC, as
 * everywhere. */
#include <stdio.h>

#include "base/clock.h"
#include "cron/zone.h"
#include "lua/box.h"

#define ZONES_CEILING ((size_t)16 << 20)
#define DAY           86400

static const struct mz_zone *check_zone(lua_State *L)
{
    if (!mz_has_metatable(L, 1, mz_lua_of(L)->zone_meta)) {
        mz_raise(L, MZ_SCRIPT, NULL, "zone:parts(time), with a colon",
                 "a zone is needed here, not %s", luaL_typename(L, 1));
    }
    return *(const struct mz_zone **)lua_touserdata(L, 1);
}

/* The time at index 2, in seconds, rounded down. */
static int64_t check_time(lua_State *L, int64_t *milliseconds)
{
    if (!lua_isinteger(L, 2)) {
        mz_raise(L, MZ_SCRIPT, NULL, NULL,
                 "a time is milliseconds as an integer, not %s", luaL_typename(L, 2));
    }
    int64_t time = lua_tointeger(L, 2);
    int64_t seconds = time / 1000 - (time % 1000 < 0);
    if (seconds < MZ_SECOND_LEAST || seconds > MZ_SECOND_MOST) {
        mz_raise(L, MZ_SCRIPT, NULL, NULL, "the time lies outside the years 1 to 9999");
    }
    *milliseconds = time - seconds * 1000;
    return seconds;
}

static int64_t offset_at(const struct mz_zone *zone, int64_t seconds)
{
    struct mz_zone_span span;
    mz_zone_span_at(zone, seconds, &span);
    return span.offset;
}

struct wall {
    int year, month, day, hour, minute, second;
    int64_t days;
};

static struct wall wall_of(int64_t seconds)
{
    struct wall wall;
    int64_t days = seconds / DAY - (seconds % DAY < 0);
    int rest = (int)(seconds - days * DAY);
    mz_date_from_days(days, &wall.year, &wall.month, &wall.day);
    wall.days = days;
    wall.hour = rest / 3600;
    wall.minute = rest / 60 % 60;
    wall.second = rest % 60;
    return wall;
}

static void set_integer(lua_State *L, const char *name, int64_t value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

/* zone:parts(time): year, month, day, hour, minute, second, millisecond, weekday (1 is
 * Monday), yearday, offset (seconds east of UTC). */
static int zone_parts(lua_State *L)
{
    const struct mz_zone *zone = check_zone(L);
    int64_t milliseconds, seconds = check_time(L, &milliseconds);
    int64_t offset = offset_at(zone, seconds);
    struct wall wall = wall_of(seconds + offset);
    lua_createtable(L, 0, 10);
    set_integer(L, "year", wall.year);
    set_integer(L, "month", wall.month);
    set_integer(L, "day", wall.day);
    set_integer(L, "hour", wall.hour);
    set_integer(L, "minute", wall.minute);
    set_integer(L, "second", wall.second);
    set_integer(L, "millisecond", milliseconds);
    set_integer(L, "weekday", ((wall.days + 3) % 7 + 7) % 7 + 1);
    set_integer(L, "yearday", wall.days - mz_days_from_date(wall.year, 1, 1) + 1);
    set_integer(L, "offset", offset);
    return 1;
}

/* zone:text(time): "2025-07-01T12:00:00+02:00". */
static int zone_text(lua_State *L)
{
    const struct mz_zone *zone = check_zone(L);
    int64_t milliseconds, seconds = check_time(L, &milliseconds);
    int offset = (int)offset_at(zone, seconds), size = offset < 0 ? -offset : offset;
    struct wall wall = wall_of(seconds + offset);
    char text[64];
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", wall.year,
             wall.month, wall.day, wall.hour, wall.minute, wall.second,
             offset < 0 ? '-' : '+', size / 3600, size / 60 % 60);
    lua_pushstring(L, text);
    return 1;
}

static int64_t field(lua_State *L, const char *name, int64_t otherwise, int64_t least,
                     int64_t most)
{
    lua_getfield(L, 2, name);
    int64_t value = lua_isnil(L, -1) ? otherwise : lua_tointeger(L, -1);
    if ((!lua_isnil(L, -1) && !lua_isinteger(L, -1)) || value < least || value > most) {
        mz_raise(L, MZ_SCRIPT, name, NULL,
                 "zone:time: '%s' is a whole number from %lld "
                 "to %lld",
                 name, (long long)least, (long long)most);
    }
    lua_pop(L, 1);
    return value;
}

/* zone:time { year, month, day, hour = 0, minute = 0, second = 0 }: the time when the
 * zone's clocks show so. Of a clock time that comes twice the first; one that is left
 * out when clocks go forward is moved on by as much. */
static int zone_time(lua_State *L)
{
    const struct mz_zone *zone = check_zone(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    int64_t year = field(L, "year", 0, 1, 9999), month = field(L, "month", 1, 1, 12);
    int64_t day = field(L, "day", 1, 1, 31);
    int64_t days = mz_days_from_date((int)year, (int)month, (int)day);
    if (wall_of(days * DAY).month != (int)month) {
        return mz_raise(L, MZ_SCRIPT, "day", NULL,
                        "zone:time: there is no %04d-%02d-%02d", (int)year, (int)month,
                        (int)day);
    }
    int64_t shown = days * DAY + field(L, "hour", 0, 0, 23) * 3600 +
                    field(L, "minute", 0, 0, 59) * 60 + field(L, "second", 0, 0, 59);
    /* The offsets of a day before and after bracket every change near it. */
    int64_t before = offset_at(zone, shown - DAY), after = offset_at(zone, shown + DAY);
    int64_t first = shown - before, second = shown - after;
    int64_t time = offset_at(zone, first) == before   ? first
                   : offset_at(zone, second) == after ? second
                                                      : first;
    lua_pushinteger(L, time * 1000);
    return 1;
}

static int zone_name(lua_State *L)
{
    lua_pushfstring(L, "zone %s", mz_zone_name(check_zone(L)));
    return 1;
}

static const luaL_Reg methods[] = {
    {"parts", zone_parts},
    {"text", zone_text},
    {"time", zone_time},
    {NULL, NULL},
};

int mz_zone_make(lua_State *L)
{
    struct mz_lua *lua = mz_lua_of(L);
    struct mz_error error;
    if (lua_type(L, 1) != LUA_TSTRING) {
        return mz_raise(L, MZ_SCRIPT, "zone", "mizan.zone \"Europe/Berlin\"",
                        "mizan.zone wants the name of a zone, not %s",
                        luaL_typename(L, 1));
    }
    if (!lua->loading) {
        return mz_raise(L, MZ_SCRIPT, "zone",
                        "local berlin = mizan.zone \"…\" at the top",
                        "zones are read while the file is loaded, not by a stage");
    }
    const struct mz_zone **box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    if (lua->zones == NULL) {
        lua->zones = mz_arena_create(ZONES_CEILING);
    }
    if (lua->zones == NULL) {
        return mz_raise(L, MZ_MEMORY, NULL, NULL, "not enough memory for a zone");
    }
    const char *name = lua_tostring(L, 1);
    if (mz_zone_load(NULL, name, lua->zones, box, &error) != MZ_OK) {
        return mz_raise_error(L, &error, name);
    }
    mz_set_metatable(L, lua->zone_meta);
    return 1;
}

void mz_zone_box_open(lua_State *L)
{
    lua_newtable(L);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    mz_freeze(L, "a zone", true);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, zone_name);
    lua_setfield(L, -2, "__tostring");
    mz_lua_of(L)->zone_meta = mz_keep_metatable(L, "zone");
}
