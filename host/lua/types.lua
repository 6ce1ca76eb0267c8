---@meta mizan
-- What `require "mizan"` gives, for editors. Printed by `mizan describe --types`.

---@alias mizan.stage userdata
---@alias mizan.outcome userdata
---@alias mizan.time integer milliseconds since 1970-01-01T00:00:00Z
---@alias mizan.scalar string|number|boolean|mizan.decimal|nil

---@class mizan.decimal
---@operator add(mizan.decimal|integer): mizan.decimal
---@operator sub(mizan.decimal|integer): mizan.decimal
---@operator mul(mizan.decimal|integer): mizan.decimal
---@operator idiv(mizan.decimal|integer): mizan.decimal
---@operator mod(mizan.decimal|integer): mizan.decimal
---@operator pow(integer): mizan.decimal
---@operator unm: mizan.decimal
---@field eq fun(self: mizan.decimal, other: mizan.decimal|integer): boolean
---@field key fun(self: mizan.decimal): string canonical text, for table keys
---@field div fun(self: mizan.decimal, other: mizan.decimal|integer, digits?: integer): mizan.decimal
---@field round fun(self: mizan.decimal, places?: integer, mode?: "half_even"|"half_up"|"half_down"|"up"|"down"|"ceiling"|"floor"): mizan.decimal
---@field abs fun(self: mizan.decimal): mizan.decimal
---@field sign fun(self: mizan.decimal): integer
---@field format fun(self: mizan.decimal, form?: { places?: integer, mark?: string, group?: string }): string
---@field number fun(self: mizan.decimal): number the nearest float
---@field integer fun(self: mizan.decimal): integer?

---@class mizan.record
---@field copy fun(self: mizan.record): mizan.record
---@field totable fun(self: mizan.record): table
---@field [string] any

---@class mizan.zone
---@field text fun(self: mizan.zone, time: mizan.time): string
---@field parts fun(self: mizan.zone, time: mizan.time): table<string, integer>
---@field time fun(self: mizan.zone, clock: { year: integer, month?: integer, day?: integer, hour?: integer, minute?: integer, second?: integer }): mizan.time

---@class mizan.answer
---@field status integer
---@field url string
---@field final_url string
---@field body string
---@field headers table<string, string>
---@field unchanged boolean
---@field media_type? string
---@field charset? string
---@field etag? string
---@field last_modified? string
---@field fetched_at mizan.time
---@field json? any of pages of JSON

---@class mizan.request
---@field headers? table<string, string|userdata>
---@field params? table<string, mizan.scalar>
---@field auth? userdata
---@field conditional? boolean
---@field maximum? integer
---@field json? any
---@field form? table<string, mizan.scalar>

---@class mizan.http
---@field get fun(self: mizan.http, url: string, options?: mizan.request): mizan.answer
---@field post fun(self: mizan.http, url: string, body?: string|mizan.request, options?: mizan.request): mizan.answer
---@field pages fun(self: mizan.http, url: string, options?: mizan.request|{ next?: string, most?: integer }): fun(): mizan.answer?

---@class mizan.context
---@field doc mizan.record?
---@field source mizan.record
---@field run { id: string, tick: string|false, from: string|false, to: string|false, trigger: string, attempt: integer }
---@field params table<string, any>
---@field log { debug: function, info: function, warning: function, error: function }
---@field state { get: fun(self, key: string): string?, set: fun(self, key: string, value: mizan.scalar) }

---@class mizan.source_context: mizan.context
---@field http mizan.http
---@field emit fun(self: mizan.source_context, document: table|mizan.record)

---@class mizan
---@field version string
local mizan = {}

---@param pipeline mizan.pipeline
---@return mizan.stage
function mizan.pipeline(pipeline) end
---@param stages (mizan.stage|false)[]
---@return mizan.stage
function mizan.chain(stages) end
---@param arms (mizan.stage|false)[]
---@return mizan.stage
function mizan.merge(arms) end
---@param branch { by: string|fun(rec: mizan.record, ctx: mizan.context): string?, name?: string, [string]: mizan.stage|false }
---@return mizan.stage
function mizan.branch(branch) end
---@param type string
---@param name string
---@param fn fun(rec: mizan.record, ctx: mizan.context): mizan.record|mizan.record[]|mizan.outcome
---@return mizan.stage
---@overload fun(type: string, fn: fun(rec: mizan.record, ctx: mizan.context): mizan.record|mizan.record[]|mizan.outcome): mizan.stage
function mizan.each(type, name, fn) end
---@param batch { type?: string, name?: string, size?: integer, fields?: string[], writes?: string[], run: fun(rows: table, ctx: mizan.context): table }
---@return mizan.stage
function mizan.batch(batch) end
---@param source fun(ctx: mizan.source_context)|{ name?: string, sources?: table[], fetch: fun(ctx: mizan.source_context) }
---@return mizan.stage
---@overload fun(name: string, fn: fun(ctx: mizan.source_context)): mizan.stage
function mizan.source(source) end
---@param file string
---@return table<string, string>[]
function mizan.csv(file) end
---@param param { name: string, type?: "text"|"integer"|"decimal"|"boolean"|"url"|"duration"|"size"|"time", default?: any, help?: string }
---@return any
function mizan.param(param) end
---@param reason string
---@return mizan.outcome
function mizan.drop(reason) end
---@param reason string
---@return mizan.outcome
function mizan.reject(reason) end
---@param value string|integer
---@return mizan.decimal
function mizan.decimal(value) end
---@param type string
---@param fields? table<string, any>
---@return mizan.record
function mizan.record(type, fields) end
---@param value any
---@return string
function mizan.type(value) end
---@param text string
---@return mizan.time
function mizan.time(text) end
---@param time mizan.time
---@return string
function mizan.iso(time) end
---@return mizan.time
function mizan.now() end
---@param name string
---@return mizan.zone
function mizan.zone(name) end
---@param name string|{ name: string, host?: string|string[] }
---@return userdata
function mizan.secret(name) end

mizan.auth = {
    ---@type fun(secret: userdata): userdata
    bearer = nil,
    ---@type fun(user: string, secret: userdata): userdata
    basic = nil,
    ---@type fun(options: { url: string, client: string, secret: userdata, scope?: string, host?: string|string[] }): userdata
    oauth2 = nil,
}
mizan.json = {
    ---@type fun(text: string): any
    parse = nil,
    ---@type fun(value: any): string
    text = nil,
    ---@type fun(value: any, pointer: string): any
    at = nil,
}
mizan.url = {
    ---@type fun(text: string): table<string, any>?
    parse = nil,
    ---@type fun(base: string, reference: string): string
    resolve = nil,
    ---@type fun(text: string): string
    escape = nil,
    ---@type fun(text: string): string
    unescape = nil,
    ---@type fun(text: string): table<string, string>
    query = nil,
}
mizan.fetch, mizan.extract, mizan.store = {}, {}, {}
