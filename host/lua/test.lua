-- What `require "mizan.test"` gives, in files that `mizan test` runs. `native` are the
-- host's functions; a failed check is raised by native.fail, which finds the line of the
-- test file by itself.
local native, mizan = ...

local t = {}

-- ---- comparing ----

-- A list or map in one line, for messages.
local function show(value, depth)
    depth = depth or 0
    if type(value) == "string" then
        return string.format("%q", #value > 80 and value:sub(1, 77) .. "..." or value)
    elseif type(value) ~= "table" then
        return tostring(value)
    elseif depth == 3 then
        return "{…}"
    end
    local parts, names = {}, {}
    for i = 1, #value do
        parts[#parts + 1] = show(value[i], depth + 1)
    end
    for name in pairs(value) do
        if type(name) == "string" then
            names[#names + 1] = name
        end
    end
    table.sort(names)
    for _, name in ipairs(names) do
        parts[#parts + 1] = name .. " = " .. show(value[name], depth + 1)
    end
    return "{ " .. table.concat(parts, ", ") .. " }"
end

-- Numbers are compared exactly: a decimal equals the integer or text of its value.
local function same(want, got)
    if want == got then
        return true
    elseif mizan.type(got) == "decimal" or mizan.type(want) == "decimal" then
        return native.decimal_equal(want, got)
    elseif type(want) ~= "table" or type(got) ~= "table" then
        return false
    end
    for name, value in pairs(want) do
        if not same(value, got[name]) then
            return false
        end
    end
    for name in pairs(got) do
        if want[name] == nil then
            return false
        end
    end
    return true
end

-- True when `got` has all that `want` has; a function in `want` is asked.
local function fits(want, got)
    if type(want) == "function" then
        return want(got) and true or false
    elseif type(want) ~= "table" or type(got) ~= "table" then
        return same(want, got)
    end
    for name, value in pairs(want) do
        if not fits(value, got[name]) then
            return false
        end
    end
    return true
end

-- The record that has most of the wanted fields, and those that it has otherwise.
local function nearest(records, want)
    local best, most, missing = nil, 0, nil
    for _, record in ipairs(records) do
        local count, others = 0, {}
        for name, value in pairs(want) do
            if fits(value, record[name]) then
                count = count + 1
            else
                others[#others + 1] = name .. " = " .. show(record[name])
            end
        end
        if count > most then
            table.sort(others)
            best, most, missing = record, count, table.concat(others, ", ")
        end
    end
    return best, missing
end

-- ---- checks ----

local function note_text(note)
    return note and note .. ": " or ""
end

-- t.ok(value [, note]): the value is true.
function t.ok(value, note)
    if not value then
        native.fail(note_text(note) .. "got " .. show(value))
    end
end

-- t.eq(got, want [, note]): both are the same, tables by content, decimals by value.
function t.eq(got, want, note)
    if not same(want, got) then
        native.fail(note_text(note) .. "got " .. show(got) .. ", want " .. show(want))
    end
end

-- t.raises(text, fn, …): fn(…) raises an error whose message has the text.
function t.raises(text, body, ...)
    local good, message = pcall(body, ...)
    if good then
        native.fail("no error was raised, want one with " .. show(text))
    elseif not tostring(message):find(text, 1, true) then
        native.fail("the error is " .. show(tostring(message)) .. ", want " .. show(text))
    end
end

-- ---- results ----

local result = {}

local function want_of(record_type, want)
    if type(record_type) == "table" then
        return record_type
    end
    local copy = { record = record_type }
    for name, value in pairs(want or {}) do
        copy[name] = value
    end
    return copy
end

-- r:find([type,] fields): the records that have these fields, a list.
function result:find(record_type, fields)
    local want, found = want_of(record_type, fields), {}
    for _, record in ipairs(self.records) do
        if fits(want, record) then
            found[#found + 1] = record
        end
    end
    return found
end

-- r:has([type,] fields): a record has these fields; it is returned.
function result:has(record_type, fields)
    local found = self:find(record_type, fields)
    if #found == 0 then
        local want = want_of(record_type, fields)
        local best, differing = nearest(self.records, want)
        native.fail("none of " .. #self.records .. " records has " .. show(want)
            .. (best and "; the nearest has " .. differing or ""))
    end
    return found[1]
end

-- r:none([type,] fields): no record has them.
function result:none(record_type, fields)
    local found = self:find(record_type, fields)
    if #found > 0 then
        native.fail(#found .. " records have " .. show(want_of(record_type, fields))
            .. ", the first is " .. show(found[1]))
    end
end

-- r:count([type,] fields): how many have them.
function result:count(record_type, fields)
    return #self:find(record_type, fields)
end

-- r:rows(sql): rows of the run's database, a list of tables. Only of the last run.
function result:rows(sql)
    if self.turn ~= native.turn() then
        native.fail("r:rows reads the database of the last run, and another ran since")
    end
    return native.rows(sql)
end

-- r:golden(path [, records]): the records are those of the file, a JSON object a line;
-- `mizan test --update` writes it anew.
function result:golden(path, records)
    local difference = native.golden(path, records or self.records)
    if difference then
        native.fail(difference)
    end
end

-- ---- pipelines ----

local pipeline = {}

local function run(self, options, again)
    local r = native.run(self.file, options, again)
    r.turn = native.turn()
    r.options = options
    r.pipeline = self
    return setmetatable(r, { __index = result })
end

-- p:run(options): runs the pipeline on an empty database.
function pipeline:run(options)
    return run(self, options or {}, false)
end

-- p:again(r [, options]): runs it once more on the database of r, the last run, with the
-- options of r and what is given here.
function pipeline:again(before, options)
    if before.turn ~= native.turn() then
        native.fail("p:again goes on from the last run, and another ran since")
    end
    local merged = {}
    for name, value in pairs(before.options) do
        merged[name] = value
    end
    for name, value in pairs(options or {}) do
        merged[name] = value
    end
    return run(self, merged, true)
end

-- t.pipeline(file): a pipeline file, relative to the test file.
function t.pipeline(file)
    if type(file) ~= "string" then
        native.fail "t.pipeline wants the name of a pipeline file"
    end
    return setmetatable({ file = file }, { __index = pipeline })
end

-- t.case(name, fn): a case of this file.
t.case = native.case

return t
