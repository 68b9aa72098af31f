-- What modules can reach, how long they may run, and how the host calls them.

local room, host, limits = ...

local raw_type, rawget, error, pcall, select, next = type, rawget, error, pcall, select, next
local setmetatable, raw_load, collect = setmetatable, load, collectgarbage
local format, gsub, unpack, rep = string.format, string.gsub, table.unpack, string.rep
local sethook = debug.sethook
local create, resume, status = coroutine.create, coroutine.resume, coroutine.status
local clock, date, difftime, time = os.clock, os.date, os.difftime, os.time
local environment = _G
local DATA, data_of = room.DATA, room.data_of

room.environment = environment

-- Limits. Every so many instructions a hook counts; when all are used up, every further instruction fails, so that
-- no protected call of the module can go on.

local SLICE <const> = 1000
local MOST_RESERVED <const> = 1 << 24
local left = 0

local function hook()
  left = left - 1
  if left <= 0 then
    sethook(hook, "", 1)
    error(limits.message, 0)
  end
end

function room.refill()
  left = limits.slices
end

-- Count a call of the host as work.
function room.charge()
  left = left - 1
end

-- Refuse a list or bytes that would grow by too much at once.
function room.reserve(count)
  if count > MOST_RESERVED then
    error("not enough memory", 0)
  end
end

-- Functions that modules see in place of Lua's own.

function type(...)
  if select("#", ...) == 0 then
    error("bad argument #1 to 'type' (value expected)", 2)
  end
  local value = ...
  if raw_type(value) == "table" and rawget(value, DATA) ~= nil then
    return "userdata"
  end
  return raw_type(value)
end

function environment.next(...)
  if data_of((...)) ~= nil then
    room.bad_argument(1, "next", "table", (...), 2)
  end
  return next(...)
end

function environment.setmetatable(...)
  local value, meta = ...
  if data_of(value) ~= nil then
    room.bad_argument(1, "setmetatable", "table", value, 2)
  end
  if raw_type(meta) == "table" and rawget(meta, "__gc") ~= nil then
    error("finalizers are not allowed", 2)
  end
  return setmetatable(...)
end

for _, name in next, { "rawset", "rawget", "rawlen" } do
  local raw = environment[name]
  environment[name] = function(...)
    if data_of((...)) ~= nil then
      room.bad_argument(1, name, "table", (...), 2)
    end
    return raw(...)
  end
end

function environment.load(chunk, name, mode, ...)
  if select("#", ...) > 0 then
    return raw_load(chunk, name, "t", ...)
  end
  return raw_load(chunk, name, "t")
end

function environment.collectgarbage(option)
  return option == "count" and collect("count") or 0
end

function string.rep(text, count, separator)
  if text == "" and (separator == nil or separator == "") then
    return ""
  end
  local is_good, result = pcall(rep, text, count, separator)
  if not is_good then
    error(raw_type(result) == "string" and gsub(result, "'%?'", "'rep'", 1) or result, 2)
  end
  return result
end
string.dump = nil

-- Lua's own would call the handler from inside the hook, where nothing counts any more.
local function handled(handler, is_good, ...)
  if is_good then
    return true, ...
  end
  return false, select(2, pcall(handler, ...))
end

function xpcall(body, handler, ...)
  return handled(handler, pcall(body, ...))
end

local function hooked(body)
  local thread = create(body)
  sethook(thread, hook, "", SLICE)
  return thread
end

coroutine.create = hooked

function coroutine.wrap(body)
  local thread = hooked(body)
  local function pass_on(is_alive, ...)
    if not is_alive then
      error((...), 0)
    end
    return ...
  end
  return function(...)
    return pass_on(resume(thread, ...))
  end
end

os = { clock = clock, date = date, difftime = difftime, time = time }
io, debug, dofile, loadfile, python = nil, nil, nil, nil, nil

for name, value in next, room.globals do
  environment[name] = value
end

local loaded = {
  _G = environment, coroutine = coroutine, math = math, os = os, string = string, table = table, utf8 = utf8,
}
package = { loaded = loaded, path = "", cpath = "" }

-- Load a module by name once, as `require` does.
function require(name)
  name = format("%s", name)
  local value = loaded[name]
  if value ~= nil then
    return value
  end
  local source, path = host.source(name)
  if source == nil then
    error(format("module '%s' not found", name), 2)
  end
  local chunk, problem = raw_load(source, "@" .. path, "t")
  if chunk == nil then
    error(format("error loading module '%s' from file '%s':\n\t%s", name, path, problem), 2)
  end
  loaded[name] = true
  value = chunk(name, path)
  if value ~= nil then
    loaded[name] = value
  end
  return loaded[name]
end

-- What the host calls.

local calls = {}

local function limited(...)
  room.refill()
  sethook(hook, "", SLICE)
  return ...
end

local function finish(...)
  sethook()
  return ...
end

-- Load the module; whether it could be, and else why not.
function calls.load(name)
  return finish(pcall(limited(require), name))
end

-- Compile and run a text, as servers do to see whether a module is good. The kind of error and its message, if any.
function calls.check(source, name)
  local chunk, problem = raw_load(source, name, "t")
  if chunk == nil then
    return 1, problem
  end
  local is_good, thrown = finish(pcall(limited(chunk)))
  if not is_good then
    return 2, raw_type(thrown) == "string" and thrown or "(Null error message returned by lua)"
  end
  return 0, ""
end

local function result_of(is_success, ...)
  sethook()
  local value = ...
  if is_success or raw_type(value) == "string" then
    return is_success, room.to_particle(value)
  end
  return false, 0, ""
end

-- Call a function on a record. Whether it succeeded, and particle type and content of what it returned or threw.
function calls.apply(name, source, packed)
  local body = environment[name]
  if body == nil then
    return false, 3, "function not found"
  end
  local arguments = room.arguments(packed)
  return result_of(pcall(limited(body), room.new_record(source), unpack(arguments, 1, arguments.n)))
end

local stream_thread

-- Begin to run a function over a stream.
function calls.begin_stream(name, scope, packed)
  room.read_input = scope == 1 and function(source)
    return source ~= nil and room.new_record(source) or nil
  end or room.from_particle
  stream_thread = hooked(room.run_stream)
  room.refill()
  return calls.continue_stream(name, scope, room.arguments(packed))
end

local function told(is_alive, what, kind, content)
  if not is_alive then
    return 3, 3, raw_type(what) == "string" and what or ""
  elseif status(stream_thread) == "dead" then
    return 0, 0, ""
  end
  return what, kind, content
end

-- Go on with what was asked for. 0: it has ended; 1: it asks for a value; 2: it gives one; 3: it failed.
function calls.continue_stream(...)
  return told(resume(stream_thread, ...))
end

-- Stop counting, after a function has used up what it may.
calls.release = sethook

return calls
