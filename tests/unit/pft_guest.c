/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which virtio devices mean that free pages go back to the host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pft/guest.h"

static char dir[] = "/tmp/pft_guest.XXXXXX";

static void put(const char *file, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/virtio0/%s", dir, file);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "%s\n", text);
	fclose(f);
}

/* 64 features, of which only bit @bit is set. */
static const char *features(int bit)
{
	static char text[65];

	memset(text, '0', 64);
	text[bit] = '1';
	return text;
}

static void test_guest(void **state)
{
	(void)state;
	assert_false(guest_reports_free_pages("/no/such/directory"));
	assert_false(guest_reports_free_pages(dir));
	put("device", "0x0005");
	put("features", features(5));
	assert_true(guest_reports_free_pages(dir));
	put("features", features(4));
	assert_false(guest_reports_free_pages(dir));
	put("features", "00000");
	assert_false(guest_reports_free_pages(dir));
	put("device", "0x0001");
	put("features", features(5));
	assert_false(guest_reports_free_pages(dir));
}

static int set_up(void **state)
{
	char path[128];

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/virtio0", dir);
	return mkdir(path, 0700);
}

static int tear_down(void **state)
{
	static const char *const names[] = {"virtio0/device", "virtio0/features", "virtio0", ""};
	char path[128];

	(void)state;
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		remove(path);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_guest)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
