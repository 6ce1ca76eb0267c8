/* Feeds come from strangers: any bytes, in any declared encoding, must give items whose
 * links are addresses of the web and whose dates are within the years of feeds. The
 * first byte chooses the declared encoding; in corpus files, which begin with '<' or
 * '{', none.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "feed_address.h"
#include "feed_parse.h"

static void require(int truth)
{
    if (!truth) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const charsets[] = {"utf-8", "windows-1256", "iso-8859-1",
                                           "utf-16", "x-nonsense"};
    struct feed feed;
    struct feed_input input = {.data = (const char *)data,
                               .size = size,
                               .url = "https://news.example/a/b.xml"};
    if (size > 0 && data[0] < 5) {
        input.charset = charsets[data[0]];
        input.data++;
        input.size--;
    }
    if (feed_parse(&input, &feed) != FEED_OK) {
        return 0;
    }
    require(feed.count <= FEED_ITEMS_MOST && feed.count <= feed.total);
    for (size_t i = 0; i < feed.count; i++) {
        const struct feed_item *item = &feed.items[i];
        require(item->link == NULL || feed_address_is_web(item->link));
        require(item->link == NULL || strlen(item->link) <= FEED_ADDRESS_MOST);
        require(!item->has_published || item->published >= INT64_C(631152000000));
    }
    feed_finish(&feed);
    return 0;
}
