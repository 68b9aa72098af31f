-- The types that functions see: list, map, bytes, geojson and iterators.
--
-- A value of such a type is an empty table with a metatable. What it holds stands in it under a key that no module
-- can get hold of, so that it looks like the opaque object that it is on a server.

local room = ...

local raw_type, rawget, setmetatable, getmetatable = type, rawget, setmetatable, getmetatable
local error, select, next = error, select, next
local math_type, to_integer, to_number = math.type, math.tointeger, tonumber
local format, byte, char, concat, sort = string.format, string.byte, string.char, table.concat, table.sort
local string_pack, string_unpack, move, unpack = string.pack, string.unpack, table.move, table.unpack

local DATA, NIL = {}, {}
local BLOB <const> = 4
local MOST_BYTES <const> = 4294967295
room.DATA, room.NIL = DATA, NIL

local function data_of(value)
  return raw_type(value) == "table" and rawget(value, DATA) or nil
end
room.data_of = data_of

local function name_of_type(value)
  local meta = getmetatable(value)
  local name = raw_type(meta) == "table" and rawget(meta, "__name")
  return raw_type(name) == "string" and name or raw_type(value)
end

local function bad_argument(position, name, expected, value, level)
  local text = format("bad argument #%d to '%s' (%s expected, got %s)", position, name, expected, name_of_type(value))
  error(text, (level or 3) + 1)
end
room.bad_argument = bad_argument

-- The data of an argument that must be of a class; the error, if it is not, is told where the module calls.
local function check(value, position, name, class)
  local data = data_of(value)
  if data == nil then
    bad_argument(position, name, "userdata", value)
  elseif data.class ~= class then
    bad_argument(position, name, class, value)
  end
  return data
end
room.check = check

local function optional_integer(value, default, position, name)
  if value == nil then
    return default
  end
  local number = raw_type(value) == "string" and to_number(value) or value
  if raw_type(number) ~= "number" then
    bad_argument(position, name, "number", value)
  end
  local integer = to_integer(number)
  if integer == nil then
    error(format("bad argument #%d to '%s' (number has no integer representation)", position, name), 3)
  end
  return integer
end
room.optional_integer = optional_integer

local STORABLE = { List = true, Map = true, Bytes = true, GeoJSON = true }

-- Whether a list or map can hold a value. A list written down as a table is none.
local function is_storable(value)
  local kind = raw_type(value)
  if kind == "table" then
    local data = rawget(value, DATA)
    return data ~= nil and STORABLE[data.class] == true
  end
  return kind == "number" or kind == "string" or kind == "boolean" or kind == "nil"
end
room.is_storable = is_storable

local function new_class(name, meta)
  meta.__name = name
  meta.__pairs = function(value)
    bad_argument(1, "for iterator", "table", value)
  end
  return meta
end
room.new_class = new_class

local function new_object(meta, functions)
  return setmetatable(functions, meta)
end

-- Iterators ----------------------------------------------------------------------------------------------------

local Iterator = { }
local iterator_meta = new_class("Iterator", { __index = Iterator })

local function new_iterator(step, has_next)
  return setmetatable({ [DATA] = { class = "Iterator", step = step, has_next = has_next } }, iterator_meta)
end

function Iterator.next(iterator)
  return check(iterator, 1, "next", "Iterator").step()
end

function Iterator.has_next(iterator)
  return check(iterator, 1, "has_next", "Iterator").has_next()
end

local iterator = new_object({
  __call = function(_, it)
    return check(it, 1, "iterator", "Iterator").step()
  end,
}, { next = Iterator.next, has_next = Iterator.has_next })

-- Lists --------------------------------------------------------------------------------------------------------

local list = {}
local List

local function wrap_list(data)
  data.class = "List"
  return setmetatable({ [DATA] = data }, List)
end
room.wrap_list = wrap_list

local function put_at(data, index, value)
  data[index] = value
  if index > data.n then
    data.n = index
  end
end

local function insert_at(data, index, value)
  local n = data.n
  if index <= n then
    move(data, index, n, index + 1)
    data.n = n + 1
  else
    data.n = index
  end
  data[index] = value
end

