# Lapse. "make help" lists what there is.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8080
DATA ?= .local
# Processor of the deployed functions, in SAM's words: arm64 or x86_64. The same as the stack's parameter Architecture.
ARCH ?= arm64

GOARCH_arm64 := arm64
GOARCH_x86_64 := amd64
FUNCTIONS := api intake dispatch delivery verify report
ARCHES ?= arm64 x86_64
# Versions of the Python packages; Go's stand in go.mod, npm's in internal/dynamo/engine.
CFN_LINT := 1.51.0
SAM_TRANSLATOR := 1.115.0
SAM_CLI := 1.170.0
TZDATA := 2026.6
HOLIDAYS := 0.109
# Checks the report's data package.
FRICTIONLESS := 5.19.0
# AWS's DynamoDB Local, the second engine; the version is that of internal/dynamo/engine/dynamodb-local.xml.
DYNAMODB_LOCAL := build/dynamodb-local-2.6.1

# How many seeds "make sim" takes, and from which on.
SEEDS ?= 20000
FROM ?= 1
# How long "make fuzz" stays with each target.
FUZZTIME ?= 30s
# Which packages "make mutants" takes; all of its own if empty.
PKG ?=
# The commit beside which "make house" shows the working tree.
BASE ?= 2e3e975
# How many notices "make soak" loads.
SOAK ?= 1000000

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

# ---- on a laptop ----------------------------------------------------------------------------------------------------

.PHONY: run
run: ## the local stack on 127.0.0.1 [PORT=8080] [DATA=.local] [STORIES=none] [LAPSE_CLOCK=...] [AUTOSWEEP=off] [APPROVALS=principals] [ADVANCE_DAYS=7]
	@mkdir -p build
	@go build -o build/lapse ./internal/cmd/lapse
	@exec build/lapse run --port $(PORT) --data $(DATA) --end-with-parent

.PHONY: test
test: ## every test; needs Go and npm only
	go test -timeout 20m ./...

.PHONY: check
check: fmt vet staticcheck template permissions sizes clients pages race ## everything a change has to pass; needs a C compiler, curl and Python's venv too

.PHONY: sam-test
sam-test: ## build with SAM, run every function in containers; needs Docker, curl and Python's venv too
	@SAM_CLI=$(SAM_CLI) sam/test.sh

# Of the store its suite and a kill -9 of the engine; of the stack a story, a kill -9 of everything, and a run on the
# engine that AWS_ENDPOINT_URL_DYNAMODB names.
SECOND_STORE := TestStoreKeepsTheLawsOfStores$$|TestKilledEngine|TestTheTableIsNamed
SECOND_STACK := TestAnOrderEndsAndTheMailArrives|TestAKilledStack|TestTheStackRunsOnAGivenEngine

.PHONY: second-engine
second-engine: $(DYNAMODB_LOCAL)/engine ## the store's suite, a story and the crash tests on AWS's DynamoDB Local; needs Maven and Java 17 too
	LAPSE_ENGINE=$(CURDIR)/$< go test -count=1 -run '$(SECOND_STORE)' ./internal/dynamo
	LAPSE_ENGINE=$(CURDIR)/$< go test -count=1 -run '$(SECOND_STACK)' ./internal/cmd/lapse

$(DYNAMODB_LOCAL)/engine: internal/dynamo/engine/dynamodb-local.sh internal/dynamo/engine/dynamodb-local.xml
	rm -rf $(@D)
	mvn --quiet --batch-mode --strict-checksums --file internal/dynamo/engine/dynamodb-local.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/$(@D)/lib
	cp $< $@

.PHONY: fmt
fmt: ## fail where gofmt would change something
	@out=$$(gofmt -l events functions internal); [ -z "$$out" ] || { echo "gofmt: $$out"; exit 1; }

.PHONY: vet
vet: ## go vet
	go vet ./...
	go vet -tags budgets,expanded ./internal/lambdatest

.PHONY: staticcheck
staticcheck: ## staticcheck
	go tool staticcheck ./...

.PHONY: race
race: ## every test under the race detector
	CGO_ENABLED=1 go test -race -timeout 20m ./...

