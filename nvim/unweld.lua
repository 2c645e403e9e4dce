-- Starts `unweld lsp` for Go files and unweld.yaml, beside gopls. Neovim 0.7 or newer.
--
--   dofile("/path/to/unweld.lua").setup()
--   dofile("/path/to/unweld.lua").setup { cmd = { "/opt/unweld", "lsp" } }
--   dofile("/path/to/unweld.lua").setup { settings = { split = "micro", off = { "no-context" } } }
--
-- Diagnostics show up as those of any server. Code actions are with
-- vim.lsp.buf.code_action(), where those of gopls are too. The files that one changed
-- are in the quickfix list then, unsaved: :copen shows them, :wall saves them.

local M = {}

local clients = {} -- id of the client, by the root of its module

-- root returns the folder of the nearest go.mod or go.work at or above file.
local function root(file)
  local found = vim.fn.findfile("go.mod", vim.fn.fnamemodify(file, ":p:h") .. ";")
  if found == "" then
    found = vim.fn.findfile("go.work", vim.fn.fnamemodify(file, ":p:h") .. ";")
  end
  return found ~= "" and vim.fn.fnamemodify(found, ":p:h") or nil
end

-- library reports whether a module is part of the Go distribution or of the module
-- cache. Nothing is said of these, and they need no server.
local function library(dir)
  local ok, lines = pcall(vim.fn.readfile, dir .. "/go.mod", "", 1)
  return dir:find("/pkg/mod/.*@v") ~= nil or ok and (lines[1] == "module std" or lines[1] == "module cmd")
end

-- applied lists the files that a code action changed, and has the server say what there
-- is to know of it.
local function applied(command, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  if client == nil then
    return
  end
  client.request("workspace/executeCommand", { command = command.command, arguments = command.arguments }, function(err, result)
    if err or type(result) ~= "table" then
      return
    end
    local items = {}
    for _, file in ipairs(result.files) do
      if file.op ~= "delete" then
        local text = file.op == "create" and "new, not saved" or "changed, not saved"
        table.insert(items, { filename = vim.uri_to_fname(file.uri), lnum = file.line, text = text })
      end
    end
    vim.fn.setqflist({}, " ", { title = result.title, items = items })
    vim.api.nvim_echo({ { ("%s: %d files, not saved; :copen lists them, :wall saves them"):format(result.title, #items) } }, true, {})
  end)
end

-- attach connects a buffer to the server of its module, which it starts where
-- there is none. Buffers without a module, or without a file, are left alone.
function M.attach(buffer, options)
  local file = vim.api.nvim_buf_get_name(buffer)
  local dir = file ~= "" and vim.bo[buffer].buftype == "" and root(file)
  if not dir or library(dir) then
    return
  end
  local client = clients[dir]
  if client == nil or vim.lsp.get_client_by_id(client) == nil then
    client = vim.lsp.start_client {
      name = "unweld",
      cmd = options.cmd or { "unweld", "lsp" },
      root_dir = dir,
      init_options = options.settings,
      on_attach = options.on_attach,
      on_exit = function()
        clients[dir] = nil
      end,
    }
    clients[dir] = client
  end
  if client ~= nil then
    vim.lsp.buf_attach_client(buffer, client)
  end
end

function M.setup(options)
  options = options or {}
  vim.lsp.commands["unweld.applied"] = applied
  local group = vim.api.nvim_create_augroup("unweld", {})
  vim.api.nvim_create_autocmd("FileType", {
    group = group,
    pattern = "go",
    callback = function(event)
      M.attach(event.buf, options)
    end,
  })
  vim.api.nvim_create_autocmd({ "BufReadPost", "BufNewFile" }, {
    group = group,
    pattern = "unweld.yaml",
    callback = function(event)
      M.attach(event.buf, options)
    end,
  })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.bo[buffer].filetype == "go" then
      M.attach(buffer, options)
    end
  end
end

return M
