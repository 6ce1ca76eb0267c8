/* Whether a host's name is one at all. libcurl says only that it could not resolve it;
 * here the resolver is asked once more, on a thread of its own, since it may take long,
 * and its answer tells "there is none" from "nobody answers now". */
#ifndef MIZAN_NET_NAME_H
#define MIZAN_NET_NAME_H

struct mz_name_check;

enum mz_name_answer {
    MZ_NAME_WAITING,
    MZ_NAME_ABSENT, /* the name servers say that there is no such name or address */
    MZ_NAME_UNKNOWN /* they do not answer, or it is there after all */
};

/* NULL when it cannot be asked. */
struct mz_name_check *mz_name_check_begin(const char *host);
enum mz_name_answer mz_name_check_look(struct mz_name_check *check);
/* At any time; NULL is fine. */
void mz_name_check_end(struct mz_name_check *check);

#endif
