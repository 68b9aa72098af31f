-- Records, the database and the log, as functions see them.

local room, host = ...

local raw_type, setmetatable, error, next = type, setmetatable, error, next
local format, tostring, select, concat = string.format, tostring, select, table.concat
local get_info = debug.getinfo

local DATA, NIL, check, data_of = room.DATA, room.NIL, room.check, room.data_of
local LONGEST_NAME <const> = 15
local MOST_UPDATES <const>, MOST_BINS <const> = 1024, 512
local TOO_MANY_BINS <const> = 21

local Record

-- A record; what it is asked for, the host answers.
function room.new_record(source)
  return setmetatable({
    [DATA] = { class = "Record", source = source, values = {}, names = {}, dirty = {}, bins = 0, is_full = false },
  }, Record)
end

local function forget(data)
  data.values, data.names, data.dirty, data.bins, data.is_full = {}, {}, {}, 0, false
end

-- Remember the value of a bin; NIL stands for one that was taken away.
local function remember(data, name, value, is_dirty)
  if data.is_full then
    return
  end
  local old = data.values[name]
  if old == nil and #data.names >= MOST_UPDATES or (old == nil and value ~= NIL and data.bins >= MOST_BINS) then
    data.is_full = true
    return
  end
  if old == nil then
    data.names[#data.names + 1] = name
  elseif old ~= NIL then
    data.bins = data.bins - 1
  end
  if value ~= NIL then
    data.bins = data.bins + 1
  end
  data.values[name], data.dirty[name] = value, is_dirty
end

local function bin_name(name, caller)
  local kind = raw_type(name)
  if kind == "number" then
    return format("%s", name)
  elseif kind ~= "string" and name ~= nil then
    room.bad_argument(2, caller, "string", name)
  end
  return name
end

Record = room.new_class("Record", {
  __index = function(record, name)
    local data = check(record, 1, "index", "Record")
    name = bin_name(name, "index")
    if name == nil or #name > LONGEST_NAME then
      return nil
    end
    local value = data.values[name]
    if value == nil then
      room.charge()
      value = room.from_particle(host.bin(data.source, name))
      if value == nil then
        return nil
      end
      remember(data, name, value, false)
    elseif value == NIL then
      return nil
    end
    return value
  end,
  __newindex = function(record, name, value)
    local data = check(record, 1, "newindex", "Record")
    name = bin_name(name, "newindex")
    if name == nil then
      return
    end
    local box = data_of(value)
    if not room.is_storable(value) and not (box ~= nil and box.class == "Record") then
      error(format("can't set bin %s to unsupported type", name), 2)
    end
    if #name > LONGEST_NAME then
      return
    end
    if value == nil then
      value = NIL
    end
    remember(data, name, value, true)
  end,
})

local record = {}

local function define_metadata(name)
  record[name] = function(value)
    room.charge()
    return host.metadata(check(value, 1, name, "Record").source, name)
  end
end

for _, name in next, { "ttl", "gen", "size", "memory_size", "device_size", "last_update_time", "numbins", "setname" } do
  define_metadata(name)
end

function record.key(value)
  return room.from_particle(host.key(check(value, 1, "key", "Record").source))
end

function record.digest(value)
  return room.new_bytes(host.metadata(check(value, 1, "digest", "Record").source, "digest"))
end

function record.set_ttl(value, ttl)
  local data = check(value, 1, "set_ttl", "Record")
  host.set_ttl(data.source, room.optional_integer(ttl, 0, 2, "set_ttl") & 0xffffffff)
end

function record.drop_key(value)
  host.drop_key(check(value, 1, "drop_key", "Record").source)
end

function record.bin_names(value)
  local names = {}
  local count = host.count_names(check(value, 1, "bin_names", "Record").source)
  if count < 0 then
    error("can't get bin names", 2)
  end
  for at = 1, count do
    names[at] = host.name_at(data_of(value).source, at)
  end
  return names
end

-- Hand all changed bins to the host; 0, or -1 if they can't be stored, or 1 if nothing can be changed here.
local function execute(data)
  local source = data.source
  if not host.begin(source) then
    return 1
  end
  if data.is_full then
    host.fail(source, TOO_MANY_BINS)
    forget(data)
    return -1
  end
  local names, values, dirty = data.names, data.values, data.dirty
  local at = 1
  while at <= #names do
    local name = names[at]
    if dirty[name] then
      local value = values[name]
      room.charge()
      if value == NIL then
        host.remove_bin(source, name)
        values[name], dirty[name] = nil, nil
        names[at] = names[#names]
        names[#names] = nil
        at = at - 1
      elseif not host.set_bin(source, name, room.to_particle(value)) then
        forget(data)
        return -1
      else
        dirty[name] = false
      end
    end
    at = at + 1
  end
  host.finish(source)
  return 0
end

local Aerospike = {}

local function data_of_record(database, value, name)
  local self = data_of(database)
  if self == nil or self.class ~= "Aerospike" then
    room.bad_argument(1, name, "Aerospike", database)
  end
  local data = data_of(value)
  if data == nil or data.class ~= "Record" then
    room.bad_argument(1, name, "Record", value)
  end
  return data
end

function Aerospike.create(self, value)
  local data = data_of_record(self, value, "create")
  local result = host.open_new(data.source)
  if result ~= 0 then
    return result
  end
  return execute(data)
end

function Aerospike.update(self, value)
  local data = data_of_record(self, value, "update")
  if not host.is_open(data.source) then
    return -2
  end
  return execute(data)
end

function Aerospike.exists(self, value)
  return host.exists(data_of_record(self, value, "exists").source)
end

function Aerospike.remove(self, value)
  local data = data_of_record(self, value, "remove")
  local source = data.source
  if not host.is_open(source) then
    return 1
  end
  forget(data)
  for at = 1, host.count_names(source) do
    remember(data, host.name_at(source, at), NIL, true)
  end
  return execute(data)
end

-- Hand a line to the log; where is told of the function that called for it.
local function write_log(level, text, where)
  room.charge()
  host.log(level, where and where.short_src or "?", where and where.currentline or 0, text)
end

function Aerospike.log(_, level, text)
  write_log(room.optional_integer(level, 0, 2, "log"), tostring(text), get_info(2, "Sl"))
end

function Aerospike.get_current_time()
  room.charge()
  return host.now()
end

function Aerospike.set_context()
  return 0
end

function Aerospike.get_config()
  return 0
end

local aerospike = setmetatable({ [DATA] = { class = "Aerospike" } }, room.new_class("Aerospike", { __index = Aerospike }))

local globals = room.globals
globals.record, globals.aerospike, globals.Aerospike = record, aerospike, Aerospike

for level, name in next, { "warn", "info", "debug", "trace" } do
  globals[name] = function(text, ...)
    write_log(level, format(text, ...), get_info(2, "Sl"))
  end
end

function globals.print(...)
  local texts = {}
  for at = 1, select("#", ...) do
    texts[at] = tostring((select(at, ...)))
  end
  write_log(2, concat(texts, "\t"), get_info(2, "Sl"))
end