.PHONY: template
template: build/venv/cfn-lint-$(CFN_LINT) ## cfn-lint on template.yaml and infra/
	build/venv/bin/cfn-lint template.yaml infra/*.yaml

.PHONY: permissions
permissions: build/venv/cfn-lint-$(CFN_LINT) build/venv/sam-translator-$(SAM_TRANSLATOR) ## expand template.yaml as SAM does; hold the roles against what the functions do
	build/venv/bin/python internal/lambdatest/expand.py template.yaml build/expanded.json
	go test -tags expanded -run TestExpanded ./internal/lambdatest

.PHONY: clients
clients: build/clients/venv/installed build/clients/typescript/installed ## post with generated clients, CloudEvents' SDKs and schemathesis; needs curl, npm and Python's venv [SCHEMATHESIS=90 seconds]
	go build -o build/lapse ./internal/cmd/lapse
	internal/clients/run.sh

.PHONY: pages
pages: build/browser/installed build/browser/frictionless-$(FRICTIONLESS) ## open every page, the report and the letters in Chromium, with axe; check the report's files; needs chromium, npm and Python's venv
	go build -o build/lapse ./internal/cmd/lapse
	internal/browser/run.sh

.PHONY: calls
calls: ## write anew which AWS calls and metrics the functions make (internal/lambdatest/testdata)
	LAPSE_RECORD=1 go test -count=1 ./internal/lambdatest

.PHONY: sizes
sizes: build ## sizes and start-up times of the functions, beside their budgets
	@go test -tags budgets -count=1 -v -run TestBudgets ./internal/lambdatest | grep -v '^=== RUN'

.PHONY: reproducible
reproducible: ## build the functions of this commit in two places, compare the bytes [ARCHES="arm64 x86_64"]
	functions/reproducible.sh $(ARCHES)

.PHONY: interleavings
interleavings: ## every interleaving of one notice, and every mutant; prints how many paths, and by what each died
	SIM_CRASHES=2 SIM_FREEZES=1 SIM_DOUBTS=2 go test -count=1 -timeout 1h -v -run 'TestEvery' ./internal/sim
	SIM_CRASHES=2 SIM_FREEZES=1 SIM_DOUBTS=1 SIM_MADE=no go test -count=1 -timeout 1h -v -run 'TestEveryInterleaving$$' ./internal/sim

.PHONY: sim
sim: $(if $(filter 1,$(FROM)),interleavings) ## simulate runs under faults, after make interleavings [SEEDS=20000] [FROM=1]; another FROM goes on where a run ended
	@mkdir -p build
	go test -c -o build/sim.test ./internal/sim
	@cd internal/sim && SIM_PROGRESS=1 SIM_SEEDS=$(SEEDS) SIM_FROM=$(FROM) ../../build/sim.test -test.run '^TestSeeds$$' -test.v -test.timeout 0

.PHONY: fuzz
fuzz: ## every fuzz target in turn [FUZZTIME=30s]; what one finds it leaves under testdata/fuzz, to be mended and kept
	@for p in $$(grep -rl --include='*_test.go' '^func Fuzz' events functions internal | xargs -n 1 dirname | sort -u); do \
		targets=$$(go test -list '^Fuzz' ./$$p | grep '^Fuzz'); for t in $$targets; do \
			echo "$$p $$t"; go test -run '^$$' -fuzz "^$$t$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x ./$$p; \
		done; \
	done

.PHONY: mutants
mutants: ## break the core packages' lines one at a time; fails where the tests notice less than 0.90 of it [PKG="notice owed"]
	go run ./internal/layering/mutants $(PKG)

.PHONY: house
house: ## how easily the code reads, beside an earlier commit [BASE=2e3e975]
	@go run ./internal/layering/house -base $(BASE)

.PHONY: soak
soak: ## SOAK notices in the engine, dispatchers killed at random: counts what is lost, early or doubled [SOAK=1000000]
	SOAK=$(SOAK) go test -count=1 -timeout 0 -v -run 'TestSoak$$' ./internal/cmd/lapse

.PHONY: bench
bench: engine ## notices a second of the dispatcher, beside the ceiling of the same run; connections of the SDK's clients
	@# One after the other, each in a process of its own: what one has left on the heap would slow the next.
	@for each in Dispatcher Canned Memory; do go test -run '^$$' -bench $$each -benchtime 1x ./internal/cmd/lapse; done
	go test -run '^$$' -bench . -benchtime 1x ./internal/awshttp

# ---- generated and fetched ------------------------------------------------------------------------------------------

.PHONY: engine
engine: ## fetch the DynamoDB engine with npm; run and test do it by themselves
	go test -run '^$$' ./internal/dynamo

.PHONY: docs
docs: ## write docs/state-machine.md, docs/law.md and docs/example-orders.md from the code and the rules
	@mkdir -p build
	go run ./internal/cmd/lapse state-machine > build/state-machine.md
	mv build/state-machine.md docs/state-machine.md
	go test -count=1 -run 'Document|ExampleOrders' ./internal/law -update

.PHONY: picture
picture: ## take the README's picture again; needs chromium
	docs/picture.sh

.PHONY: tzdata
tzdata: | build/venv ## write internal/calendar/tzdata from the PyPI package of that name
	rm -rf build/tzdata
	build/venv/bin/pip download --quiet --no-deps --only-binary :all: --dest build/tzdata tzdata==$(TZDATA)
	go run ./internal/calendar/tzdata/generate build/tzdata/*.whl

.PHONY: holidays
holidays: build/venv/holidays-$(HOLIDAYS) ## write internal/calendar/holidays from the PyPI package of that name
	build/venv/bin/python internal/calendar/holidays/generate/generate.py

build/venv:
	python3 -m venv build/venv

build/venv/cfn-lint-$(CFN_LINT): | build/venv
	build/venv/bin/pip install --quiet cfn-lint==$(CFN_LINT)
	touch $@

build/venv/holidays-$(HOLIDAYS): | build/venv
	build/venv/bin/pip install --quiet holidays==$(HOLIDAYS)
	touch $@

build/venv/sam-translator-$(SAM_TRANSLATOR): | build/venv
	build/venv/bin/pip install --quiet aws-sam-translator==$(SAM_TRANSLATOR)
	touch $@

build/clients/venv/installed: internal/clients/python/requirements.txt
	python3 -m venv build/clients/venv
	build/clients/venv/bin/pip install --quiet --requirement $<
	touch $@

build/clients/typescript/installed: internal/clients/typescript/package.json internal/clients/typescript/package-lock.json
	mkdir -p build/clients/typescript
	cp $^ build/clients/typescript
	npm ci --silent --no-audit --no-fund --prefix build/clients/typescript
	touch $@

build/browser/installed: internal/browser/package.json internal/browser/package-lock.json
	mkdir -p build/browser
	cp $^ build/browser
	npm ci --silent --no-audit --no-fund --prefix build/browser
	touch $@

build/browser/frictionless-$(FRICTIONLESS):
	python3 -m venv build/browser/venv
	build/browser/venv/bin/pip install --quiet frictionless==$(FRICTIONLESS)
	touch $@

# ---- the functions --------------------------------------------------------------------------------------------------

# $(call compile,FUNCTION,ARCH,FOLDER)
define compile
CGO_ENABLED=0 GOOS=linux GOARCH=$(GOARCH_$(2)) go build -buildvcs=false -tags lambda.norpc -trimpath -ldflags "-s -w -buildid=" \
	-o $(3)/bootstrap ./functions/$(1)
endef

.PHONY: build
build: ## the binaries of all functions, for both processors, under build/
	@for arch in $(ARCHES); do for f in $(FUNCTIONS); do \
		mkdir -p build/$$arch/$$f; $(MAKE) binary FUNCTION=$$f ARCH=$$arch ARTIFACTS_DIR=build/$$arch/$$f; \
	done; done

.PHONY: binary
binary:
	$(call compile,$(FUNCTION),$(ARCH),$(ARTIFACTS_DIR))

# "sam build" asks for these, one a function of template.yaml (BuildMethod: makefile).
.PHONY: build-ApiFunction build-IntakeFunction build-DispatchFunction build-DeliveryFunction build-VerifyFunction build-ReportFunction
build-ApiFunction:
	$(call compile,api,$(ARCH),$(ARTIFACTS_DIR))
build-IntakeFunction:
	$(call compile,intake,$(ARCH),$(ARTIFACTS_DIR))
build-DispatchFunction:
	$(call compile,dispatch,$(ARCH),$(ARTIFACTS_DIR))
build-DeliveryFunction:
	$(call compile,delivery,$(ARCH),$(ARTIFACTS_DIR))
build-VerifyFunction:
	$(call compile,verify,$(ARCH),$(ARTIFACTS_DIR))
build-ReportFunction:
	$(call compile,report,$(ARCH),$(ARTIFACTS_DIR))

.PHONY: clean
clean: ## remove build/ and .aws-sam/, which hold everything fetched and built
	rm -rf build .aws-sam
