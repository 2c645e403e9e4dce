-- The configuration of vim.lsp.config("unweld"), for Neovim 0.11 and newer:
--
--   vim.lsp.enable("unweld")
--   vim.lsp.config("unweld", { init_options = { split = "micro" } })
local unweld = require("unweld")

return {
  cmd = { "unweld", "lsp" },
  filetypes = { "go", "yaml" },
  root_dir = function(buffer, on_dir)
    local dir = unweld.root_of(buffer)
    if dir then
      on_dir(dir)
    end
  end,
  capabilities = unweld.capabilities(),
  handlers = unweld.handlers,
}