List = new_class("List", {
  __index = function(value, index)
    local data = check(value, 1, "index", "List")
    if math_type(index) ~= "integer" then
      index = optional_integer(index, 0, 2, "index")
    end
    if index > 0 and index <= data.n then
      return data[index]
    end
    return nil
  end,
  __newindex = function(value, index, item)
    local data = check(value, 1, "newindex", "List")
    index = optional_integer(index, 0, 2, "newindex")
    if index > 0 and is_storable(item) then
      room.reserve(index - data.n)
      put_at(data, index, item)
    end
  end,
  __len = function(value)
    return check(value, 1, "len", "List").n
  end,
  __tostring = function(value)
    return room.text_of(value)
  end,
})

function list.create(capacity, step)
  capacity = optional_integer(capacity, -1, 1, "create")
  step = optional_integer(step, 10, 2, "create")
  if capacity < 0 or step < 0 then
    return
  end
  return wrap_list({ n = 0 })
end
list.new = list.create

function list.insert(value, index, item)
  local data = check(value, 1, "insert", "List")
  index = optional_integer(index, 0, 2, "insert")
  if index > 0 and is_storable(item) then
    room.reserve(index - data.n)
    insert_at(data, index, item)
  end
end

function list.append(value, item)
  local data = check(value, 1, "append", "List")
  if is_storable(item) then
    local n = data.n + 1
    data.n, data[n] = n, item
  end
end

function list.prepend(value, item)
  local data = check(value, 1, "prepend", "List")
  if is_storable(item) then
    insert_at(data, 1, item)
  end
end

function list.remove(value, index)
  local data = check(value, 1, "remove", "List")
  index = optional_integer(index, 0, 2, "remove")
  local n = data.n
  if index > 0 and index <= n then
    move(data, index + 1, n, index)
    data.n, data[n] = n - 1, nil
  end
end

function list.concat(value, other)
  local data = check(value, 1, "concat", "List")
  local more = check(other, 2, "concat", "List")
  local n, count = data.n, more.n
  move(more, 1, count, n + 1, data)
  data.n = n + count
end

function list.trim(value, index)
  local data = check(value, 1, "trim", "List")
  index = optional_integer(index, 0, 2, "trim")
  if index > 0 and index <= data.n then
    for at = index, data.n do
      data[at] = nil
    end
    data.n = index - 1
  end
end

local function part(data, first, last)
  return wrap_list(move(data, first, last, 1, { n = last >= first and last - first + 1 or 0 }))
end

function list.drop(value, count)
  local data = check(value, 1, "drop", "List")
  count = optional_integer(count, 0, 2, "drop")
  if count <= 0 then
    return nil
  end
  return part(data, count < data.n and count + 1 or data.n + 1, data.n)
end

function list.take(value, count)
  local data = check(value, 1, "take", "List")
  count = optional_integer(count, 0, 2, "take")
  if count <= 0 then
    return nil
  end
  return part(data, 1, count < data.n and count or data.n)
end

function list.size(value)
  return check(value, 1, "size", "List").n
end

function list.nbytes(value)
  check(value, 1, "nbytes", "List")
  return room.packed_size(value)
end

function list.tostring(value)
  check(value, 1, "tostring", "List")
  return room.text_of(value)
end

function list.iterator(value)
  local data = check(value, 1, "iterator", "List")
  local at = 0
  local function step()
    if at < data.n then
      at = at + 1
      return data[at]
    end
    return nil
  end
  return step, new_iterator(step, function()
    return at < data.n
  end)
end

function list.clone(value)
  local data = check(value, 1, "clone", "List")
  return part(data, 1, data.n)
end

function list.merge(value, other)
  local data = check(value, 1, "merge", "List")
  local more = check(other, 2, "merge", "List")
  local merged = move(data, 1, data.n, 1, { n = data.n + more.n })
  return wrap_list(move(more, 1, more.n, data.n + 1, merged))
end

new_object({
  __call = function(_, items, ...)
    local data = { n = 0 }
    if raw_type(items) == "table" and data_of(items) == nil and select("#", ...) == 0 then
      for key, item in next, items do
        if raw_type(key) == "number" then
          local n = data.n + 1
          data.n = n
          if is_storable(item) then
            data[n] = item
          end
        end
      end
    end
    return wrap_list(data)
  end,
}, list)

-- Maps: in order of their keys, which are integers, strings and blobs ------------------------------------------

local map = {}
local Map

local function wrap_map(data)
  data.class = "Map"
  return setmetatable({ [DATA] = data }, Map)
end

local function new_map(flags)
  return { n = 0, flags = flags or 0, plain = {}, blobs = {} }
