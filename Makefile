# SPDX-License-Identifier: GPL-2.0-or-later
# Every verb of the project; `make help` lists them. No list to edit: a new .c file is found by itself.

BUILD	?= build
PREFIX	?= /usr/local
SAN	?=
CC	:= $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
VERSION	:= $(shell git describe --always --dirty --tags 2>/dev/null || echo 0.1)

WARN	:= -Wall -Wextra -Werror -Wshadow -Wvla -Wmissing-prototypes -Wstrict-prototypes -Wpointer-arith
CFLAGS	?= -O2 -g
override CFLAGS += -std=gnu11 $(WARN) -I. -I$(BUILD) -D_GNU_SOURCE -pthread -fno-omit-frame-pointer -ffp-contract=off \
	$(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all) $(if $(FUZZ),-fsanitize=fuzzer-no-link)
LDLIBS_pft	  := -lpfm -lurcu-memb -lnuma -lhwloc -luring -llz4 -llzo2 -lzstd -lz -lm
LDLIBS_faultscale := -lpfm -lhwloc -lgsl -lgslcblas -lyaml -ljansson -lsqlite3 -lbpf -ldw -lelf -lm

# A library per folder, so that the include rules of the lint show at link time too.
libs	 := common pft harness analysis
srcs	 = $(filter-out %/main.c %.bpf.c pft/sim/%,$(shell find $(1) -name '*.c' 2>/dev/null | LC_ALL=C sort))
objs	 = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
lib	 = $(patsubst %,$(BUILD)/lib%.a,$(1))
programs := $(BUILD)/pft $(BUILD)/pft-sim $(BUILD)/faultscale
guest_init := $(BUILD)/faultscale-init
units	 := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*.c))
benches	 := $(patsubst %.c,$(BUILD)/%,$(wildcard scripts/bench.d/*.c))
fuzzers	 := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*.c))
.DEFAULT_GOAL := all

Q	:= $(if $(V),,@)
quiet	:= $(V)$(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
say	= $(if $(quiet),@:,@printf '  %-5s %s\n' $(1) $(patsubst $(BUILD)/%,%,$(2)))

.PHONY: all
all: $(programs) $(guest_init) ## build pft, pft-sim and faultscale into build/

$(BUILD)/version.h: FORCE
	$(Q)mkdir -p $(@D); echo '#define FAULTSCALE_VERSION "$(VERSION)"' >$@.tmp; \
	cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@

# Objects and programs are made anew when the compiler or the flags change.
$(BUILD)/flags: FORCE
	$(Q)mkdir -p $(@D); echo '$(CC) $(filter-out -I$(BUILD),$(CFLAGS))' >$@.tmp; cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@

$(BUILD)/obj/%.o: %.c $(BUILD)/flags | $(BUILD)/version.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# What runs in the kernel: clang compiles NAME.bpf.c, bpftool makes it a header that holds the object. Only names
# and kinds of the kernel's structures go in, so what is built here runs on other kernels.
skeletons := $(patsubst %.bpf.c,$(BUILD)/%.skel.h,$(wildcard harness/probes/*.bpf.c))
$(call objs,$(wildcard harness/probes/*.c)): | $(skeletons)

$(BUILD)/%.bpf.o: %.bpf.c
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)clang -O2 -g -target bpf -Wall -Wextra -Werror -Wno-unused-parameter -I. \
		-I/usr/include/$(shell gcc -print-multiarch) -MMD -MP -c -o $@ $<

$(BUILD)/%.skel.h: $(BUILD)/%.bpf.o
	$(Q)PATH=$$PATH:/usr/sbin bpftool gen object $(BUILD)/$*.linked.o $<
	$(Q)PATH=$$PATH:/usr/sbin bpftool gen skeleton $(BUILD)/$*.linked.o name $(notdir $*)_bpf >$@.tmp
	$(Q)mv $@.tmp $@

define library
$(BUILD)/lib$(1).a: $(call objs,$(call srcs,$(1)))
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@; ar rcs $$@ $$^
endef
$(foreach l,$(libs),$(eval $(call library,$(l))))

# The same sources against the simulator's arch.h; what meets the machine itself is in files named *_native,
# and in the workloads and counters of the kernel.
sim_folders := base compress locks zswap mm sim
sim_srcs := $(filter-out %_native.c,$(wildcard pft/*.c $(sim_folders:%=pft/%/*.c) pft/workloads/engine*.c \
	$(addprefix pft/counters/,counter.c counter_table.c counters.c counters_emit.c null.c rusage.c)))

$(BUILD)/obj-sim/%.o: %.c $(BUILD)/flags | $(BUILD)/version.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -DARCH_SIM -MMD -MP -c -o $@ $<

$(BUILD)/libpft-sim.a: $(patsubst %.c,$(BUILD)/obj-sim/%.o,$(filter-out pft/main.c,$(sim_srcs)))
	$(call say,AR,$@)
	$(Q)rm -f $@; ar rcs $@ $^

$(BUILD)/pft-sim: $(BUILD)/obj-sim/pft/main.o $(BUILD)/libpft-sim.a $(call lib,common)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS_pft)

$(BUILD)/pft: $(BUILD)/obj/pft/main.o $(call lib,pft common)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS_pft)

$(BUILD)/faultscale: $(BUILD)/obj/faultscale.o $(call lib,harness analysis common)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS_faultscale)

# The first program of a guest. A sanitizer's library is shared; else it needs nothing but the kernel.
$(guest_init): $(BUILD)/obj/harness/guest/init/main.o $(call lib,harness common)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(if $(SAN),,-static) -o $@ $^

# tests/unit/pft_*.c test pft's own code, the others the rest: the two programs may use a name twice.
$(BUILD)/tests/unit/pft_%: $(BUILD)/obj/tests/unit/pft_%.o $(call lib,pft common)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS_pft)

# tests/unit/sim_*.c test the simulator.
$(BUILD)/tests/unit/sim_%: $(BUILD)/obj-sim/tests/unit/sim_%.o $(BUILD)/libpft-sim.a $(call lib,common)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS_pft)

# It compares layouts with the running kernel's.
$(BUILD)/tests/unit/pft_layout: LDLIBS_pft += -lbpf

$(BUILD)/tests/unit/%: $(BUILD)/obj/tests/unit/%.o $(call lib,harness analysis common)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS_faultscale)

# Fuzz targets are ordinary programs that replay the files named to them; `make fuzz` lets libFuzzer drive.
$(BUILD)/tests/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(if $(FUZZ),,$(BUILD)/obj/tests/fuzz/replay/main.o) \
		$(call lib,harness analysis common)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(if $(FUZZ),-fsanitize=fuzzer) $(LDFLAGS) -o $@ $^ $(LDLIBS_faultscale)

# tests/fuzz/engine_*.c fuzz pft's own code.
$(BUILD)/tests/fuzz/engine_%: $(BUILD)/obj/tests/fuzz/engine_%.o $(if $(FUZZ),,$(BUILD)/obj/tests/fuzz/replay/main.o) \
		$(call lib,pft common)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(if $(FUZZ),-fsanitize=fuzzer) $(LDFLAGS) -o $@ $^ $(LDLIBS_pft)

# What scripts/bench.d/NAME.sh times inside the engine is scripts/bench.d/NAME.c.
$(BUILD)/scripts/bench.d/%: $(BUILD)/obj/scripts/bench.d/%.o $(call lib,pft common)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS_pft)

.PHONY: deps deps-run
deps: ## install every package of packages.txt that is missing
	$(Q)scripts/deps run check guest
deps-run:
	$(Q)scripts/deps run

.PHONY: run
run: deps-run ## a smoke sweep of the kernel's page faults under two plans, and their comparison
	$(Q)$(MAKE) --no-print-directory $(BUILD)/pft $(BUILD)/faultscale # the simulator is not needed
	$(Q)BUILD=$(BUILD) scripts/smoke

.PHONY: check
check: deps ## every test; closes with 'N passed, N failed, N skipped'
	$(Q)$(MAKE) --no-print-directory all tests
	$(Q)BUILD=$(BUILD) tests/run

.PHONY: check-guest
check-guest: ## the tests in emulated machines alone, and those on an arm64 machine with a PMU
	$(Q)scripts/deps run check guest guest-full arm64
	$(Q)$(MAKE) --no-print-directory all
	$(Q)BUILD=$(BUILD) TEST_TIMEOUT=900 TEST_JOBS=2 tests/run guest/

.PHONY: tests tests-fuzz
tests: $(units) $(fuzzers)
tests-fuzz: $(fuzzers)

.PHONY: stress
stress: all tests ## the longer runs of tests/stress; STRESS=N times as long as the units
	$(Q)BUILD=$(BUILD) STRESS=$${STRESS:-10} tests/run stress/

EXPLORE	?= 20000
.PHONY: explore
explore: $(BUILD)/pft-sim ## EXPLORE=N schedules of each lock design (20000): pft-sim --explore
	$(Q)$(BUILD)/pft-sim --explore $(EXPLORE)

.PHONY: bench
bench: all $(benches) ## speed, as ratios and medians of interleaved repeats in one run
	$(Q)BUILD=$(BUILD) scripts/bench

.PHONY: lint
lint: ## house rules: includes, sizes, headers alone, banned functions, texts
	$(Q)BUILD=$(BUILD) tests/run lint

.PHONY: sanitize
sanitize: ## the units and CLI tests under ASan+UBSan and TSan, and a clang build
	$(Q)scripts/sanitize

.PHONY: fuzz
fuzz: ## drive the fuzz targets with libFuzzer, FUZZ_TIME seconds each (30)
	$(Q)scripts/fuzz

.PHONY: install
install: all ## install into DESTDIR/PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/faultscale/configs/machines \
		$(DESTDIR)$(PREFIX)/libexec/faultscale
	install -m 755 $(programs) $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(guest_init) $(DESTDIR)$(PREFIX)/libexec/faultscale
	install -m 644 $(wildcard docs/man/*.1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(wildcard docs/man/*.5) $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 $(filter-out configs/machines,$(wildcard configs/*)) $(DESTDIR)$(PREFIX)/share/faultscale/configs
	install -m 644 $(wildcard configs/machines/*) $(DESTDIR)$(PREFIX)/share/faultscale/configs/machines

.PHONY: clean
clean: ## remove build/
	rm -rf $(BUILD)

.PHONY: help
help: ## this list
	$(Q)sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1	\2/p' Makefile | expand -t 14

# Keep every object: nothing here is worth compiling twice.
.SECONDARY:

.PHONY: FORCE
FORCE:

-include $(shell find $(BUILD) -type f -name '*.d' 2>/dev/null)
