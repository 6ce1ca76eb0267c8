/* Which addresses a fetch must not reach unless the pipeline says so. The networks are
 * those of the registries of special-purpose addresses (RFC 6890 and its updates). */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "net/net.h"

struct network4 {
    uint32_t address; /* host byte order */
    int prefix;
};

#define IPV4(a, b, c, d)                                                               \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static const struct network4 special4[] = {
    {IPV4(0, 0, 0, 0), 8},       /* this network */
    {IPV4(10, 0, 0, 0), 8},      /* private */
    {IPV4(100, 64, 0, 0), 10},   /* shared by carriers */
    {IPV4(127, 0, 0, 0), 8},     /* loopback */
    {IPV4(169, 254, 0, 0), 16},  /* link-local, metadata services */
    {IPV4(172, 16, 0, 0), 12},   /* private */
    {IPV4(192, 0, 0, 0), 24},    /* protocol assignments */
    {IPV4(192, 0, 2, 0), 24},    /* documentation */
    {IPV4(192, 88, 99, 0), 24},  /* former 6to4 relays */
    {IPV4(192, 168, 0, 0), 16},  /* private */
    {IPV4(198, 18, 0, 0), 15},   /* benchmarks */
    {IPV4(198, 51, 100, 0), 24}, /* documentation */
    {IPV4(203, 0, 113, 0), 24},  /* documentation */
    {IPV4(224, 0, 0, 0), 4},     /* multicast */
    {IPV4(240, 0, 0, 0), 4},     /* reserved, broadcast */
};

/* What is in an IPv6 network: nothing public, or IPv4 addresses that decide. */
enum inside { NOTHING, MAPPED, AT_2, TEREDO };

struct network6 {
    uint8_t address[16];
    int prefix;
    enum inside inside;
};

static const struct network6 special6[] = {
    {{[10] = 0xff, [11] = 0xff}, 96, MAPPED},            /* IPv4-mapped */
    {{0}, 96, NOTHING},                                  /* ::, ::1, compatible */
    {{0x00, 0x64, 0xff, 0x9b}, 96, MAPPED},              /* NAT64 */
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, NOTHING}, /* local NAT64 */
    {{0x01, 0x00}, 64, NOTHING},                         /* discard */
    {{0x20, 0x01, 0x00, 0x00}, 32, TEREDO},              /* Teredo */
    {{0x20, 0x01, 0x00, 0x00}, 23, NOTHING},             /* protocol assignments */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, NOTHING},             /* documentation */
    {{0x20, 0x02}, 16, AT_2},                            /* 6to4 */
    {{0x3f, 0xff}, 20, NOTHING},                         /* documentation */
    {{0x5f, 0x00}, 16, NOTHING},                         /* segment routing */
    {{0xfc, 0x00}, 7, NOTHING},                          /* unique local */
    {{0xfe, 0x80}, 10, NOTHING},                         /* link-local */
    {{0xfe, 0xc0}, 10, NOTHING},                         /* former site-local */
    {{0xff, 0x00}, 8, NOTHING},                          /* multicast */
};

static bool is_special4(uint32_t address)
{
    for (size_t i = 0; i < sizeof special4 / sizeof *special4; i++) {
        uint32_t mask = UINT32_MAX << (32 - special4[i].prefix);
        if ((address & mask) == special4[i].address) {
            return true;
        }
    }
    return false;
}

static uint32_t read4(const uint8_t *bytes)
{
    return IPV4(bytes[0], bytes[1], bytes[2], bytes[3]);
}

static bool is_within(const uint8_t *address, const struct network6 *network)
{
    int whole = network->prefix / 8;
    int rest = network->prefix % 8;
    if (memcmp(address, network->address, (size_t)whole) != 0) {
        return false;
    }
    if (rest == 0) {
        return true;
    }
    unsigned mask = 0xffU << (8 - rest) & 0xffU;
    return (address[whole] & mask) == (network->address[whole] & mask);
}

static bool holds_special(const uint8_t *address, enum inside inside)
{
    switch (inside) {
    case MAPPED:
        return is_special4(read4(address + 12));
    case AT_2:
        return is_special4(read4(address + 2));
    case TEREDO:
        return is_special4(read4(address + 4)) || is_special4(~read4(address + 12));
    case NOTHING:
        break;
    }
    return true;
}

static bool is_special6(const uint8_t *address)
{
    /* ISATAP: any prefix, the IPv4 address in the interface part. */
    static const uint8_t isatap[] = {0x00, 0x5e, 0xfe};
    if ((address[8] & 0xfdU) == 0 && memcmp(address + 9, isatap, sizeof isatap) == 0 &&
        is_special4(read4(address + 12))) {
        return true;
    }
    for (size_t i = 0; i < sizeof special6 / sizeof *special6; i++) {
        if (is_within(address, &special6[i])) {
            return holds_special(address, special6[i].inside);
        }
    }
    return false;
}

bool mz_address_is_special(int family, const void *address)
{
    uint8_t bytes[16];
    if (family == AF_INET) {
        memcpy(bytes, address, 4);
        return is_special4(read4(bytes));
    }
    if (family == AF_INET6) {
        memcpy(bytes, address, 16);
        return is_special6(bytes);
    }
    return true;
}
