-- Starts `unweld lsp` for Go files and unweld.yaml, beside gopls, and has what :Unweld does.
-- Neovim 0.7 or newer; :help unweld tells the rest.
--
--   require("unweld").setup()
--   require("unweld").setup { cmd = { "/opt/unweld", "lsp" } }
--   require("unweld").setup { settings = { split = "micro", off = { "no-context" } } }
--
-- From Neovim 0.11, vim.lsp.enable("unweld") does the same without setup.

local M = {}

local clients = {} -- id of the client, by the root of its module, before Neovim 0.8
local status = {} -- what the server said last of a module, by the URI of its root

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

-- root_of returns the root of the module that a buffer is to have a server for, or nil:
-- buffers without a module, or without a file, have none.
function M.root_of(buffer)
  local file = vim.api.nvim_buf_get_name(buffer)
  if file == "" or vim.bo[buffer].buftype ~= "" then
    return nil
  end
  if vim.bo[buffer].filetype ~= "go" and vim.fn.fnamemodify(file, ":t") ~= "unweld.yaml" then
    return nil
  end
  local dir = root(file)
  return dir and not library(dir) and dir or nil
end

-- capabilities are what Neovim tells the server of itself.
function M.capabilities()
  return vim.tbl_deep_extend("force", vim.lsp.protocol.make_client_capabilities(), {
    experimental = { unweld = { changed = true } },
  })
end

-- handlers are for what only this server sends.
M.handlers = {
  ["unweld/changed"] = function(_, result)
    status[result.root] = result
    vim.cmd("silent! doautocmd <nomodeline> User UnweldChanged")
  end,
}

-- status is a text for the status line: "12 components · micro · 2 problems", or "".
function M.status()
  local dir = M.root_of(vim.api.nvim_get_current_buf())
  local s = dir and status[vim.uri_from_fname(dir)]
  if not s then
    return ""
  end
  local parts = { s.components .. " components" }
  if s.split and s.split ~= "" then
    table.insert(parts, s.split)
  end
  if s.problems > 0 then
    table.insert(parts, s.problems .. " problems")
  end
  return table.concat(parts, " · ")
end

-- The last change while it isn't saved: its title, and the buffers that it was made to
-- with their ticks, by which it is known that nothing was changed after it.
local unsaved

local function remember(result)
  unsaved = { title = result.title, buffers = {} }
  for _, file in ipairs(result.files) do
    local buffer = vim.fn.bufnr(vim.uri_to_fname(file.uri))
    if not file.saved or file.op == "delete" or buffer == -1 then
      unsaved = nil
      return
    end
    unsaved.buffers[buffer] = vim.api.nvim_buf_get_changedtick(buffer)
  end
end

-- undo_unsaved takes the last change back in its buffers, and reports whether it could: if
-- all were saved before it, and none was saved or changed since.
local function undo_unsaved()
  if not unsaved then
    return false
  end
  for buffer, tick in pairs(unsaved.buffers) do
    local there = vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].modified
    if not there or vim.api.nvim_buf_get_changedtick(buffer) ~= tick then
      return false
    end
  end
  for buffer in pairs(unsaved.buffers) do
    vim.api.nvim_buf_call(buffer, function()
      for _ = 1, 1000 do -- each edit of a buffer that isn't shown is a step of its own
        if not vim.bo.modified then
          break
        end
        vim.cmd("silent undo")
      end
    end)
    if vim.fn.filereadable(vim.api.nvim_buf_get_name(buffer)) == 0 then
      vim.api.nvim_buf_delete(buffer, { force = true }) -- it was made for the change
    end
  end
  vim.notify("unweld: taken back: " .. unsaved.title)
  unsaved = nil
  return true
end

