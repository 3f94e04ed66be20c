-- LuaJIT compiles what runs often, and calls C from there.
local ffi = require("ffi")
ffi.cdef [[
    int poll(void *files, unsigned long count, int timeout);
    int getpid(void);
    long syscall(long number, ...);
]]

local sum = 0
for i = 1, 3e7 do sum = sum + i % 7 end
print(sum)

local same = true
for _ = 1, 20000 do same = same and ffi.C.syscall(39) == ffi.C.getpid() end
print(same, ffi.C.poll(nil, 0, 10))

local parts = {}
for i = 1, 200000 do parts[#parts + 1] = tostring(i) end
print(#table.concat(parts), collectgarbage("count") > 0)

local child = io.popen("echo from a child; exit 3")
print(child:read("*a"), child:close())
