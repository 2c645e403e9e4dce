-- What the scripts of the test share. A script is called with the way in which the server
-- is started, "setup" or "enable", and the folder of the module.
local how, shop = ...

local M = { unweld = require("unweld") }

function M.say(text)
  io.stdout:write(text .. "\n")
end

function M.fail(text)
  M.say("FAIL " .. text)
  vim.cmd("cquit")
end

-- What is going to be removed from Neovim isn't used.
vim.deprecate = function(name)
  M.fail(name .. " is deprecated: " .. debug.traceback())
end

function M.await(what, condition)
  if not vim.wait(120000, condition, 50) then
    M.fail("no " .. what .. ": " .. vim.fn.execute("messages"))
  end
end

-- clients are the servers of a buffer, or all of them.
function M.clients(buffer)
  if vim.lsp.get_clients then
    return vim.lsp.get_clients { bufnr = buffer }
  end
  return vim.tbl_values(buffer and vim.lsp.buf_get_clients(buffer) or vim.lsp.get_active_clients())
end

function M.start()
  local cmd = { vim.env.UNWELD, "lsp" }
  if how == "enable" then
    vim.lsp.config("unweld", { cmd = cmd })
    vim.lsp.enable("unweld")
  else
    M.unweld.setup { cmd = cmd }
  end
  vim.cmd("filetype on")
  vim.o.hidden, vim.o.autoread = true, true
end

function M.open(file)
  vim.cmd("edit " .. vim.fn.fnameescape(shop .. "/" .. file))
  return vim.api.nvim_get_current_buf()
end

-- stop ends the servers, and Neovim.
function M.stop()
  for _, client in ipairs(M.clients()) do
    if vim.fn.has("nvim-0.11") == 1 then
      client:stop()
    else
      client.stop()
    end
  end
  vim.wait(20000, function()
    return #M.clients() == 0
  end, 50)
  M.say("done")
  vim.cmd("qall!")
end

return M
