/* What is told of more than one command: `mizan help TOPIC`, and sections of mizan(1).
 */
#ifndef MIZAN_CLI_TOPICS_H
#define MIZAN_CLI_TOPICS_H

struct mz_topic {
    const char *name, *title; /* title: of the section in the manual, in capitals */
    const char *summary;      /* one line */
    /* Paragraphs, a blank line between them; lines that begin with two spaces stand as
     * they are. */
    const char *text;
};

/* Ended by a row without name. */
extern const struct mz_topic mz_topics[];

#endif
