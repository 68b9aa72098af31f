-- Values to and from the bytes in which they travel and are stored.

local room = ...

local raw_type, next, error = type, next, error
local math_type, byte, sub, concat, find = math.type, string.byte, string.sub, table.concat, string.find
local pack, unpack = string.pack, string.unpack

local data_of, map_get, map_put, keys_of = room.data_of, room.map_get, room.map_put, room.keys_of

local INTEGER <const>, FLOAT <const>, STRING <const>, BLOB <const> = 1, 2, 3, 4
local BOOL <const>, MAP <const>, LIST <const>, GEOJSON <const> = 17, 19, 20, 23
local KEY_ORDERED <const>, PRESERVE_ORDER <const> = 1, 8
local DEEPEST <const> = 190

-- Unpacking. Every function takes the whole text and a position and returns a value and the position behind it.

local function typed(text, at, size)
  local last = at + size - 1
  if last > #text then
    error("cut off", 0)
  end
  local kind = byte(text, at)
  if size == 0 then
    return room.new_bytes("", 0), at
  elseif kind == STRING then
    return sub(text, at + 1, last), last + 1
  elseif kind == GEOJSON then
    return room.new_geojson(sub(text, at + 1, last)), last + 1
  end
  return room.new_bytes(sub(text, at + 1, last), kind), last + 1
end

-- The order mark in front of a container's items, if there is one.
local function skip_mark(text, at)
  local head = byte(text, at)
  if head == 0xc7 then
    return byte(text, at + 2), at + 3 + byte(text, at + 1)
  elseif head >= 0xd4 and head <= 0xd8 then
    return byte(text, at + 1), at + 2 + (1 << head - 0xd4)
  end
  return nil, at
end

local read

local function read_list(text, at, count, depth)
  local data = { n = 0 }
  if count > 0 then
    local mark, behind = skip_mark(text, at)
    if mark ~= nil then
      count, at = count - 1, behind
    end
  end
  for index = 1, count do
    data[index], at = read(text, at, depth)
  end
  data.n = count
  return room.wrap_list(data), at
end

local function read_pairs(text, at, count, depth)
  local data = { n = 2 * count }
  for index = 1, data.n do
    data[index], at = read(text, at, depth)
  end
  return room.wrap_list(data), at
end

local function read_map(text, at, count, depth)
  local flags = 0
  if count > 0 then
    local mark, behind = skip_mark(text, at)
    if mark ~= nil then
      flags, count, at = mark, count - 1, behind + 1
    end
  end
  if flags & PRESERVE_ORDER ~= 0 then
    return read_pairs(text, at, count, depth)
  end
  local data = room.new_map(flags)
  for _ = 1, count do
    local key, value
    key, at = read(text, at, depth)
    value, at = read(text, at, depth)
    local before = data.n
    map_put(data, key, value)
    if data.n == before and map_get(data, key) == nil and value ~= nil then
      error("no key", 0)
    end
  end
  return room.wrap_map(data), at
end

local NUMBERS = {
  [0xca] = ">f", [0xcb] = ">d",
  [0xcc] = "B", [0xcd] = ">I2", [0xce] = ">I4", [0xcf] = ">i8",
  [0xd0] = "b", [0xd1] = ">i2", [0xd2] = ">i4", [0xd3] = ">i8",
}
local SIZED = {
  [0xc4] = { "B", typed }, [0xc5] = { ">I2", typed }, [0xc6] = { ">I4", typed },
  [0xd9] = { "B", typed }, [0xda] = { ">I2", typed }, [0xdb] = { ">I4", typed },
  [0xdc] = { ">I2", read_list }, [0xdd] = { ">I4", read_list },
  [0xde] = { ">I2", read_map }, [0xdf] = { ">I4", read_map },
}

read = function(text, at, depth)
  local head = byte(text, at)
  if head == nil or depth > DEEPEST then
    error("cut off or nested too deep", 0)
  end
  if head < 0x80 then
    return head, at + 1
  elseif head >= 0xe0 then
    return head - 256, at + 1
  elseif head >= 0xa0 and head < 0xc0 then
    return typed(text, at + 1, head & 0x1f)
  elseif head < 0x90 then
    return read_map(text, at + 1, head & 0x0f, depth + 1)
  elseif head < 0xa0 then
    return read_list(text, at + 1, head & 0x0f, depth + 1)
  elseif head == 0xc0 then
    return nil, at + 1
  elseif head == 0xc2 or head == 0xc3 then
    return head == 0xc3, at + 1
  end
  local number = NUMBERS[head]
  if number ~= nil then
    return unpack(number, text, at + 1)
  end
  local sized = SIZED[head]
  if sized == nil then
    error("no value", 0)
  end
  local size, behind = unpack(sized[1], text, at + 1)
  return sized[2](text, behind, size, depth + 1)
end

-- Packing. Every function adds its parts to a table.

local write

