-- What the test makes Neovim do with :Unweld. It prints what it sees, one line each.
local common = ...
local unweld, say, fail, await, open = common.unweld, common.say, common.fail, common.await, common.open

local function text(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer or 0, 0, -1, false), "\n")
end

if vim.fn.exists(":Unweld") ~= 2 or vim.fn.exists(":UnweldUndo") ~= 2 then
  fail("the plugin defines no commands")
end
common.start()
open("carts/carts.go")
await("status", function()
  return unweld.status() ~= ""
end)
say("status " .. unweld.status())

for line, want in pairs { ["Unweld pre"] = "preview", ["Unweld bind pri"] = "pricing" } do
  if not vim.tbl_contains(vim.fn.getcompletion(line, "cmdline"), want) then
    fail("completion of " .. line .. ": " .. vim.inspect(vim.fn.getcompletion(line, "cmdline")))
  end
  say("complete " .. want)
end

-- A change of several files, one of them new, that isn't saved.
local pricing = open("pricing/pricing.go")
local before = text(pricing)
vim.cmd("Unweld refactor extract ./pricing.Engine step=boundary")
await("extract", function()
  return #vim.fn.getqflist() > 1 and vim.bo[pricing].modified
end)
vim.cmd("UnweldUndo")
for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
  if vim.bo[buffer].modified then
    fail("still changed: " .. vim.fn.bufname(buffer))
  end
end
if text(pricing) ~= before then
  fail("not what it was: " .. text(pricing))
end
say("taken back unsaved")

vim.fn.setqflist({}, "r")
open("carts/carts.go")
vim.cmd("Unweld add tax")
await("quickfix list", function()
  return #vim.fn.getqflist() == 1
end)
vim.cmd("wall")
local config = open("unweld.yaml")
if not text(config):find("tax: {packages: [./tax/...]}", 1, true) then
  fail("unweld.yaml is " .. text(config))
end
say("added tax")
vim.cmd("UnweldUndo")
await("undo", function()
  return not text(config):find("tax:", 1, true)
end)
say("taken back")

open("carts/carts.go")
vim.cmd("Unweld preview pricing")
await("preview", function()
  return vim.bo.filetype == "markdown"
end)
say("preview " .. (text():match("| pricing | [^\n]*") or text()))
vim.cmd("close")
vim.cmd("Unweld explain no-context")
await("page", function()
  return vim.bo.filetype == "markdown" and text():find("# no-context", 1, true) ~= nil
end)
vim.cmd("close")
vim.cmd("Unweld hazards carts")
say("hazards " .. #vim.fn.getqflist())
if #vim.fn.getqflist() < 2 then
  fail("no hazards")
end
vim.cmd("cclose")

-- What was changed since isn't taken back.
pricing = open("pricing/pricing.go")
vim.fn.setqflist({}, "r")
vim.cmd("Unweld refactor extract ./pricing.Engine step=boundary")
await("second extract", function()
  return #vim.fn.getqflist() > 1 and vim.bo[pricing].modified
end)
vim.api.nvim_buf_set_lines(pricing, 0, 0, false, { "// Mine." })
local said = {}
local notify = vim.notify
vim.notify = function(message)
  table.insert(said, message)
end
vim.cmd("UnweldUndo")
await("refusal", function()
  return #said > 0
end)
vim.notify = notify
if not said[1]:find("isn't saved", 1, true) or not text(pricing):find("// Mine.", 1, true) then
  fail("undone although a buffer was changed since: " .. vim.inspect(said))
end
say("kept what was changed since")

local doc = vim.fn.tempname()
vim.fn.mkdir(doc .. "/doc", "p")
vim.fn.writefile(vim.fn.readfile(vim.api.nvim_get_runtime_file("doc/unweld.txt", false)[1]), doc .. "/doc/unweld.txt")
vim.cmd("helptags " .. doc .. "/doc")
vim.o.runtimepath = doc .. "," .. vim.o.runtimepath
pcall(vim.cmd, "help :UnweldUndo") -- an error is Neovim's, where it has no parser for help
say("help " .. vim.fn.expand("%:t"))
common.stop()