end

-- Where a map keeps a key, and under what; nothing for what is no key.
local function place_of(data, key)
  local kind = math_type(key)
  if kind == "integer" or raw_type(key) == "string" then
    return data.plain, key
  end
  local box = data_of(key)
  if box ~= nil and box.class == "Bytes" and box.kind == BLOB then
    return data.blobs, room.content_of(box)
  end
  return nil, nil
end

local function map_get(data, key)
  local place, at = place_of(data, key)
  local value = place and place[at]
  if value == NIL then
    return nil
  end
  return value or (value == false and value or nil)
end

local function map_put(data, key, value)
  local place, at = place_of(data, key)
  if place == nil then
    return
  end
  if place[at] == nil then
    data.n = data.n + 1
    data.order = nil
  end
  if value == nil then
    value = NIL
  end
  place[at] = value
end

local function map_remove(data, key)
  local place, at = place_of(data, key)
  if place ~= nil and place[at] ~= nil then
    place[at] = nil
    data.n = data.n - 1
    data.order = nil
  end
end

local function sorted(place, kind)
  local keys = {}
  for key in next, place do
    if raw_type(key) == kind then
      keys[#keys + 1] = key
    end
  end
  sort(keys)
  return keys
end

-- All keys in the server's order: integers, strings, blobs.
local function keys_of(data)
  local order = data.order
  if order == nil then
    order = sorted(data.plain, "number")
    local strings = sorted(data.plain, "string")
    move(strings, 1, #strings, #order + 1, order)
    for _, content in next, sorted(data.blobs, "string") do
      order[#order + 1] = room.new_bytes(content)
    end
    data.order = order
  end
  return order
end

room.new_map, room.wrap_map, room.map_put, room.map_get, room.keys_of = new_map, wrap_map, map_put, map_get, keys_of

Map = new_class("Map", {
  __index = function(value, key)
    return map_get(check(value, 1, "index", "Map"), key)
  end,
  __newindex = function(value, key, item)
    local data = check(value, 1, "newindex", "Map")
    if is_storable(item) then
      map_put(data, key, item)
    elseif data_of(item) == nil then
      map_remove(data, key)
    end
  end,
  __len = function(value)
    return check(value, 1, "len", "Map").n
  end,
  __tostring = function(value)
    return room.text_of(value)
  end,
})

function map.create(...)
  local capacity = optional_integer((...), 0, 1, "create")
  if select("#", ...) ~= 1 or capacity < 1 then
    return
  end
  return wrap_map(new_map())
end
map.new = map.create

function map.remove(value, key)
  map_remove(check(value, 1, "remove", "Map"), key)
end

function map.size(value)
  return check(value, 1, "size", "Map").n
end

function map.nbytes(value)
  check(value, 1, "nbytes", "Map")
  return room.packed_size(value)
end

function map.tostring(value)
  check(value, 1, "tostring", "Map")
  return room.text_of(value)
end

local function iterate(data, give)
  local keys, at = keys_of(data), 0
  local function step()
    while at < #keys do
      at = at + 1
      local key = keys[at]
      local place, where = place_of(data, key)
      if place[where] ~= nil then
        return give(key, map_get(data, key))
      end
    end
    return nil
  end
  return step, new_iterator(step, function()
    return at < #keys
  end)
end

function map.pairs(value)
  return iterate(check(value, 1, "pairs", "Map"), function(key, item)
    return key, item
  end)
end
map.iterator = map.pairs

function map.keys(value)
  return iterate(check(value, 1, "keys", "Map"), function(key)
    return key
  end)
end

function map.values(value)
  return iterate(check(value, 1, "values", "Map"), function(_, item)
    return item
  end)
end

local function copy_items(from, to)
  for _, key in next, keys_of(from) do
    map_put(to, key, map_get(from, key))
  end
end

function map.clone(value)
  local copy = new_map()
  copy_items(check(value, 1, "clone", "Map"), copy)
  return wrap_map(copy)
end

function map.merge(value, other, combine)
  local left, right = check(value, 1, "merge", "Map"), check(other, 2, "merge", "Map")
  local merged = new_map()
  copy_items(left, merged)
  for _, key in next, keys_of(right) do
    local mine, theirs = map_get(left, key), map_get(right, key)
    if mine and raw_type(combine) == "function" then
      theirs = combine(mine, theirs) or theirs
    end
    if is_storable(theirs) then
      map_put(merged, key, theirs)
    end
  end
  return wrap_map(merged)
end

function map.diff(value, other)
  local left, right = check(value, 1, "diff", "Map"), check(other, 2, "diff", "Map")
  local difference = new_map()
  for _, key in next, keys_of(left) do
    if not map_get(right, key) then
      map_put(difference, key, map_get(left, key))
    end
  end
  for _, key in next, keys_of(right) do
    if not map_get(left, key) then
      map_put(difference, key, map_get(right, key))
    end
  end
  return wrap_map(difference)
end

new_object({
  __call = function(_, items)
    local data = new_map()
    if raw_type(items) == "table" and data_of(items) == nil then
      for key, item in next, items do
        if is_storable(item) then
          map_put(data, key, item)
        end
      end
    end
    return wrap_map(data)
  end,
}, map)

-- Bytes --------------------------------------------------------------------------------------------------------

local bytes = {}
local Bytes

local function wrap_bytes(data)
  data.class = "Bytes"
  return setmetatable({ [DATA] = data }, Bytes)
end

local CHUNK <const> = 4096

local function bytes_of(content, kind)
  local data = { n = #content, capacity = #content, kind = kind or BLOB }
  for first = 1, #content, CHUNK do
    local last = first + CHUNK - 1
    move({ byte(content, first, last) }, 1, CHUNK, first, data)
  end
  return data
end

local function content_between(data, first, last)
  if last - first < CHUNK then
    return char(unpack(data, first, last))
  end
  local parts = {}
  for at = first, last, CHUNK do
    parts[#parts + 1] = char(unpack(data, at, at + CHUNK - 1 < last and at + CHUNK - 1 or last))
  end
  return concat(parts)
end

function room.content_of(data)
  return content_between(data, 1, data.n)
end

function room.new_bytes(content, kind)
  return wrap_bytes(bytes_of(content, kind))
end

-- Write a string of bytes at an index; there is always room, since capacity grows.
local function write_at(data, index, content)
  local size = #content
  room.reserve(index + size - data.n)
  for at = data.n + 1, index - 1 do
    data[at] = 0
  end
  for first = 1, size, CHUNK do
    local part_of_it = { byte(content, first, first + CHUNK - 1) }
    move(part_of_it, 1, #part_of_it, index + first - 1, data)
  end
  local last = index + size - 1
  if last > data.n then
    data.n = last
  end
  if data.n > data.capacity then
    data.capacity = data.n
  end
  return true
end

local function is_index(index)
  return index >= 1 and index <= MOST_BYTES
end

function bytes.size(...)
  if select("#", ...) ~= 1 then
    return 0
  end
  return check((...), 1, "size", "Bytes").n
end

function bytes.set_size(...)
  if select("#", ...) ~= 2 then
    return false
  end
  local value, capacity = ...
  local data = check(value, 1, "set_size", "Bytes")
  capacity = optional_integer(capacity, 0, 2, "set_size")
  return capacity >= 0 and capacity <= data.capacity
end

function bytes.get_type(value)
  return check(value, 1, "get_type", "Bytes").kind
end

function bytes.set_type(...)
  if select("#", ...) ~= 2 then
    return false
  end
  local value, kind = ...
  local data = check(value, 1, "set_type", "Bytes")
  kind = optional_integer(kind, 0, 2, "set_type")
  if kind == 0 then
    return false
  end
  data.kind = kind
  return true
end

-- Functions for numbers of a size and byte order: get_<name>, set_<name>, append_<name>.
local function define_number(name, code, size, least, most)
  bytes["get_" .. name] = function(...)
    if select("#", ...) ~= 2 then
      return
    end
    local value, index = ...
    local data = check(value, 1, "get_" .. name, "Bytes")
    index = optional_integer(index, 0, 2, "get_" .. name)
    if not is_index(index) or index + size - 1 > data.n then
      return
    end
    return (string_unpack(code, content_between(data, index, index + size - 1)))
  end
  bytes["set_" .. name] = function(...)
    if select("#", ...) ~= 3 then
      return false
    end
    local value, index, number = ...
    local data = check(value, 1, "set_" .. name, "Bytes")
    index = optional_integer(index, 0, 2, "set_" .. name)
    number = optional_integer(number, 0, 3, "set_" .. name)
    if not is_index(index) or number < least or number > most then
      return false
    end
    return write_at(data, index, string_pack(code, number))
  end
  bytes["append_" .. name] = function(...)
    if select("#", ...) ~= 2 then
      return false
    end
    local value, number = ...
    local data = check(value, 1, "append_" .. name, "Bytes")
    number = optional_integer(number, 0, 2, "append_" .. name)
    if number < least or number > most then
      return false
    end
    return write_at(data, data.n + 1, string_pack(code, number))
  end
end

define_number("byte", "B", 1, 0, 255)
for size, name in next, { [2] = "int16", [4] = "int32", [8] = "int64" } do
  local most = math.maxinteger >> (64 - 8 * size)
  define_number(name, ">i" .. size, size, -most - 1, most)
  define_number(name .. "_be", ">i" .. size, size, -most - 1, most)
  define_number(name .. "_le", "<i" .. size, size, -most - 1, most)
end

local function var_int(number)
  number = number & 0xffffffff
  local parts = {}
  while number >= 0x80 do
    parts[#parts + 1] = char(number & 0x7f | 0x80)
    number = number >> 7
  end
  parts[#parts + 1] = char(number)
  return concat(parts)
end

local function fits_32(number)
  return number >= -2147483648 and number <= 2147483647
end

function bytes.append_var_int(...)
  if select("#", ...) ~= 2 then
    return 0
  end
  local value, number = ...
  local data = check(value, 1, "append_var_int", "Bytes")
  number = optional_integer(number, 0, 2, "append_var_int")
  if not fits_32(number) then
    return 0
  end
  local content = var_int(number)
  write_at(data, data.n + 1, content)
  return #content
end

function bytes.set_var_int(...)
  if select("#", ...) ~= 3 then
    return 0
  end
  local value, index, number = ...
  local data = check(value, 1, "set_var_int", "Bytes")
  index = optional_integer(index, 0, 2, "set_var_int")
  number = optional_integer(number, 0, 3, "set_var_int")
  if not is_index(index) or not fits_32(number) then
    return 0
  end
  local content = var_int(number)
  write_at(data, index, content)
  return #content
end

function bytes.get_var_int(...)
  if select("#", ...) ~= 2 then
    return
  end
  local value, index = ...
  local data = check(value, 1, "get_var_int", "Bytes")
  index = optional_integer(index, 0, 2, "get_var_int")
  if not is_index(index) then
    return
  end
  local number, shift, at = 0, 0, index
  while at <= data.n do
    local part_of_it = data[at]
    number = number | (part_of_it & 0x7f) << shift
    at, shift = at + 1, shift + 7
    if part_of_it < 0x80 then
      break
    end
  end
  return number & 0xffffffff, at - index
end

local function text_argument(value, position, name)
  if raw_type(value) == "number" then
    return format("%s", value)
  elseif value ~= nil and raw_type(value) ~= "string" then
    bad_argument(position, name, "string", value)
  end
  return value
end

function bytes.append_string(...)
  if select("#", ...) ~= 2 then
    return false
  end
  local value, text = ...
  local data = check(value, 1, "append_string", "Bytes")
  text = text_argument(text, 2, "append_string")
  return text ~= nil and #text > 0 and write_at(data, data.n + 1, text)
end

function bytes.set_string(...)
  if select("#", ...) ~= 3 then
    return false
  end
  local value, index, text = ...
  local data = check(value, 1, "set_string", "Bytes")
  index = optional_integer(index, 0, 2, "set_string")
  text = text_argument(text, 3, "set_string")
  return text ~= nil and is_index(index) and write_at(data, index, text)
end

function bytes.append_bytes(...)
  if select("#", ...) ~= 3 then
    return false
  end
  local value, other, count = ...
  local data = check(value, 1, "append_bytes", "Bytes")
  local more = check(other, 2, "append_bytes", "Bytes")
  count = optional_integer(count, 0, 3, "append_bytes")
  if count < 0 or count > MOST_BYTES then
    return false
  end
  return write_at(data, data.n + 1, content_between(more, 1, count < more.n and count or more.n))
end

function bytes.set_bytes(...)
  if select("#", ...) ~= 4 then
    return false
  end
  local value, index, other, count = ...
  local data = check(value, 1, "set_bytes", "Bytes")
  index = optional_integer(index, 0, 2, "set_bytes")
  local more = check(other, 3, "set_bytes", "Bytes")
  count = optional_integer(count, 0, 4, "set_bytes")
  if not is_index(index) or count < 0 or count > MOST_BYTES then
    return false
  end
  return write_at(data, index, content_between(more, 1, count < more.n and count or more.n))
end

-- So many bytes from an index on; what is not there is zero.
local function slice(data, index, count)
  room.reserve(count)
  local last = index + count - 1
  local there = last < data.n and last or data.n
  local content = there >= index and content_between(data, index, there) or ""
  return content .. ("\0"):rep(count - #content)
end

function bytes.get_string(...)
  if select("#", ...) ~= 3 then
    return
  end
  local value, index, count = ...
  local data = check(value, 1, "get_string", "Bytes")
  index = optional_integer(index, 0, 2, "get_string")
  count = optional_integer(count, 0, 3, "get_string")
  if not is_index(index) or count < 0 or count > MOST_BYTES then
    return
  end
  return slice(data, index, count)
end

function bytes.get_bytes(...)
  if select("#", ...) ~= 3 then
    return
  end
  local value, index, count = ...
  local data = check(value, 1, "get_bytes", "Bytes")
  index = optional_integer(index, 0, 2, "get_bytes")
  count = optional_integer(count, 0, 3, "get_bytes")
  if not is_index(index) or count < 0 or count > MOST_BYTES then
    return
  end
  return room.new_bytes(slice(data, index, count))
end

Bytes = new_class("Bytes", {
  __index = bytes.get_byte,
  __newindex = bytes.set_byte,
  -- Servers say so whatever the size is; bytes.size tells it.
  __len = function(value)
    check(value, 1, "len", "Bytes")
    return 0
  end,
  __tostring = function(value)
    return room.text_of(value)
  end,
})

new_object({
  __call = function(_, ...)
    local count = select("#", ...)
    if count > 1 then
      return
    end
    local capacity = optional_integer((...), 0, 2, "bytes")
    return wrap_bytes({ n = 0, capacity = capacity & MOST_BYTES, kind = BLOB })
  end,
}, bytes)

-- GeoJSON ------------------------------------------------------------------------------------------------------

local geojson_meta = new_class("GeoJSON", {
  __tostring = function(value)
    return room.text_of(value)
  end,
})

function room.new_geojson(text)
  return setmetatable({ [DATA] = { class = "GeoJSON", text = text } }, geojson_meta)
end

local geojson = new_object({
  __call = function(_, ...)
    local text = text_argument((...), 2, "geojson")
    if select("#", ...) ~= 1 or text == nil then
      return
    end
    return room.new_geojson(text)
  end,
}, {})

-- Texts --------------------------------------------------------------------------------------------------------

local text_inside

local function text_of_list(data)
  local parts = {}
  for at = 1, data.n do
    parts[at] = text_inside(data[at])
  end
  return "[" .. concat(parts, ", ") .. "]"
end

local function text_of_map(data)
  local parts = {}
  for at, key in next, keys_of(data) do
    parts[at] = text_inside(key) .. ":" .. text_inside(map_get(data, key))
  end
  return "{" .. concat(parts, ", ") .. "}"
end

local function text_of_bytes(data)
  local parts = {}
  for at = 1, data.n do
    parts[at] = format("%02X", data[at])
  end
  return concat(parts, " ")
end

text_inside = function(value)
  local kind = raw_type(value)
  if kind == "nil" then
    return "NIL"
  elseif kind == "string" then
    return '"' .. value .. '"'
  elseif kind == "number" then
    return format(math_type(value) == "integer" and "%d" or "%.16g", value)
  elseif kind == "boolean" then
    return value and "true" or "false"
  end
  local data = data_of(value)
  if data.class == "List" then
    return text_of_list(data)
  elseif data.class == "Map" then
    return text_of_map(data)
  elseif data.class == "Bytes" then
    return data.n > 0 and text_of_bytes(data) or "<NULL>"
  end
  return '"' .. data.text .. '"'
end

function room.text_of(value)
  local data = data_of(value)
  if data.class == "Bytes" and data.n == 0 then
    return "Bytes()"
  end
  return text_inside(value)
end

room.globals = {
  list = list,
  map = map,
  bytes = bytes,
  geojson = geojson,
  iterator = iterator,
  Iterator = Iterator,
  List = List,
  Map = Map,
  Bytes = Bytes,
}

function math.sum(left, right)
  return left + right
end

function math.product(left, right)
  return left * right
end
