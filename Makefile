# The targets that people and CI use. `make test` is the test command.

GO ?= go
STATICCHECK = $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.1

.PHONY: build test vscode-test bench generate lint tools

build:
	$(GO) build ./cmd/unweld ./cmd/unweld-vet

# What the tests drive besides Go: a real Neovim. It is installed where that is
# possible without asking; elsewhere the editor test says what is missing.
tools:
	@command -v nvim >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq neovim >/dev/null; } || \
		echo "make: neovim is missing; the editor test needs it (apt-get install neovim)"

test: tools
	$(GO) test -timeout 40m ./...

# The editor extension, without a VS Code. It needs Node.
vscode-test:
	cd vscode-extension && npm ci --silent --no-audit --no-fund
	$(GO) build -o vscode-extension/node_modules/.unweld ./cmd/unweld
	cd vscode-extension && UNWELD="$$PWD/node_modules/.unweld" npm test --silent

# One table: each figure a ratio taken in one run, beside its bar.
bench:
	$(GO) run ./internal/bench

generate:
	$(GO) generate ./...

lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go' | grep -v /testdata/))" || { gofmt -l $$(git ls-files '*.go' | grep -v /testdata/); exit 1; }
	$(GO) vet ./...
	$(STATICCHECK) ./...
