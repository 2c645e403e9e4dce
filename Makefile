# The targets that people and CI use. `make test` is the test command.

GO ?= go
STATICCHECK = $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.1

# $(call debian,PROGRAM,PACKAGES,WHO) installs what is missing where that is
# possible without asking; elsewhere it says what who needs.
debian = command -v $(1) >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(2) >/dev/null; } || \
	echo "make: $(1) is missing; $(3) needs it (apt-get install $(2))"

.PHONY: build test test-native native-tools vsix vscode-test bench campaign campaign-bindings campaign-packages generate lint tools vscode-tools

build:
	$(GO) build ./cmd/unweld

# What the tests drive besides Go: editors, pre-commit, a C compiler for cgo, and a
# PostgreSQL server. Editors of newer releases of Debian are unpacked into the user's
# cache folder.
tools:
	@$(call debian,nvim,neovim,the editor test)
	@$(call debian,emacs,--no-install-recommends emacs-nox elpa-eglot elpa-go-mode,the editor test)
	@$(call debian,pre-commit,--no-install-recommends pre-commit,the test of the hook)
	@$(call debian,tmux,tmux,the test of the terminal explorer)
	@$(call debian,gcc,gcc libc6-dev,the analysis of cgo)
	@$(call debian,pg_lsclusters,postgresql,the test of the store on PostgreSQL)
	@$(GO) run -tags unweldtools ./internal/debian/fetch

test: tools
	$(GO) test -tags unweldtools -timeout 40m ./...

# Other languages, in real interpreters.
native-tools:
	@$(call debian,gcc,gcc libc6-dev,what calls Go from another language)
	@$(call debian,node,nodejs npm,the test of packages for Node)
	@python3 -c 'import venv, ensurepip' 2>/dev/null || { $(call debian,no-venv,python3-venv,the test of Python packages) ; }

# Components as packages of other languages, used there.
test-native: native-tools
	$(GO) test -tags unweldnative -timeout 20m -run 'TestNative|Abroad' ./cmd/unweld ./bindings/conformance

vscode-tools:
	@$(call debian,node,nodejs npm,the editor extension)
	@$(call debian,chromium,chromium,the workbench test)

VSCODE = cd vscode-extension && npm ci --ignore-scripts --silent --no-audit --no-fund

# The editor extension: one package for each platform, with the server in it,
# or for some: VSIX="linux-x64 darwin-arm64".
vsix: vscode-tools
	$(VSCODE) && GO="$(GO)" node build/vsix.js $(VSIX)

# The editor extension: alone, and as a package in the workbench of VS Code in a
# Chromium. The workbench is kept in the user's cache folder.
vscode-test: vscode-tools
	$(VSCODE)
	$(GO) build -ldflags='-s -w' -o vscode-extension/node_modules/.unweld ./cmd/unweld
	cd vscode-extension && node build/vsix.js --server node_modules/.unweld --out node_modules/.vsix here
	cd vscode-extension && UNWELD="$$PWD/node_modules/.unweld" VSIX="$$(echo $$PWD/node_modules/.vsix/*.vsix)" npm test --silent

# One table: each figure a ratio taken in one run, beside its bar. Or some lines of it:
# BENCH="-only unix".
bench:
	$(GO) run -tags unweldtools ./internal/bench $(BENCH)

# Each refactoring at places of code that nobody here wrote; what came of it is
# written into docs/campaign.md. With flags, as in CAMPAIGN="-limit 0" for every
# place or CAMPAIGN="-dir ../checkout" for other code, it is printed, or written
# where -write says. What was stopped goes on. How much of such code can be bound
# whole is counted first, for docs/campaign-bindings.md; its flags are in
# CAMPAIGN_BINDINGS, as in CAMPAIGN_BINDINGS="-code std -limit 0".
campaign: campaign-bindings
	$(GO) run -tags unweldtools ./internal/campaign/run $(if $(CAMPAIGN),,-write docs/campaign.md) $(CAMPAIGN)

campaign-bindings:
	$(GO) run -tags unweldtools ./internal/campaign/bindable/run $(if $(CAMPAIGN_BINDINGS),,-write docs/campaign-bindings.md) $(CAMPAIGN_BINDINGS)

# The own tests of packages that nobody prepared, while these run in another process, for
# docs/packages.md. With a flag, as in CAMPAIGN_PACKAGES="-only csv", what came of it is
# printed.
campaign-packages:
	$(GO) run -tags unweldtools ./internal/campaign/hosted/run $(if $(CAMPAIGN_PACKAGES),,-write docs/packages.md) $(CAMPAIGN_PACKAGES)

generate:
	$(GO) generate ./...

lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go' | grep -v /testdata/))" || { gofmt -l $$(git ls-files '*.go' | grep -v /testdata/); exit 1; }
	$(GO) vet -tags unweldtools ./...
	$(GO) vet -tags unweldtest ./bindings/...
	GOOS=windows $(GO) vet ./...
	GOOS=darwin $(GO) vet ./...
	$(GO) build -tags unweldplain ./bindings/...
	$(STATICCHECK) ./...
	$(STATICCHECK) -tags unweldtest ./bindings/...
