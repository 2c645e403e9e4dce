-- What the test makes Neovim do: wait for a hazard in the carts, extract the
-- type Engine by the code action, save everything. It prints what it sees, one
-- line each.
local common = ...
local say, fail, await, open = common.say, common.fail, common.await, common.open

common.start()
local buffer = open("carts/carts.go")

local function hazards()
  return vim.tbl_filter(function(d)
    return d.source == "unweld"
  end, vim.diagnostic.get(buffer))
end
await("diagnostic", function()
  return #hazards() > 0
end)
say("diagnostic " .. hazards()[1].code)

local goroot = vim.fn.trim(vim.fn.system("go env GOROOT"))
vim.cmd("edit " .. vim.fn.fnameescape(goroot .. "/src/strings/builder.go"))
if #common.clients(0) ~= 0 then
  fail("a file of the standard library has a server")
end
buffer = open("pricing/pricing.go")
if #common.clients() ~= 1 then
  fail("two files of one module have two servers")
end
await("server", function()
  return #common.clients(buffer) == 1
end)
local client = common.clients(buffer)[1]
vim.fn.search([[^type \zsEngine struct]])

-- byHand does what vim.lsp.buf.code_action does in Neovim before 0.8, where it can't be
-- told which of the actions to take.
local function byHand()
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
end

if vim.fn.has("nvim-0.8") == 1 then
  vim.lsp.buf.code_action {
    apply = true,
    filter = function(action)
      local chosen = vim.startswith(action.title, "Extract Engine as a component: ")
      if chosen then
        say("action " .. action.kind .. ": " .. action.title)
      end
      return chosen
    end,
  }
else
  byHand()
end
await("quickfix list", function()
  return #vim.fn.getqflist() > 0
end)
for _, item in ipairs(vim.fn.getqflist()) do
  if not vim.bo[item.bufnr].modified then
    fail("saved already: " .. vim.fn.bufname(item.bufnr))
  end
end
say("quickfix " .. #vim.fn.getqflist() .. " files: " .. vim.fn.getqflist({ title = 0 }).title)
vim.cmd("wall")
say("applied")
common.stop()
