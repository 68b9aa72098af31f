-- Streams: what a function asks for is written down first, then the part for the server or the client is run.

local room = ...

local raw_type, next, setmetatable, getmetatable, error = type, next, setmetatable, getmetatable, error
local unpack, pcall = table.unpack, pcall
local yield = coroutine.yield
local globals, data_of = room.globals, room.data_of
local list, map = globals.list, globals.map

local SERVER <const>, EITHER <const>, BOTH <const> = 1, 2, 3
local CLIENT <const> = 2
local MOST_IN_AGGREGATE <const> = 1000

local function copied(value)
  local data = data_of(value)
  if data ~= nil then
    if data.class == "Map" then
      return map.clone(value)
    elseif data.class == "List" then
      return list.clone(value)
    end
    return nil
  elseif raw_type(value) == "table" then
    local copy = {}
    for key, item in next, value do
      copy[key] = item
    end
    return copy
  end
  return value
end

local function filtered(source, is_wanted)
  return function()
    local value = source()
    while value ~= nil and not is_wanted(value) do
      value = source()
    end
    return value
  end
end

local function mapped(source, change)
  local is_done = false
  return function()
    local value
    if not is_done then
      value = source()
    end
    if value == nil then
      is_done = true
      return nil
    end
    return change(value)
  end
end

local function reduced(source, combine)
  local is_done = false
  return function()
    if is_done then
      return nil
    end
    is_done = true
    local result = source()
    if result == nil then
      return nil
    end
    local value = source()
    while value ~= nil do
      result = combine(result, value)
      value = source()
    end
    return result
  end
end

-- A number that has grown to a thousand is handed on, and aggregation begins anew: servers do so.
local function aggregated(source, initial, add)
  local is_done = false
  return function()
    if is_done then
      return nil
    end
    local result = copied(initial)
    local value = source()
    while value ~= nil do
      result = add(result, value)
      if raw_type(result) == "number" and result >= MOST_IN_AGGREGATE then
        return result
      end
      value = source()
    end
    is_done = true
    return result
  end
end

local Stream = {}
local stream_meta = { __index = Stream }

local function define(name, where, make)
  Stream[name] = function(stream, ...)
    stream.ops[#stream.ops + 1] = { where = where, make = make, arguments = { ... } }
    return stream
  end
end

define("filter", EITHER, filtered)
define("map", EITHER, mapped)
define("aggregate", SERVER, aggregated)
define("reduce", BOTH, reduced)

function Stream.groupby(stream, key_of)
  local function gather(groups, value)
    local key = key_of and key_of(value)
    local group = groups[key] or list()
    list.append(group, value)
    groups[key] = group
    return groups
  end
  local function join(left, right)
    return map.merge(left, right, list.merge)
  end
  return stream:aggregate(map(), gather):reduce(join)
end

-- The operations that are run on one side: on the server all up to the first reduction, on the client that one too
-- and all behind it.
local function chosen(ops, scope)
  local server, client = {}, {}
  local is_reduced = false
  for _, op in next, ops do
    if not is_reduced then
      server[#server + 1] = op
      is_reduced = op.where == BOTH
    end
    if is_reduced then
      client[#client + 1] = op
    end
  end
  return scope == CLIENT and client or server
end

local function read_values()
  local is_done = false
  return function()
    if is_done then
      return nil
    end
    room.refill()
    local value = room.read_input(yield(1))
    is_done = value == nil
    return value
  end
end

-- Run a function over a stream. Its input and output go through the yields of the coroutine that this is run in:
-- 1 asks for a value, 2 gives one.
function room.run_stream(name, scope, arguments)
  local make = room.environment[name]
  if make == nil then
    error("function not found", 0)
  end
  local stream = setmetatable({ ops = {} }, stream_meta)
  local is_made, result = pcall(make, stream, unpack(arguments, 1, arguments.n))
  if not is_made then
    error(result, 0)
  end
  if raw_type(result) ~= "table" or getmetatable(result) ~= stream_meta then
    error("the function did not return a stream", 0)
  end
  local values = read_values()
  for _, op in next, chosen(result.ops, scope) do
    values = op.make(values, unpack(op.arguments))
  end
  local value = values()
  while value ~= nil do
    yield(2, room.to_particle(value))
    value = values()
  end
end
