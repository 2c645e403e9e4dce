-- What the test makes Neovim do: wait for a hazard in the carts, extract the
-- type Engine by the code action, save everything. It prints what it sees, one
-- line each.
local unweld, shop = ...

local function say(text)
  io.stdout:write(text .. "\n")
end

local function fail(text)
  say("FAIL " .. text)
  vim.cmd("cquit")
end

unweld.setup { cmd = { vim.env.UNWELD, "lsp" } }
vim.cmd("filetype on")
vim.o.hidden = true
local function open(file)
  vim.cmd("edit " .. vim.fn.fnameescape(shop .. "/" .. file))
  return vim.api.nvim_get_current_buf()
end
local buffer = open("carts/carts.go")

local function hazards()
  return vim.tbl_filter(function(d)
    return d.source == "unweld"
  end, vim.diagnostic.get(buffer))
end
if not vim.wait(120000, function()
  return #hazards() > 0
end, 50) then
  fail("no diagnostic of unweld; clients: " .. vim.tbl_count(vim.lsp.buf_get_clients(buffer)))
end
say("diagnostic " .. hazards()[1].code)

local goroot = vim.fn.trim(vim.fn.system("go env GOROOT"))
vim.cmd("edit " .. vim.fn.fnameescape(goroot .. "/src/strings/builder.go"))
if vim.tbl_count(vim.lsp.buf_get_clients(0)) ~= 0 then
  fail("a file of the standard library has a server")
end
buffer = open("pricing/pricing.go")
if vim.tbl_count(vim.lsp.get_active_clients()) ~= 1 then
  fail("two files of one module have two servers")
end
local client
for _, c in pairs(vim.lsp.buf_get_clients(buffer)) do
  client = c
end
vim.fn.search([[^type \zsEngine struct]])
local params = vim.lsp.util.make_range_params()
params.context = { diagnostics = {} }
local listed = client.request_sync("textDocument/codeAction", params, 60000, buffer)
if listed == nil or listed.err or #listed.result == 0 then
  fail("no code action: " .. vim.inspect(listed))
end
say("action " .. listed.result[1].kind .. ": " .. listed.result[1].title)
local resolved = client.request_sync("codeAction/resolve", listed.result[1], 120000, buffer)
if resolved == nil or resolved.err then
  fail("not resolved: " .. vim.inspect(resolved))
end
vim.lsp.util.apply_workspace_edit(resolved.result.edit, client.offset_encoding)
local command = resolved.result.command
if command == nil or vim.lsp.commands[command.command] == nil then
  fail("no command comes after the edit: " .. vim.inspect(command))
end
vim.lsp.commands[command.command](command, { client_id = client.id })
if not vim.wait(20000, function()
  return #vim.fn.getqflist() > 0
end, 50) then
  fail("no quickfix list")
end
for _, item in ipairs(vim.fn.getqflist()) do
  if not vim.bo[item.bufnr].modified then
    fail("saved already: " .. vim.fn.bufname(item.bufnr))
  end
end
say("quickfix " .. #vim.fn.getqflist() .. " files: " .. vim.fn.getqflist({ title = 0 }).title)
vim.cmd("wall")
say("applied")
vim.lsp.stop_client(client.id)
vim.wait(20000, function()
  return vim.lsp.get_client_by_id(client.id) == nil or client.is_stopped()
end, 50)
vim.cmd("qall!")