local function write_typed(parts, kind, content)
  local size = #content + 1
  local head
  if size < 32 then
    head = pack("BB", 0xa0 | size, kind)
  elseif size < 256 then
    head = pack("BBB", 0xd9, size, kind)
  elseif size < 65536 then
    head = pack(">BI2B", 0xda, size, kind)
  else
    head = pack(">BI4B", 0xdb, size, kind)
  end
  parts[#parts + 1] = head .. content
end

local function write_integer(parts, value)
  local packed
  if value >= 0 then
    if value < 0x80 then
      packed = pack("B", value)
    elseif value < 0x100 then
      packed = pack("BB", 0xcc, value)
    elseif value < 0x10000 then
      packed = pack(">BI2", 0xcd, value)
    elseif value < 0x100000000 then
      packed = pack(">BI4", 0xce, value)
    else
      packed = pack(">Bi8", 0xcf, value)
    end
  elseif value >= -32 then
    packed = pack("b", value)
  elseif value >= -0x80 then
    packed = pack("Bb", 0xd0, value)
  elseif value >= -0x8000 then
    packed = pack(">Bi2", 0xd1, value)
  elseif value >= -0x80000000 then
    packed = pack(">Bi4", 0xd2, value)
  else
    packed = pack(">Bi8", 0xd3, value)
  end
  parts[#parts + 1] = packed
end

local function write_count(parts, count, small, middle)
  if count < 16 then
    parts[#parts + 1] = pack("B", small | count)
  elseif count < 65536 then
    parts[#parts + 1] = pack(">BI2", middle, count)
  else
    parts[#parts + 1] = pack(">BI4", middle + 1, count)
  end
end

local function write_list(parts, data, depth)
  write_count(parts, data.n, 0x90, 0xdc)
  for at = 1, data.n do
    write(parts, data[at], depth + 1)
  end
end

local function write_map(parts, data, depth)
  local is_ordered = data.flags & KEY_ORDERED ~= 0
  write_count(parts, data.n + (is_ordered and 1 or 0), 0x80, 0xde)
  if is_ordered then
    parts[#parts + 1] = pack("BBBB", 0xc7, 0, data.flags & 0x0f, 0xc0)
  end
  for _, key in next, keys_of(data) do
    write(parts, key, depth + 1)
    write(parts, map_get(data, key), depth + 1)
  end
end

write = function(parts, value, depth)
  local kind = raw_type(value)
  if kind == "number" then
    if math_type(value) == "integer" then
      write_integer(parts, value)
    else
      parts[#parts + 1] = pack(">Bd", 0xcb, value)
    end
  elseif kind == "string" then
    write_typed(parts, STRING, value)
  elseif kind == "boolean" then
    parts[#parts + 1] = value and "\xc3" or "\xc2"
  elseif kind == "nil" then
    parts[#parts + 1] = "\xc0"
  else
    local data = data_of(value)
    if depth > DEEPEST then
      error("nested too deep", 0)
    elseif data.class == "List" then
      write_list(parts, data, depth)
    elseif data.class == "Map" then
      write_map(parts, data, depth)
    elseif data.class == "Bytes" then
      write_typed(parts, data.kind & 0xff, room.content_of(data))
    else
      write_typed(parts, GEOJSON, data.text)
    end
  end
end

local function packed(value)
  local parts = {}
  write(parts, value, 0)
  return concat(parts)
end

function room.packed_size(value)
  return #packed(value)
end

-- The value of a packed one.
function room.unpacked(text)
  return (read(text, 1, 0))
end

-- The value of a bin, as it is stored or sent.
function room.from_particle(kind, content)
  if kind == INTEGER then
    return (unpack(">i8", content))
  elseif kind == STRING then
    return content
  elseif kind == FLOAT then
    return (unpack(">d", content))
  elseif kind == BOOL then
    return content ~= "\0"
  elseif kind == LIST or kind == MAP then
    return (read(content, 1, 0))
  elseif kind == GEOJSON then
    local cells = unpack(">I2", content, 2)
    return room.new_geojson(sub(content, 4 + 8 * cells))
  elseif kind == 0 or kind == nil then
    return nil
  end
  return room.new_bytes(content, kind)
end

-- Particle type and content of a value; type 0 for what is none. Strings end at a zero byte, as on servers.
function room.to_particle(value)
  local kind = raw_type(value)
  if kind == "number" then
    if math_type(value) == "integer" then
      return INTEGER, pack(">i8", value)
    end
    return FLOAT, pack(">d", value)
  elseif kind == "string" then
    local zero = find(value, "\0", 1, true)
    return STRING, zero and sub(value, 1, zero - 1) or value
  elseif kind == "boolean" then
    return BOOL, value and "\1" or "\0"
  end
  local data = data_of(value)
  if data == nil then
    return 0, ""
  elseif data.class == "List" then
    return LIST, packed(value)
  elseif data.class == "Map" then
    return MAP, packed(value)
  elseif data.class == "Bytes" then
    return BLOB, room.content_of(data)
  elseif data.class == "GeoJSON" then
    return GEOJSON, "\0\0\0" .. data.text
  end
  return 0, ""
end

-- The items of a packed list, none if it is something else.
function room.arguments(text)
  local is_read, value = pcall(read, text, 1, 0)
  local data = is_read and data_of(value)
  if data and data.class == "List" then
    return data
  end
  return { n = 0 }
end
