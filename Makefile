# SPDX-License-Identifier: GPL-2.0-or-later
# A thin front door; meson builds.
PREFIX ?= /usr/local
DESTDIR ?=

all: build/build.ninja
	ninja -C build
build/build.ninja:
	@tools/setup
	meson setup build --prefix=$(PREFIX)
demo:
	@tests/lab/demo
test:
	@tools/test
install: build/build.ninja
	meson configure build --prefix=$(PREFIX)
	ninja -C build
	DESTDIR=$(DESTDIR) meson install -C build --no-rebuild
lint:
	@tools/lint
format:
	@tools/check-format --fix
fuzz:
	@tests/fuzz/run
abuse:
	@tools/abuse
bench:
	@tests/bench/run
	@tests/bench/run-rules
	@tests/bench/run-watch
clean:
	rm -rf build build-asan build-fuzz

.PHONY: all demo test install lint format fuzz abuse bench clean
