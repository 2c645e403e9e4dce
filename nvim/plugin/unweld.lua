if vim.g.loaded_unweld then
  return
end
vim.g.loaded_unweld = true
require("unweld").define()
