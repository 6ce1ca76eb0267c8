-- What `require "mizan"` gives. Runs once in every state, before any script, with the
-- host's functions. They are called as they are, without a Lua function around them: a
-- script's `return mizan.reject "…"` is a tail call, which would hide the script's line.
local native = ...

return {
    version = native.version,

    -- what a pipeline is made of
    pipeline = native.pipeline,
    chain = native.chain,
    each = native.each,
    batch = native.batch,
    branch = native.branch,
    merge = native.merge,
    source = native.source,
    csv = native.csv,
    param = native.param,
    fetch = native.plugins "fetch",
    extract = native.plugins "extract",
    store = native.plugins "store",

    -- what a stage answers
    drop = native.drop,
    reject = native.reject,

    -- values
    decimal = native.decimal,
    record = native.record,
    type = native.type,
    time = native.time,
    iso = native.iso,
    now = native.now,
    zone = native.zone,
    json = native.json,
    url = native.url,

    -- what a request may carry
    secret = native.secret,
    auth = native.auth,
}