-- done lists the files that a change was made to, which aren't saved yet.
local function done(result)
  remember(result)
  local items = {}
  for _, file in ipairs(result.files) do
    if file.op ~= "delete" then
      local text = file.op == "create" and "new, not saved" or "changed, not saved"
      table.insert(items, { filename = vim.uri_to_fname(file.uri), lnum = file.line, text = text })
    end
  end
  vim.fn.setqflist({}, " ", { title = result.title, items = items })
  vim.api.nvim_echo({ { ("%s: %d files, not saved; :copen lists them, :wall saves them"):format(result.title, #items) } }, true, {})
end

local function request(client, method, params, handler)
  if vim.fn.has("nvim-0.11") == 1 then
    client:request(method, params, handler, vim.api.nvim_get_current_buf())
  else
    client.request(method, params, handler, vim.api.nvim_get_current_buf())
  end
end

-- applied lists the files that a code action changed, and has the server say what there
-- is to know of it.
local function applied(command, context)
  local client = vim.lsp.get_client_by_id(context.client_id)
  if client == nil then
    return
  end
  request(client, "workspace/executeCommand", { command = command.command, arguments = command.arguments }, function(err, result)
    if not err and type(result) == "table" then
      done(result)
    end
  end)
end

-- page shows a page in a window of its own, which q closes.
local function page(result)
  local buffer = vim.api.nvim_create_buf(false, true)
  local lines = vim.split("# " .. result.title .. "\n\n" .. result.markdown, "\n", { plain = true })
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].bufhidden = "wipe"
  vim.bo[buffer].modifiable = false
  vim.cmd("botright split")
  vim.api.nvim_win_set_buf(0, buffer)
  vim.keymap.set("n", "q", "<cmd>close<cr>", { buffer = buffer })
  -- Neovim's own plugin for this type complains where the parser isn't there, as in Debian.
  vim.cmd("silent! setlocal filetype=markdown")
end

-- client returns the server of the module that one works in: that of the buffer, or the
-- only one that there is.
function M.client()
  local list = vim.lsp.get_clients and vim.lsp.get_clients { name = "unweld" } or vim.tbl_filter(function(c)
    return c.name == "unweld"
  end, vim.lsp.get_active_clients())
  local dir = M.root_of(vim.api.nvim_get_current_buf())
  for _, c in ipairs(list) do
    if dir and c.config.root_dir == dir then
      return c
    end
  end
  return #list == 1 and list[1] or nil
end

-- about is the module that a command is about.
local function about(client, params)
  params = params or {}
  params.uri = vim.uri_from_fname(client.config.root_dir)
  return params
end

-- execute has the server execute a command, and passes its answer on.
local function execute(command, params, show)
  local client = M.client()
  if not client then
    vim.notify("unweld: no Go module is open", vim.log.levels.WARN)
    return
  end
  request(client, "workspace/executeCommand", { command = command, arguments = { about(client, params) } }, function(err, result)
    if err then
      vim.notify("unweld: " .. err.message, vim.log.levels.WARN)
    elseif type(result) == "table" then
      show(result)
    end
  end)
end

local listed = {} -- the answer to unweld/components, by root, for completion

-- components asks for the components of the module, and waits a moment for them.
local function components()
  local client = M.client()
  if not client then
    return nil
  end
  local params = about(client, { references = 0 })
  local answer
  if vim.fn.has("nvim-0.11") == 1 then
    answer = client:request_sync("unweld/components", params, 3000)
  else
    answer = client.request_sync("unweld/components", params, 3000, vim.api.nvim_get_current_buf())
  end
  if answer and answer.result then
    listed[client.config.root_dir] = answer.result
  end
  return listed[client.config.root_dir]
end

local function names(list)
  return vim.tbl_map(function(x)
    return x.name
  end, list)
end

local function component_names()
  local c = components()
  return c and names(c.components) or {}
end

-- hazards puts the hazards of the module, or those of a component, into the quickfix list.
local function hazards(args)
  local c = components()
  if not c then
    vim.notify("unweld: nothing is known of a module yet", vim.log.levels.WARN)
    return
  end
  local items = {}
  for _, h in ipairs(c.hazards) do
    if h.location and (not args[1] or h.component == args[1]) then
      local at = h.location.range.start
      local text = h.name .. ": " .. h.message .. (h.crosses and " (crosses in " .. c.split .. ")" or "")
      table.insert(items, { filename = vim.uri_to_fname(h.location.uri), lnum = at.line + 1, col = at.character + 1, text = text,
        type = h.severity == "error" and "E" or h.severity == "warning" and "W" or "I" })
    end
  end
  vim.fn.setqflist({}, " ", { title = "hazards " .. (args[1] or c.module), items = items })
  vim.cmd("copen")
end

-- list shows the components in a page.
local function list()
  local c = components()
  if not c then
    vim.notify("unweld: nothing is known of a module yet", vim.log.levels.WARN)
    return
  end
  local lines = { "| component | packages | endpoints | hazards | unit |", "|---|---|---|---|---|" }
  for _, x in ipairs(c.components) do
    local n = x.hazards.error + x.hazards.warning + x.hazards.info
    table.insert(lines, ("| %s | %d | %d | %d | %s |"):format(x.name, #x.packages, #x.endpoints, n, x.unit or ""))
  end
  page { title = c.module, markdown = table.concat(lines, "\n") }
end

local function usage(text)
  vim.notify("unweld: usage: :Unweld " .. text, vim.log.levels.WARN)
end

-- parameters reads NAME=VALUE.
local function parameters(args, from)
  local params = vim.empty_dict()
  for i = from, #args do
    local name, value = args[i]:match("^([^=]+)=(.*)$")
    if name then
      params[name] = value
    end
  end
  return params
end

local function operation(command, needs)
  return function(args)
    if #args < needs then
      return usage(command .. " COMPONENT" .. (needs > 1 and " TO..." or ""))
    end
    execute("unweld." .. command, { component = args[1], to = args[2] and vim.list_slice(args, 2) or nil }, done)
  end
end

-- reread takes a buffer's text from its file. checktime goes by the time of the file, which
-- may be the same second in which it was written.
local function reread(buffer)
  local file = vim.api.nvim_buf_get_name(buffer)
  if vim.bo[buffer].modified or vim.fn.filereadable(file) == 0 then
    vim.cmd(buffer .. "checktime") -- Neovim asks, or says that it is gone
  elseif not vim.deep_equal(vim.fn.readfile(file), vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) then
    vim.api.nvim_buf_call(buffer, function()
      vim.cmd("silent keepalt edit!")
    end)
  end
end

local function undo()
  if undo_unsaved() then
    return
  end
  execute("unweld.undo", {}, function(result)
    for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
      if vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].buftype == "" and vim.api.nvim_buf_get_name(buffer) ~= "" then
        reread(buffer)
      end
    end
    vim.notify("unweld: taken back: " .. result.title)
  end)
end
M.undo = undo

-- The subcommands of :Unweld: what they do, and what can follow.
M.commands = {
  add = {
    run = function(args)
      if not args[1] then
        return usage("add COMPONENT")
      end
      execute("unweld.addComponent", { name = args[1] }, done)
    end,
    complete = component_names,
  },
  baseline = {
    run = function(args)
      execute("unweld.baseline", { file = args[1] }, done)
    end,
  },
  bind = { run = operation("bind", 2), complete = component_names },
  check = {
    run = function(args)
      execute("unweld.check", { file = args[1] }, page)
    end,
  },
  components = { run = list },
  eject = { run = operation("eject", 1), complete = component_names },
  explain = {
    run = function(args)
      if not args[1] then
        return usage("explain CODE | COMPONENT [COMPONENT]")
      end
      if vim.tbl_contains(component_names(), args[1]) then
        execute("unweld.explain", { component = args[1], other = args[2] }, page)
      else
        execute("unweld.explain", { code = args[1] }, page)
      end
    end,
    complete = function()
      local c = components()
      local all = c and names(c.components) or {}
      for _, h in ipairs(c and c.hazards or {}) do
        if not vim.tbl_contains(all, h.name) then
          table.insert(all, h.name)
        end
      end
      return all
    end,
  },
  hazards = { run = hazards, complete = component_names },
  init = {
    run = function()
      execute("unweld.init", {}, done)
    end,
  },
  preview = {
    run = function(args)
      local c = components()
      if args[1] and c and vim.tbl_contains(c.splits, args[1]) then
        return execute("unweld.preview", { split = args[1] }, page)
      end
      local units = {}
      for _, unit in ipairs(args) do
        table.insert(units, vim.split(unit, ",", { plain = true }))
      end
      execute("unweld.preview", #units > 0 and { units = units } or {}, page)
    end,
    complete = function()
      local c = components()
      return c and vim.list_extend(vim.deepcopy(c.splits), names(c.components)) or {}
    end,
  },
  refactor = {
    run = function(args)
      if not args[2] then
        return usage("refactor NAME TARGET [PARAMETER=VALUE]...")
      end
      execute("unweld.refactor", { name = args[1], target = args[2], params = parameters(args, 3) }, done)
    end,
  },
  split = {
    run = function(args)
      local c = components()
      local function choose(name)
        if name then
          execute("unweld.chooseSplit", { split = name }, function(result)
            vim.notify("unweld: " .. (result.split ~= "" and "split " .. result.split or "no split") .. " is shown")
          end)
        end
      end
      if args[1] then
        return choose(args[1])
      end
      vim.ui.select(vim.list_extend(vim.deepcopy(c and c.splits or {}), { "none" }), { prompt = "Split whose hazards are shown" }, choose)
    end,
    complete = function()
      local c = components()
      return vim.list_extend(vim.deepcopy(c and c.splits or {}), { "none" })
    end,
  },
  state = { run = operation("state", 2), complete = component_names },
  undo = { run = undo },
}

-- run executes the words after :Unweld.
function M.run(args)
  local command = M.commands[args[1] or "components"]
  if not command then
    return usage(table.concat(vim.fn.sort(vim.tbl_keys(M.commands)), " | "))
  end
  command.run(vim.list_slice(args, 2))
end

-- complete lists what can follow a command line.
function M.complete(lead, line)
  local words = vim.split(line, "%s+", { trimempty = true })
  local n = #words - (lead == "" and 0 or 1) -- words before the one that is completed
  local all = {}
  if n <= 1 then
    all = vim.tbl_keys(M.commands)
  elseif M.commands[words[2]] and M.commands[words[2]].complete then
    all = M.commands[words[2]].complete()
  end
  all = vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, all)
  table.sort(all)
  return all
end

-- define defines the commands; plugin/unweld.lua does.
function M.define()
  vim.lsp.commands["unweld.applied"] = applied
  vim.lsp.commands["unweld.explain"] = function(command)
    local a = command.arguments[1]
    execute("unweld.explain", { component = a.component, code = a.code }, page)
  end
  vim.lsp.commands["unweld.preview"] = function(command)
    execute("unweld.preview", { units = command.arguments[1].units, split = command.arguments[1].split }, page)
  end
  vim.api.nvim_create_user_command("Unweld", function(event)
    M.run(event.fargs)
  end, { nargs = "*", desc = "Unweld: components, splits and refactorings", complete = M.complete })
  vim.api.nvim_create_user_command("UnweldUndo", undo, { desc = "Take the last change of unweld back" })
end

-- attach connects a buffer to the server of its module, which it starts where
-- there is none.
function M.attach(buffer, options)
  local dir = M.root_of(buffer)
  if not dir then
    return
  end
  local config = {
    name = "unweld",
    cmd = options.cmd or { "unweld", "lsp" },
    root_dir = dir,
    init_options = options.settings,
    capabilities = M.capabilities(),
    handlers = M.handlers,
    on_attach = options.on_attach,
  }
  if vim.lsp.start then -- Neovim 0.8 and newer
    vim.lsp.start(config, { bufnr = buffer })
    return
  end
  local client = clients[dir]
  if client == nil or vim.lsp.get_client_by_id(client) == nil then
    config.on_exit = function()
      clients[dir] = nil
    end
    client = vim.lsp.start_client(config)
    clients[dir] = client
  end
  if client ~= nil then
    vim.lsp.buf_attach_client(buffer, client)
  end
end

function M.setup(options)
  options = options or {}
  M.define()
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
    if vim.api.nvim_buf_is_loaded(buffer) then
      M.attach(buffer, options)
    end
  end
end

return M
