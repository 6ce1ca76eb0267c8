/* Which addresses are refused by default: one in, one just below and one just above
 * each network of the registries, and IPv4 hidden in IPv6. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "net/net.h"

struct example {
    const char *address;
    bool special;
};

static const struct example examples[] = {
    {"0.0.0.0", true},
    {"0.255.255.255", true},
    {"1.0.0.0", false},
    {"9.255.255.255", false},
    {"10.0.0.0", true},
    {"10.255.255.255", true},
    {"11.0.0.0", false},
    {"100.63.255.255", false},
    {"100.64.0.0", true},
    {"100.127.255.255", true},
    {"100.128.0.0", false},
    {"126.255.255.255", false},
    {"127.0.0.1", true},
    {"127.255.255.255", true},
    {"128.0.0.0", false},
    {"169.253.255.255", false},
    {"169.254.169.254", true},
    {"169.255.0.0", false},
    {"172.15.255.255", false},
    {"172.16.0.0", true},
    {"172.31.255.255", true},
    {"172.32.0.0", false},
    {"192.0.0.1", true},
    {"192.0.1.0", false},
    {"192.0.2.1", true},
    {"192.88.99.1", true},
    {"192.167.255.255", false},
    {"192.168.0.1", true},
    {"192.169.0.0", false},
    {"198.17.255.255", false},
    {"198.18.0.0", true},
    {"198.19.255.255", true},
    {"198.20.0.0", false},
    {"198.51.100.7", true},
    {"203.0.113.7", true},
    {"223.255.255.255", false},
    {"224.0.0.1", true},
    {"239.255.255.255", true},
    {"240.0.0.1", true},
    {"255.255.255.255", true},
    {"8.8.8.8", false},
    {"::", true},
    {"::1", true},
    {"::127.0.0.1", true},
    {"::8.8.8.8", true},
    {"::ffff:127.0.0.1", true},
    {"::ffff:10.0.0.1", true},
    {"::ffff:8.8.8.8", false},
    {"64:ff9b::7f00:1", true},
    {"64:ff9b::a9fe:a9fe", true},
    {"64:ff9b::808:808", false},
    {"64:ff9b:1::808:808", true},
    {"100::1", true},
    {"2001:0:808:808::f7f7:f7f7", false},
    {"2001:0:7f00:1::f7f7:f7f7", true},
    {"2001:0:808:808::80ff:fffe", true},
    {"2001:2::1", true},
    {"2001:db8::1", true},
    {"2001:4860:4860::8888", false},
    {"2002:808:808::1", false},
    {"2002:7f00:1::1", true},
    {"2002:c0a8:101::1", true},
    {"2606:4700::5efe:10.0.0.1", true},
    {"2606:4700::200:5efe:192.168.1.1", true},
    {"2606:4700::5efe:8.8.8.8", false},
    {"2606:4700::1111", false},
    {"3fff::1", true},
    {"5f00::1", true},
    {"fbff::1", false},
    {"fc00::1", true},
    {"fdff::1", true},
    {"fe00::1", false},
    {"fe80::1", true},
    {"febf::1", true},
    {"fec0::1", true},
    {"feff::1", true},
    {"ff02::1", true},
};

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        unsigned char bytes[16];
        int family = strchr(examples[i].address, ':') != NULL ? AF_INET6 : AF_INET;
        assert_int_equal(inet_pton(family, examples[i].address, bytes), 1);
        if (mz_address_is_special(family, bytes) != examples[i].special) {
            fail_msg("%s: expected %d", examples[i].address, examples[i].special);
        }
    }
}

static void test_other_families(void **state)
{
    static const unsigned char bytes[16] = {8, 8, 8, 8};
    (void)state;
    assert_true(mz_address_is_special(AF_UNSPEC, bytes));
    assert_true(mz_address_is_special(AF_UNIX, bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_other_families),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
