#include <inttypes.h>
#include <stdio.h>

#include "net/transfer.h"

#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)

static void size_text(uint64_t size, char *out, size_t room)
{
    if (size >= MIB && size % MIB == 0) {
        (void)snprintf(out, room, "%" PRIu64 " MiB", size / MIB);
    } else if (size >= KIB && size % KIB == 0) {
        (void)snprintf(out, room, "%" PRIu64 " KiB", size / KIB);
    } else {
        (void)snprintf(out, room, "%" PRIu64 " bytes", size);
    }
}

enum mz_code mz_outcome_of_body(const struct mz_transfer *transfer,
                                struct mz_error *error)
{
    const char *label = transfer->now.label;
    char size[32], encoding[64];
    if (transfer->exchange.headers_late) {
        return mz_fail(error, MZ_DEADLINE, "%s: no complete headers within %d seconds",
                       label, (int)(transfer->settings->header_timeout / 1000));
    }
    if (transfer->answer.over) {
        return mz_fail(error, MZ_LIMIT, "%s: headers over %d lines or %zu KiB", label,
                       MZ_HEADERS_MOST, MZ_HEADER_BYTES_MOST / 1024);
    }
    mz_body_encoding(&transfer->body, encoding, sizeof encoding);
    switch (transfer->body.end) {
    case MZ_BODY_OVER:
        size_text(transfer->body.limit, size, sizeof size);
        return mz_fail(error, MZ_LIMIT, "%s: body over %s", label, size);
    case MZ_BODY_BOMB:
        return mz_fail(error, MZ_LIMIT,
                       "%s: the body unpacks to more than 200 times what was sent",
                       label);
    case MZ_BODY_MEMORY:
        return mz_fail(error, MZ_MEMORY, "%s: not enough memory for the body", label);
    case MZ_BODY_UNKNOWN:
        return mz_fail(error, MZ_UNREACHABLE,
                       "%s: the Content-Encoding \"%s\" was not asked for (%s)", label,
                       encoding, MZ_CODINGS);
    case MZ_BODY_GARBLED:
        return mz_fail(error, MZ_UNREACHABLE,
                       "%s: the body is not in its Content-Encoding \"%s\"", label,
                       encoding);
    case MZ_BODY_CUT:
        return mz_fail(error, MZ_UNREACHABLE,
                       "%s: the body was cut short: its Content-Encoding \"%s\" does "
                       "not come to an end",
                       label, encoding);
    case MZ_BODY_WHOLE:
        break;
    }
    return MZ_OK;
}

enum mz_code mz_outcome_of_transfer(const struct mz_transfer *transfer, CURLcode result,
                                    struct mz_error *error)
{
    const char *label = transfer->now.label;
    const char *reason = transfer->reason[0] != '\0'
                             ? transfer->reason
                             : transfer->curl.easy_strerror(result);
    enum mz_code code = mz_outcome_of_body(transfer, error);
    if (code != MZ_OK) {
        return code;
    }
    if (transfer->guard.refused) {
        code = mz_fail(error, MZ_NOT_PERMITTED, "%s: private address %s", label,
                       transfer->guard.address);
        mz_error_help(error, "name %s:%d in the pipeline's `private` list to allow it",
                      transfer->now.host, transfer->now.port);
        return code;
    }
    if (result == CURLE_OPERATION_TIMEDOUT) {
        curl_off_t connected = 0;
        (void)transfer->curl.easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T,
                                          &connected);
        return mz_fail(error, connected > 0 ? MZ_DEADLINE : MZ_UNREACHABLE, "%s: %s",
                       label, reason);
    }
    if (transfer->absent) {
        return mz_fail(error, MZ_NOT_FOUND, MZ_NO_SUCH_HOST, label, transfer->now.host);
    }
    if (result == CURLE_COULDNT_RESOLVE_HOST) {
        return mz_fail(error, MZ_UNREACHABLE, "%s: no name server answers for %s",
                       label, transfer->now.host);
    }
    if (result == CURLE_OUT_OF_MEMORY) {
        /* Also what libcurl says of a single header line over 100 KiB. */
        return transfer->answer.complete || transfer->answer.count == 0
                   ? mz_fail(error, MZ_MEMORY, "%s: not enough memory", label)
                   : mz_fail(error, MZ_LIMIT, "%s: a header is too long", label);
    }
    if (result == CURLE_URL_MALFORMAT) {
        return mz_fail(error, MZ_USAGE, "%s: %s", label, reason);
    }
    return mz_fail(error, MZ_UNREACHABLE, "%s: %s", label, reason);
}

bool mz_outcome_is_lasting(CURLcode result)
{
    return result == CURLE_PEER_FAILED_VERIFICATION ||
           result == CURLE_SSL_ISSUER_ERROR || result == CURLE_SSL_CERTPROBLEM ||
           result == CURLE_SSL_CACERT_BADFILE || result == CURLE_UNSUPPORTED_PROTOCOL ||
           result == CURLE_URL_MALFORMAT || result == CURLE_BAD_CONTENT_ENCODING ||
           result == CURLE_WEIRD_SERVER_REPLY || result == CURLE_WRITE_ERROR;
}

bool mz_status_is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 ||
           status == 308;
}

enum mz_code mz_status_outcome(const char *label, int status, bool conditional,
                               struct mz_error *error)
{
    if (status == 206) {
        return mz_fail(error, MZ_UNREACHABLE,
                       "%s: status 206, a part of the document that nobody asked for",
                       label);
    }
    if (status >= 200 && status < 300) {
        return MZ_OK;
    }
    if (status == 304) {
        return conditional
                   ? MZ_OK
                   : mz_fail(error, MZ_UNREACHABLE,
                             "%s: status 304, though no validator was sent", label);
    }
    if (status == 429 || status == 503) {
        return mz_fail(error, MZ_TRY_AGAIN, "%s: status %d", label, status);
    }
    if (status == 408 || status == 425 || status < 300 || status >= 500) {
        return mz_fail(error, MZ_UNREACHABLE, "%s: status %d", label, status);
    }
    return mz_fail(error, MZ_NOT_FOUND, "%s: status %d", label, status);
}

enum mz_code mz_outcome_of_status(const struct mz_transfer *transfer,
                                  struct mz_error *error)
{
    return mz_status_outcome(transfer->now.label, transfer->answer.status,
                             transfer->exchange.validators != NULL, error);
}
